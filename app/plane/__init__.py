"""Predicted and measured layouts as points of cost and gain."""
