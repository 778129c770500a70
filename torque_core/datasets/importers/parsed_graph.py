"""Nodes and edges as listed in a file, before they become tensors."""

import math
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from torque_core.datasets.importers.cell_values import MISSING_SYMBOLS, is_code, is_missing, whole_number
from torque_core.datasets.importers.column_titles import is_class_title, is_name_title
from torque_core.datasets.importers.limits import LimitChecker
from torque_core.errors import BadFile
from torque_core.utils.text import visible

__all__ = ["LARGEST", "Cell", "ParsedGraph"]

LARGEST = float(np.finfo(np.float32).max)
"""The largest value of a feature."""
_MAX_EDGE_COLUMNS = 100
_BOOLEANS = {"true": 1.0, "false": 0.0}

Cell = str | float | None
if TYPE_CHECKING:
    Indices = array[int]
else:
    Indices = array  # not subscriptable at run time before Python 3.12


@dataclass
class ParsedGraph:
    """Nodes by id, their attributes by column, and edges by the indices of their ends.

    Attributes:
        checker: Enforces the limits, and creates errors that name the file.
        ids: Index of each node by id.
        columns: Node attributes, numbers or text. A column is shorter than the list of nodes if the last ones have no
            value.
        not_numeric: For each column, the error for its first value that is not a finite number. It is raised only if
            the column is used as a feature.
        source: Index of the first end of each edge.
        target: Index of the second end of each edge.
        edge_columns: Edge attributes, numbers or text, by the position at which the file lists the edge.
        listed: That position for each edge; empty if the edges are all that the file lists, in its order.
        id_column: The column of the ids, if it can be chosen.
        end_columns: The columns of the ends of edges, if they can be chosen.
        offered_ids: The columns that can be chosen for the ids.
        offered_ends: The columns that can be chosen for the ends of edges.
        text_columns: Columns that the file declares as text, or that contain codes such as 01001; never features.
        x: Features as an array instead of columns, :math:`(|\\mathcal{V}|, F)`.
        x_title: The origin of ``x``, for a reader.
        x_names: Names of the columns of ``x``, if the file contains them.
        class_names: Name of each class, if the file contains integers as classes and their names.
        masks: The splits in the file: a mask of the training, validation and test nodes each,
            :math:`(|\\mathcal{V}|, S)`.
        positions: Coordinates ``x`` and ``y`` of the nodes in a drawing, by axis; shorter if the last have none.
        directed: Whether the file declares edges as directed.
        both_ways: In a file with directed edges, those that go both ways, by their position in ``source``.
        notes: One sentence for each assumption and each part of the file that was ignored.
        ignored: Names of edge attributes that were ignored.
        missing_markers: Texts that were read as missing values.
        num_incomplete: Number of edges that were ignored because an end is missing.
    """

    checker: LimitChecker
    ids: dict[str, int] = field(default_factory=dict)
    columns: dict[str, list[Cell]] = field(default_factory=dict)
    not_numeric: dict[str, BadFile] = field(default_factory=dict)
    source: Indices = field(default_factory=lambda: array("q"))
    target: Indices = field(default_factory=lambda: array("q"))
    edge_columns: dict[str, list[Cell]] = field(default_factory=dict)
    listed: Indices = field(default_factory=lambda: array("q"))
    id_column: str | None = None
    end_columns: tuple[str, str] | None = None
    offered_ids: tuple[str, ...] = ()
    offered_ends: tuple[str, ...] = ()
    text_columns: set[str] = field(default_factory=set)
    x: np.ndarray | None = None
    x_title: str = "array x"
    x_names: tuple[str, ...] | None = None
    class_names: tuple[str, ...] | None = None
    masks: dict[str, np.ndarray] | None = None
    positions: dict[str, list[Cell]] = field(default_factory=dict)
    directed: bool = False
    both_ways: set[int] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    ignored: set[str] = field(default_factory=set)
    missing_markers: set[str] = field(default_factory=set)
    num_incomplete: int = 0
    _cells: int = 0
    _dropped_edge_values: bool = False
    _labels: dict[str, bool] = field(default_factory=dict)

    def node(self, name: object, *, line: int, create: bool = True) -> int:
        """Return the index of the node with an id; add the node if it is new and ``create`` is true.

        Without ``create``, 2 and 2.0 are the same id.
        """
        text = self._text(name, line)
        index = self.ids.get(text)
        if index is None and not create:
            index = self.ids.get(whole_number(text) or f"{text}.0")
        if index is None:
            if not create:
                raise self.checker.error(f"unknown node {text!r}", line=line)
            index = self.ids[text] = len(self.ids)
            self.checker.check(nodes=index + 1)
        return index

    def set_value(self, index: int, column: str, value: object, *, line: int, quoted: bool = False) -> None:
        """Store an attribute of a node, unless its value is missing.

        Empty text, None, NaN and markers such as NA are missing values. A marker in quotes can be a class or a name;
        symbols such as ? and - are kept in columns of classes, where ``without_symbols`` decides on them.
        """
        is_label = self._is_label(column)
        is_kept = is_label and (quoted or (value in MISSING_SYMBOLS and not is_name_title(column)))  # it may be a class
        if value == "" or (is_missing(value) and not is_kept):
            if value is not None and value != "":
                self.missing_markers.add(str(value).strip())
            return
        cells = self.columns.get(column)
        if cells is None:
            self.checker.check(columns=len(self.columns) + 1, text=len(column))
            self._check_encodable(column, line)
            cells = self.columns[column] = []
        self._extend(cells, index + 1, None)
        if not is_label and isinstance(value, str) and is_code(value):
            self.text_columns.add(column)
        cell = self._text(value, line) if is_label else self._cell(value, line)
        cells[index] = visible(cell) if isinstance(cell, str) and not is_label else cell
        is_invalid = not is_label and (isinstance(cell, str) or (cell is not None and abs(cell) > LARGEST))
        if is_invalid and column not in self.not_numeric:
            message = f"column {column!r} contains {str(cell)[:40]!r}, which is not a finite number"
            self.not_numeric[column] = self.checker.error(message, line=line)

    def set_position(self, index: int, axis: str, value: object) -> None:
        """Store a coordinate of a node in a drawing; anything but a finite number is ignored."""
        try:
            coordinate = float(value)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            return
        if math.isfinite(coordinate) and abs(coordinate) <= LARGEST:
            cells = self.positions.setdefault(axis, [])
            self._extend(cells, index + 1, None)
            cells[index] = coordinate

    def fill(self, column: str, value: str, *, line: int) -> None:
        """Store an attribute of all nodes that have no value for it, in time linear in their number."""
        cells = self.columns.get(column, [])
        first = next((index for index, cell in enumerate(cells) if cell is None), len(cells))
        if not value or first == len(self.ids):
            return
        self.set_value(first, column, value, line=line)
        cells = self.columns.get(column, [])
        cell = cells[first] if first < len(cells) else None
        if cell is None:  # the default is a marker of a missing value
            return
        self._extend(cells, len(self.ids), cell)
        cells[first:] = [cell if other is None else other for other in cells[first:]]

    def add_edge(self, source: int, target: int, *, listed: int | None = None) -> None:
        """Add an edge between two nodes, given by their indices, and by the position at which the file lists it."""
        if listed is not None:
            self.listed.append(listed)
        self.source.append(source)
        self.target.append(target)
        if len(self.source) % 1000 == 0:
            self.checker.check(edges=len(self.source))

    def set_edge_value(self, position: int, column: str, value: object) -> None:
        """Store an attribute of the edge that the file lists at a position, unless the value is missing.

        Attributes of edges are kept for display, so no value is an error; if they exceed a limit, all are dropped.
        """
        if self._dropped_edge_values or value == "" or is_missing(value) or not isinstance(value, str | int | float):
            return
        cells = self.edge_columns.get(column)
        added = position + 1 - (0 if cells is None else len(cells))
        limits = self.checker.limits
        if (
            self._cells + added > limits.cells
            or len(self.edge_columns) > _MAX_EDGE_COLUMNS
            or len(column) > limits.text
            or (isinstance(value, str) and len(value) > 10 * limits.text)
        ):
            self._dropped_edge_values = True
            self.ignored |= {*self.edge_columns, column}
            self.edge_columns.clear()
            self.notes.append("Edge attributes were dropped, because there are too many or too long values.")
            return
        if cells is None:
            cells = self.edge_columns[column] = []
        self._extend(cells, position + 1, None)
        number = _number(value)
        cells[position] = visible(str(value).strip()) if number is None else number

    def listed_positions(self) -> np.ndarray:
        """Return the position at which the file lists each edge, :math:`(M,)`."""
        if not len(self.listed):
            return np.arange(len(self.source))
        return np.array(self.listed, dtype=np.int64)

    def connect(self, source: object, target: object, *, line: int, listed: int | None = None) -> None:
        """Add an edge between two listed nodes, given by their ids; ignore the edge if an end is missing."""
        if any(is_missing(end) and not (isinstance(end, str) and end in self.ids) for end in (source, target)):
            self.num_incomplete += 1
        else:
            self.add_edge(*(self.node(end, line=line, create=False) for end in (source, target)), listed=listed)

    def finish(self) -> "ParsedGraph":
        """Check the final counts, which are otherwise checked only from time to time, and return the graph."""
        self.checker.check(cells=len(self.columns) * len(self.ids), edges=len(self.source))
        return self

    def _is_label(self, column: str) -> bool:
        """Return True for a column of classes or names, by its title; their values are kept as text."""
        if column not in self._labels:
            self._labels[column] = is_class_title(column) or is_name_title(column)
        return self._labels[column]

    def _extend(self, cells: list[Cell], length: int, cell: Cell) -> None:
        """Extend a column to a length, and count its cells before they take memory."""
        added = length - len(cells)
        if added > 0:
            before, self._cells = self._cells, self._cells + added
            if before // 1000 < self._cells // 1000:
                self.checker.check(cells=self._cells)
            cells.extend([cell] * added)

    def _check_encodable(self, text: str, line: int) -> None:
        """Reject half of a surrogate pair: a page or a file cannot contain it."""
        try:
            text.encode()
        except UnicodeEncodeError:
            message = f"{text[:40]!r} contains half of a surrogate pair, which is not a character; remove it"
            raise self.checker.error(message, line=line) from None

    def _text(self, value: object, line: int) -> str:
        """Convert an id, a name or a class to text; integers are written without a decimal point."""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, str | int | float) or (isinstance(value, float) and not math.isfinite(value)):
            message = f"an id, a name or a class must be text or a number, got {str(value)[:40]!r}"
            raise self.checker.error(message, line=line)
        text = str(value).strip()
        self.checker.check(text=len(text))
        if not text:
            raise self.checker.error("an id is empty", line=line)
        self._check_encodable(text, line)
        return text

    def _cell(self, value: object, line: int) -> Cell:
        """Convert a value to a number if possible."""
        if isinstance(value, bool | int | float):
            try:
                return float(value)
            except OverflowError:
                raise self.checker.error("a number is too large", line=line) from None
        if not isinstance(value, str):
            return None
        if is_code(value):
            return value  # the number 1001 is another than the post code 01001
        try:
            number = float(value)
        except ValueError:
            self.checker.check(line=len(value))
            return _BOOLEANS.get(value.lower(), value) if len(value) < 6 else value
        if math.isnan(number):
            return None
        return number if math.isfinite(number) else value  # text, so that an error can quote the original value


def _number(value: str | int | float) -> float | None:
    """A finite number; None for text, such as a code with leading zeros."""
    if isinstance(value, str) and is_code(value):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
