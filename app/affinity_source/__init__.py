"""Where the affinities of Affinity and Branching come from."""
