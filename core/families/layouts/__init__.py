"""Layouts of shared blocks: two-task table, predictions, trained layouts (Tree-Structured Multi-Task Recommender)."""
