"""The parts of the page Virtual networks."""
