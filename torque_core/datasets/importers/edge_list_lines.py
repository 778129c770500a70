"""Lines of text tables that no CSV parser reads as they are meant: edge lists of NetworkX, and markers in quotes."""

import re
from collections.abc import Iterable, Iterator

from torque_core.datasets.importers.cell_values import MISSING_MARKERS, MISSING_SYMBOLS

__all__ = ["QUOTED", "EdgeListLines", "mark_quoted"]

QUOTED = "\ue000"
"""Precedes a marker of missing values that is quoted in the file, and therefore text."""
_MARKERS = "|".join(map(re.escape, sorted(MISSING_MARKERS | MISSING_SYMBOLS)))
_QUOTED_MARKER = {
    separator: re.compile(rf'(^|{re.escape(separator)})( ?)"({_MARKERS})"(?=\s*({re.escape(separator)}|$))')
    for separator in "\t;,| "
}
_ATTRIBUTES = re.compile(r"[\s,;]\{.*\}\s*$")
_ATTRIBUTE_NAME = re.compile(r"['\"]([^'\"]{1,40})['\"]\s*:")
_TUPLES = re.compile(r"(\([^()]*\))\s+(\([^()]*\))(.*)", re.DOTALL)


def mark_quoted(line: str, separator: str) -> str:
    """Insert :data:`QUOTED` into cells such as ``"NA"``, so that they differ from NA without quotes.

    Example:
        >>> mark_quoted('a,"NA",NA', ",") == f'a,"{QUOTED}NA",NA'
        True
    """
    return _QUOTED_MARKER[separator].sub(rf'\1\2"{QUOTED}\3"', line) if '"' in line else line


class EdgeListLines:
    """Lines of an edge list without the attributes that NetworkX writes as a dictionary at the end of each line.

    Nodes that are tuples, such as the places of a grid, are quoted.

    Args:
        first: The first line of the table.

    Attributes:
        attributes: Names of the attributes.

    Example:
        >>> lines = EdgeListLines("(0, 1) (0, 2) {'weight': 3, 'kind': 'a'}")
        >>> list(lines(["(0, 1) (0, 2) {'weight': 3, 'kind': 'a'}"])), sorted(lines.attributes)
        (['"(0, 1)" "(0, 2)"'], ['kind', 'weight'])
    """

    def __init__(self, first: str) -> None:
        self.attributes: set[str] = set()
        self._has_attributes = _attributes(first) is not None
        self._has_tuples = _TUPLES.match(first) is not None

    def __call__(self, lines: Iterable[str]) -> Iterator[str]:
        """Yield the lines without attributes."""
        if not (self._has_attributes or self._has_tuples):
            return iter(lines)
        return map(self._line, lines)

    def _line(self, line: str) -> str:
        if self._has_attributes and (match := _attributes(line)):
            if len(self.attributes) < 100:
                self.attributes.update(_ATTRIBUTE_NAME.findall(match.group()))
            line = line[: match.start()].rstrip()
        if self._has_tuples and (match := _TUPLES.match(line)):
            first, second, rest = match.groups()
            line = f'"{first}" "{second}"{rest}'
        return line


def _attributes(line: str) -> re.Match[str] | None:
    # the check of the end keeps the search linear in the length of the line
    return _ATTRIBUTES.search(line) if line.rstrip().endswith("}") else None
