"""The Learn page: the list of lessons, one lesson step by step, its notes for teachers."""
