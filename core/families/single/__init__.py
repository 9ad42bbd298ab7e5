"""Networks that other runs start from or are compared with: of one task, or of some tasks in one tree."""
