"""Pages of rivals."""
