"""Adversarial attacks on graph structure."""
