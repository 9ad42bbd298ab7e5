"""Gradient affinity: what a step of one task does to the losses of the others while all blocks are shared."""
