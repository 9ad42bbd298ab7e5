"""What each family of networks shows on Train, Overview and its own page."""
