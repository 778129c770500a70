"""Limits on the size of imported files and on the time to read them, enforced before memory is allocated."""

import time
from dataclasses import dataclass

from torque_core.errors import BadFile

__all__ = ["ImportLimits", "LimitChecker"]

_UNITS = {
    "line": "characters in a line",
    "text": "characters in an id, a name or a class",
    "depth": "levels of nesting",
    "megabytes": "MB, or eight times as many unpacked",
}


@dataclass(frozen=True)
class ImportLimits:
    """Upper limits for imported files.

    Attributes:
        megabytes: Total size of all files in MB; an unpacked archive may be eight times as large.
        nodes: Number of nodes.
        edges: Number of edges as listed in the file.
        columns: Number of node attributes, features included.
        cells: Number of node attribute values in a text file.
        numbers: Number of feature values, :math:`|\\mathcal{V}| F`.
        classes: Number of classes.
        line: Number of characters in a line.
        text: Number of characters in an id, a name or a class.
        depth: Nesting depth of a text file.
        seconds: Time to read all files and build the graph.
    """

    megabytes: int = 50
    nodes: int = 200_000
    edges: int = 2_000_000
    columns: int = 20_000
    cells: int = 4_000_000
    numbers: int = 50_000_000
    classes: int = 200
    line: int = 1_000_000
    text: int = 200
    depth: int = 100
    seconds: float = 60.0


class LimitChecker:
    """Check one file against the limits while it is read.

    Args:
        file: The name of the file.
        limits: The limits.
        deadline: The time, by ``time.monotonic``, at which reading is aborted; by default ``limits.seconds`` from now.

    Attributes:
        unit: The noun that error messages use for a position in the file, such as ``"line"``.
        unpacked: Bytes that were unpacked from a compressed file.

    Example:
        >>> LimitChecker("a.csv", ImportLimits(nodes=2)).check(nodes=3)
        Traceback (most recent call last):
        ...
        torque_core.errors.BadFile: a.csv: more than 2 nodes, which is the limit
    """

    def __init__(self, file: str, limits: ImportLimits, *, deadline: float | None = None) -> None:
        self.file = file
        self.limits = limits
        self.unit = "line"
        self.unpacked = 0
        self.deadline = time.monotonic() + limits.seconds if deadline is None else deadline

    def check(self, **counts: int) -> None:
        """Raise :class:`BadFile` if a count exceeds the limit of that name, or if the time has run out."""
        for name, count in counts.items():
            limit = getattr(self.limits, name)
            if count > limit:
                raise BadFile(f"{self.file}: more than {limit:,} {_UNITS.get(name, name)}, which is the limit")
        if time.monotonic() > self.deadline:
            raise BadFile(
                f"{self.file}: not read within {self.limits.seconds:g} seconds, which is the limit; try a smaller file"
            )

    def error(self, message: str, *, line: int | None = None) -> BadFile:
        """Create an error for this file, optionally with a position counted in :attr:`unit`."""
        position = self.file if line is None else f"{self.file}, {self.unit} {line:,}"
        return BadFile(f"{position}: {message}")
