"""What a run is: its base class, its label and its result. Kinds of run live with their families."""
