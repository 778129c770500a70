"""Training runs of the server: scheduling, registry and files."""
