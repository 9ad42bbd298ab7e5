"""Pages of layouts: the train form."""
