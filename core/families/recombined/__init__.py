"""Recombined networks and compared features: similarity of tasks (Branched Multi-Task Networks)."""
