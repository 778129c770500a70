"""Rewiring methods by name, and how to compare them on one graph."""
