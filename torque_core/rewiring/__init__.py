"""Torque-based rewiring: cut rules, additions, the layer-by-layer procedure and its record."""
