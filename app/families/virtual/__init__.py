"""Pages of deep virtual networks."""
