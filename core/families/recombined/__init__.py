"""Recombined networks and compared features: how alike tasks are (Branched Multi-Task Networks)."""
