"""Deep virtual networks: every task has its own order of the units of one network, and every prefix works."""
