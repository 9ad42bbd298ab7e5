"""Pages of multi-path networks."""
