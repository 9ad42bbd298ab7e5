"""Hybrids: trees of shared blocks whose tasks may leave before the last block."""
