"""Figures for a paper: what they show, drawn as SVG, PDF and PNG when they are downloaded."""
