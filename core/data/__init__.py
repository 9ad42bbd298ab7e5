"""Data sets with several tasks each. Knows no torch, so that pages can show them."""
