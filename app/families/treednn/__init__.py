"""What a TreeDNN shows."""
