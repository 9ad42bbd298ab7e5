"""What layouts show: forms on Train."""
