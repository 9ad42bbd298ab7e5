"""The parts of the Storage page."""
