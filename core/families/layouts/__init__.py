"""Layouts: the two-task table, trained layouts, predictions (Tree-Structured Multi-Task Model Recommender)."""
