"""The parts of the Studies page."""

# Code in the address → label.
SHELF, CREATE, ENGINE, CLEANING = "disk", "create", "engine", "cleanup"
SECTIONS = {SHELF: "On disk", CREATE: "Create a study", ENGINE: "Engine", CLEANING: "Clean up"}
SECTION = "studies_section"
