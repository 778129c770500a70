"""Suggestions for misspelt names."""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["did_you_mean"]


def did_you_mean(name: object, known: Iterable[object]) -> str:
    """Return the end of an error message that suggests the most similar of the known names; empty if none is similar.

    Example:
        >>> did_you_mean("cara", ["karate", "cora"])
        "; did you mean 'cora'?"
        >>> did_you_mean("cara", ["texas"])
        ''
    """
    by_lower_case = {str(other).lower(): str(other) for other in known}
    similar = get_close_matches(str(name).lower(), by_lower_case, n=1)
    return f"; did you mean {by_lower_case[similar[0]]!r}?" if similar else ""
