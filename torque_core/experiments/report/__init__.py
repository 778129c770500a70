"""Reports on stored results: tables, Markdown and HTML."""
