"""The lesson of the page Learn."""
