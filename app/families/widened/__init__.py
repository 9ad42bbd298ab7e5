"""Layouts of another width on pages."""
