"""What one setting is: its title, its default and its values as text; and the kinds of settings there are."""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

__all__ = ["BETWEEN", "Setting", "ids", "names", "number", "one_of", "positive", "text"]

BETWEEN = "~"
"""Between the names of a list in a link."""


@dataclass(frozen=True)
class Setting:
    """One key: what it means, its default, and a test of a value that a link brings, as text."""

    title: str
    default: object
    allows: Callable[[str], bool]
    choices: str
    stays: bool = False
    """Whether undo, redo and session files leave it alone: it belongs to the address or the server, not to the view."""


def one_of(title: str, default: str, choices: Iterable[str]) -> Setting:
    """One of a few names."""
    allowed = tuple(choices)
    return Setting(title, default, lambda said: said in allowed, f"one of {', '.join(allowed)}")


def number(title: str, default: float, low: float, high: float) -> Setting:
    """A number, whole if the default is."""

    def allows(said: str) -> bool:
        value = _float(said)
        return low <= value <= high and (isinstance(default, float) or value.is_integer())

    return Setting(title, default, allows, f"a number from {low:g} to {high:g}")


def positive(title: str) -> Setting:
    """A positive number as text; empty if there is none."""
    return Setting(title, "", lambda said: 0 < _float(said) < math.inf and _is_short(said, 40), "a positive number")


def text(title: str) -> Setting:
    """A short text."""
    return Setting(title, "", lambda said: _is_short(said, 100), "a name of at most 100 letters")


def names(title: str, choices: str, allows: Callable[[str], bool], *, most: int = 100) -> Setting:
    """Some names, each of them allowed."""

    def all_allowed(said: str) -> bool:
        parts = said.split(BETWEEN)
        return _is_short(said, 2_000) and len(parts) <= most and all(map(allows, parts))

    return Setting(title, (), all_allowed, f"{choices} with {BETWEEN} between them")


def ids(title: str, most: int) -> Setting:
    """Nodes, such as 17, and edges, such as 4-9, the smaller end first."""

    def allows(said: str) -> bool:
        parts = said.split(BETWEEN)
        return len(parts) <= most and all(map(_is_id, parts))

    return Setting(
        title, (), allows, f"at most {most:,} nodes, such as 17, and edges, such as 4-9, with {BETWEEN} between them"
    )


def _float(said: str) -> float:
    """The number that a text says; of another text, nan, which is in no range."""
    try:
        return float(said)
    except ValueError:
        return math.nan


def _is_short(said: str, most: int) -> bool:
    return said.isprintable() and len(said) <= most


def _is_id(said: str) -> bool:
    ends = re.fullmatch(r"(0|[1-9][0-9]{0,7})(?:-([1-9][0-9]{0,7}))?", said)
    return ends is not None and (ends[2] is None or int(ends[1]) < int(ends[2]))
