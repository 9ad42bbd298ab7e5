"""What was asked and what was measured, kept in a database."""
