"""The parts of the Overview page."""

# Code in the address → label.
SHARE, OWN = "share", "own"
SECTIONS = {SHARE: "Recommendation", OWN: "Your own case"}
SECTION = "overview_section"
