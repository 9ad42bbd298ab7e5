"""What recombined networks and compared features show."""
