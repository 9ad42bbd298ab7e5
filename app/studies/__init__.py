"""The parts of the Studies page."""

# Code in the URL → label.
ON_DISK, CREATE, ENGINE, CLEANING = "disk", "create", "engine", "cleanup"
SECTIONS = {ON_DISK: "On disk", CREATE: "Create a study", ENGINE: "Engine", CLEANING: "Clean up"}
SECTION = "studies_section"
