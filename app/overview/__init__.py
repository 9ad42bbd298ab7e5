"""The parts of the Overview page, by the names that the control shows and the address holds."""

PARTS = SHARE, OWN = ("What to share", "Your own case")
