"""The documentation: templates, and the programs that render them."""
