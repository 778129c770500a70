"""Reports on stored results: tables, Markdown and HTML."""

__all__: list[str] = []
