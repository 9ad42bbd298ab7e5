"""What a run is: its base class, its label and its result."""
