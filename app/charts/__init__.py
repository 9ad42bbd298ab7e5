"""Pure drawings: core values in, a figure or an SVG text out."""
