"""Lessons on multi-task learning: documents whose numbers and figures are computed from bundled studies."""
