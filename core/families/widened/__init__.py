"""Layouts on a backbone of another width: what more or fewer channels gain, beside branching."""
