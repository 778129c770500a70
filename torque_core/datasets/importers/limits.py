"""How large and how slow a file may be: enforced before memory is taken."""

import time
from dataclasses import dataclass

from torque_core.errors import BadFile

__all__ = ["Budget", "ImportLimits"]


@dataclass(frozen=True)
class ImportLimits:
    """The most that is taken from a person's files.

    Attributes:
        megabytes: Of all files together, and of a compressed one also when it is unpacked, times eight.
        nodes: Nodes.
        links: Links, as the file counts them.
        columns: What is said of each node, features included.
        cells: Values of nodes in a file of text.
        numbers: Features in all, :math:`|\\mathcal{V}| F`.
        classes: Classes.
        line: Characters in a line.
        text: Characters of an id, a name, or a class.
        depth: How deep a file of text can be nested.
        seconds: From the first byte to the graph.
    """

    megabytes: int = 50
    nodes: int = 200_000
    links: int = 2_000_000
    columns: int = 20_000
    cells: int = 4_000_000
    numbers: int = 50_000_000
    classes: int = 200
    line: int = 1_000_000
    text: int = 200
    depth: int = 100
    seconds: float = 60.0


class Budget:
    """What is left of the limits while one file is read.

    Example:
        >>> Budget("a.csv", ImportLimits(nodes=2)).allow(nodes=3)
        Traceback (most recent call last):
        ...
        torque_core.errors.BadFile: a.csv: more than 2 nodes, which is the limit
    """

    def __init__(self, file: str, limits: ImportLimits, *, end: float | None = None) -> None:
        self.file = file
        self.limits = limits
        self.unit = "line"
        self.unpacked = 0  # bytes, of a compressed file
        self.end = time.monotonic() + limits.seconds if end is None else end

    def allow(self, **counts: int) -> None:
        """Go on only if there are no more of anything than its limit, and time is left."""
        for name, count in counts.items():
            most = getattr(self.limits, name)
            if count > most:
                unit = {"line": "characters in a line", "text": "characters in an id, a name or a class",
                        "depth": "levels, one within the other",
                        "megabytes": "MB, or eight times as many unpacked"}.get(name, name)  # fmt: skip
                raise BadFile(f"{self.file}: more than {most:,} {unit}, which is the limit")
        if time.monotonic() > self.end:
            raise BadFile(
                f"{self.file}: not read within {self.limits.seconds:g} seconds, which is the limit; try a smaller file"
            )

    def bad(self, said: str, *, line: int | None = None) -> BadFile:
        """An error of this file, in a line, or in whatever ``unit`` counts."""
        where = self.file if line is None else f"{self.file}, {self.unit} {line:,}"
        return BadFile(f"{where}: {said}")
