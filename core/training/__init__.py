"""Run a training. Imports torch: nothing the dashboard reaches may import this."""
