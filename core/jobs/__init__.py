"""Asking for runs, dispatching them to workers, watching and stopping them. Knows no torch."""
