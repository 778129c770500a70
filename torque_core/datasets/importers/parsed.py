"""What a file says of nodes and links, before it becomes a graph."""

import math
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from torque_core.datasets.importers.limits import Budget
from torque_core.errors import BadFile

__all__ = ["CLASS_NAMES", "NAME_NAMES", "Parsed"]

CLASS_NAMES = (
    "class", "y", "label", "labels", "classes", "category", "group", "club", "community", "modularity_class",
    "modularity class",
)  # fmt: skip
"""Under such a name a column holds the classes; the first that is there."""
NAME_NAMES = ("name", "title")
_TEXTS = frozenset((*CLASS_NAMES, *NAME_NAMES))
_LARGEST = float(np.finfo(np.float32).max)
_TRUTHS = {"true": 1.0, "false": 0.0}

Cell = str | float | None
if TYPE_CHECKING:
    Places = array[int]
else:
    Places = array  # takes no type argument at run time before Python 3.12


@dataclass
class Parsed:
    """Nodes by id, their columns, and links by place of their ends."""

    budget: Budget
    ids: dict[str, int] = field(default_factory=dict)
    """Each node's place."""
    columns: dict[str, list[Cell]] = field(default_factory=dict)
    """What is said of the nodes: numbers, or text; shorter than the nodes where the last are silent."""
    no_number: dict[str, BadFile] = field(default_factory=dict)
    """By column, what to say of its first value that is no finite number, if it must be one."""
    source: Places = field(default_factory=lambda: array("q"))
    target: Places = field(default_factory=lambda: array("q"))
    x: np.ndarray | None = None
    """Features as an array, in place of columns, :math:`(|\\mathcal{V}|, F)`."""
    directed: bool = False
    notes: list[str] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)
    """What is said of links, and is not used."""
    _cells: int = 0

    def node(self, name: object, *, line: int, new: bool = True) -> int:
        """The place of the node of that id, which is made if it is new."""
        text = self._text(name, line)
        place = self.ids.get(text)
        if place is None:
            if not new:
                raise self.budget.bad(f"there is no node {text!r}", line=line)
            place = self.ids[text] = len(self.ids)
            self.budget.allow(nodes=place + 1)
        return place

    def say(self, place: int, column: str, value: object, *, line: int) -> None:
        """Note what is said of a node in a column; None and an empty text are nothing."""
        if value is None or value == "":
            return
        cells = self.columns.get(column)
        if cells is None:
            self.budget.allow(columns=len(self.columns) + 1, text=len(column))
            cells = self.columns[column] = []
        self._cells += 1
        if self._cells % 1000 == 0:
            self.budget.allow(cells=self._cells)
        if len(cells) <= place:
            cells.extend([None] * (place + 1 - len(cells)))
        cells[place] = cell = self._text(value, line) if column.lower() in _TEXTS else self._cell(value, line)
        if column not in self.no_number and (isinstance(cell, str) or (cell is not None and abs(cell) > _LARGEST)):
            said = f"the column {column!r} is {str(cell)[:40]!r}, no finite number"
            self.no_number[column] = self.budget.bad(said, line=line)

    def link(self, source: int, target: int) -> None:
        """Note a link."""
        self.source.append(source)
        self.target.append(target)
        if len(self.source) % 1000 == 0:
            self.budget.allow(links=len(self.source))

    def done(self) -> "Parsed":
        """The whole file is read: check the counts that were looked at now and then."""
        self.budget.allow(cells=self._cells, links=len(self.source))
        return self

    def _text(self, value: object, line: int) -> str:
        """An id, a name or a class as text; a whole number has no point."""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, str | int | float) or (isinstance(value, float) and not math.isfinite(value)):
            raise self.budget.bad(f"an id, a name or a class is a text or a number, not {str(value)[:40]!r}", line=line)
        text = str(value).strip()
        self.budget.allow(text=len(text))
        if not text:
            raise self.budget.bad("an id is empty", line=line)
        return text

    def _cell(self, value: object, line: int) -> Cell:
        """A number where it is one."""
        if isinstance(value, bool | int | float):
            try:
                return float(value)
            except OverflowError:
                raise self.budget.bad("a number is too large", line=line) from None
        if not isinstance(value, str):
            return None
        try:
            number = float(value)
        except ValueError:
            self.budget.allow(line=len(value))
            return _TRUTHS.get(value.lower(), value) if len(value) < 6 else value
        # kept as text, so that whoever needs a number can say what stands there
        return number if math.isfinite(number) else value
