"""Single-task networks and all other plain networks: what others start from or are compared with."""
