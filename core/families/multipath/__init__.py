"""Multi-path networks: one network with nested exits, where each task leaves as early as it can."""
