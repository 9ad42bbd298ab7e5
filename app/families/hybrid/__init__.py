"""What pages show of hybrids."""
