"""Networks that share layers. Imports torch: nothing the dashboard reaches may import this."""
