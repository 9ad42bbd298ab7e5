"""TreeDNN: one trunk, a branch for each data set."""
