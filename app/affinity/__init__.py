"""Parts of the Affinity page, and what it shares with the Branching page."""
