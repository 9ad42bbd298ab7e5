"""Measured latency on pages."""
