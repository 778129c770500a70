"""Training loop for plain and rewired models."""
