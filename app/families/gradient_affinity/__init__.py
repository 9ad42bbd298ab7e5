"""Pages of gradient affinity."""
