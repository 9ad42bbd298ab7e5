"""Measured load and switch times of deployed networks."""
