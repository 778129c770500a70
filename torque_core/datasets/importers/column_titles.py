"""Titles of columns, compared by their words, and the titles of classes and names."""

import re
from collections.abc import Sequence

__all__ = ["CLASS_TITLES", "NAME_TITLES", "first_titled", "is_class_title", "is_name_title", "title_words"]

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_]+")
_MAX_LENGTH = 100
NAME_TITLES = ("name", "title")
"""Titles of columns that contain the names of the nodes, in order of precedence."""
CLASS_TITLES = (
    "class", "y", "label", "labels", "classes", "category", "group", "club", "community", "modularity class",
    "node class", "node label", "class label", "class name", "ground truth", "cluster", "cluster id", "community id",
    "group id", "target", "topic",
)  # fmt: skip
"""Titles of columns that contain the classes of the nodes, as words, in order of precedence."""
_CLASS_TITLES = frozenset(CLASS_TITLES)


def title_words(title: str) -> tuple[str, ...]:
    """Split a title into words and numbers in lower case, however it separates them.

    Example:
        >>> title_words("FromNodeId"), title_words("node_1"), title_words(":START_ID"), title_words("Node A")
        (('from', 'node', 'id'), ('node', '1'), ('start', 'id'), ('node', 'a'))
    """
    return tuple(word.lower() for word in _WORD.findall(title[:_MAX_LENGTH]))


def is_class_title(title: str) -> bool:
    """Return True for a title in :data:`CLASS_TITLES`, in any spelling.

    Example:
        >>> is_class_title("Modularity_Class"), is_class_title("age")
        (True, False)
    """
    return _joined(title) in _CLASS_TITLES


def is_name_title(title: str) -> bool:
    """Return True for a title in :data:`NAME_TITLES`."""
    return title.lower() in NAME_TITLES


def first_titled(columns: Sequence[str], titles: Sequence[str]) -> list[str]:
    """Return the columns with one of the titles, in any spelling, in the order of the titles.

    Example:
        >>> first_titled(["age", "Group", "CLASS"], CLASS_TITLES)
        ['CLASS', 'Group']
    """
    by_title: dict[str, str] = {}
    for column in columns:
        by_title.setdefault(_joined(column), column)
    return [by_title[title] for title in titles if title in by_title]


def _joined(title: str) -> str:
    return " ".join(title_words(title))
