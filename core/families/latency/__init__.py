"""Latency of a study's networks: blocks of all families, timed in turns on one machine."""
