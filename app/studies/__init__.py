"""The parts of the Studies page, by the names that the control shows and the address holds."""

SECTIONS = SHELF, CREATE, ENGINE, CLEANING = ("On disk", "Create a study", "Engine", "Clean up")
