"""The kinds of experiments that a study can run."""

__all__: list[str] = []
