"""The parts of the Branching page."""
