"""Pages of recombined networks and compared features."""
