"""What plain networks show."""
