"""What the pages show, computed from a study without any drawing."""
