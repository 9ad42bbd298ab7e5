"""Drawings of the parts of a figure with Matplotlib; imported only when a figure is downloaded."""
