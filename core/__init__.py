"""The theory and the machinery of deciding what to share. Knows no browser."""
