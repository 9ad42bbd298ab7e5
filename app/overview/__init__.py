"""The parts of the Overview page, by the names that the control shows and the address holds."""

PARTS = SHARE, FILES, OWN = ("What to share", "Import and export", "Your own case")
