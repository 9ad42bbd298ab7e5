"""Pages of TreeDNN."""
