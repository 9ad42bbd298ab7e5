"""What measured switching shows."""
