"""The plane of cost and gain, on which networks of all families are compared."""
