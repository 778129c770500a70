"""Limits on the size of imported files and on the time to read them, enforced before memory is allocated."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from torque_core.errors import BadFile
from torque_core.utils.text import visible

__all__ = ["Clock", "ImportLimits", "LimitChecker", "join_names", "shorten"]

_CHECKPOINT_SECONDS = 0.2

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
        files: Number of files.
        megabytes: Total size of all files in MB; an unpacked archive may be eight times as large.
        expansion: Factor by which an archive of more than 64 MB unpacked may exceed the size of its file.
        nodes: Number of nodes.
        edges: Number of edges as listed in the file.
        columns: Number of node attributes, features included.
        cells: Number of node attribute values in a text file, including missing ones: nodes times attributes.
        numbers: Number of feature values, :math:`|\\mathcal{V}| F`.
        classes: Number of classes.
        line: Number of characters in a line.
        text: Number of characters in an id, a name or a class.
        depth: Nesting depth of a text file.
        seconds: Time to read all files and build the graph.
    """

    files: int = 50
    megabytes: int = 50
    expansion: int = 300
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


class Clock:
    """Time limit of one import, shared by all of its files.

    Args:
        seconds: The limit, counted from now.
        checkpoint: Called about five times a second while files are read. It may raise any exception to abort the
            import.

    Attributes:
        interruption: The exception that ``checkpoint`` raised.
    """

    def __init__(self, seconds: float, checkpoint: Callable[[], object] | None = None) -> None:
        self.seconds = seconds
        self.interruption: Exception | None = None
        self._checkpoint = checkpoint
        self._deadline = time.monotonic() + seconds
        self._next_checkpoint = 0.0

    def is_over(self) -> bool:
        """Call the checkpoint if it is due, and return whether the time has run out."""
        now = time.monotonic()
        if self._checkpoint is not None and now >= self._next_checkpoint:
            try:
                self._checkpoint()
            except Exception as error:
                self.interruption = error
                raise
            self._next_checkpoint = time.monotonic() + _CHECKPOINT_SECONDS
        return now > self._deadline


class LimitChecker:
    """Check one file against the limits while it is read.

    Args:
        file: The name of the file.
        limits: The limits.
        clock: The time limit; by default ``limits.seconds`` from now.

    Attributes:
        unit: The noun that error messages use for a position in the file, such as ``"line"``.

    Example:
        >>> LimitChecker("a.csv", ImportLimits(nodes=2)).check(nodes=3)
        Traceback (most recent call last):
        ...
        torque_core.errors.BadFile: a.csv: more than 2 nodes, which is the limit
    """

    def __init__(self, file: str, limits: ImportLimits, *, clock: Clock | None = None) -> None:
        self.file = shorten(file)
        self.limits = limits
        self.unit = "line"
        self.clock = clock or Clock(limits.seconds)

    def check(self, **counts: int) -> None:
        """Raise :class:`BadFile` if a count exceeds the limit of that name, or if the time has run out."""
        for name, count in counts.items():
            limit = getattr(self.limits, name)
            if count > limit:
                raise BadFile(f"{self.file}: more than {limit:,} {_UNITS.get(name, name)}, which is the limit")
        if self.clock.is_over():
            raise BadFile(
                f"{self.file}: not read within {self.clock.seconds:g} seconds, which is the limit; try a smaller file"
            )

    def error(self, message: str, *, line: int | None = None) -> BadFile:
        """Create an error for this file, optionally with a position counted in :attr:`unit`."""
        position = self.file if line is None else f"{self.file}, {self.unit} {line:,}"
        return BadFile(shorten(f"{position}: {message}", 1000))


def shorten(text: str, length: int = 200) -> str:
    """Cut a text that is quoted from a file to a length, and escape what cannot be seen, see :func:`visible`.

    Example:
        >>> shorten("a very long name", 8), shorten("half of a pair: \\ud800")
        ('a very …', 'half of a pair: \\\\ud800')
    """
    return visible(text if len(text) <= length else f"{text[: length - 1]}…")


def join_names(names: Iterable[str], count: int = 8) -> str:
    """Join the first names, shortened, with commas.

    Example:
        >>> join_names(["height", "age", "club"], count=2)
        'height, age'
    """
    return shorten(", ".join(shorten(name) for name in islice(names, count)), 400)
