"""Networks, partitions and vectors of Pajek."""

import re
from collections.abc import Mapping
from pathlib import PurePath

from torque_core.datasets.importers.column_titles import NAME_TITLES
from torque_core.datasets.importers.limits import LimitChecker, join_names
from torque_core.datasets.importers.parsed_graph import ParsedGraph
from torque_core.datasets.importers.text_lines import text_lines

__all__ = ["read_pajek"]

_CELL = re.compile(r'"([^"]*)"|(\S+)')
_COLUMN_OF_FILE = {".clu": "*partition", ".vec": "*vector"}
_SHAPES = ("ellipse", "box", "diamond", "triangle", "cross", "empty", "house", "man", "woman")
_DRAWING = frozenset((
    "x_fact", "y_fact", "phi", "r", "q", "ic", "bc", "bw", "lc", "la", "lr", "lphi", "fos", "font", "hooks", "size",
    "s_size",
))  # fmt: skip
"""Parameters of the drawing of a node."""


def read_pajek(files: Mapping[str, bytes], checkers: Mapping[str, LimitChecker]) -> ParsedGraph:
    """Read one network, and any number of partitions and vectors, in files of their own or in one project.

    Nodes are numbered from 1; their labels are names. Edges are in the sections ``*Arcs``, ``*Edges``, ``*Arcslist``,
    ``*Edgeslist`` and ``*Matrix``. The first partition contains the classes; each other partition, and each vector, is
    an attribute of the nodes. Positions are kept.

    Raises:
        BadFile: If there is no network or a second one, a line is malformed, or a limit is exceeded.
    """
    network = sorted(files, key=lambda name: PurePath(name).suffix.lower() in _COLUMN_OF_FILE)
    reader = _Pajek(ParsedGraph(checkers[network[0]]))
    for name in network:
        reader.parsed.checker = checkers[name]
        if column := _COLUMN_OF_FILE.get(PurePath(name).suffix.lower()):
            reader.section(column, [PurePath(name).stem], 1)
        for number, line in enumerate(text_lines(files[name], checkers[name], any_encoding=True), start=1):
            cells = [quoted or plain for quoted, plain in _CELL.findall(line)]
            if line.startswith("*"):
                reader.section(cells[0].lower(), cells[1:], number)
            elif cells and not line.startswith("%"):
                reader.row(cells, number)
    reader.parsed.checker = checkers[network[0]]
    return reader.finish()


class _Pajek:
    def __init__(self, parsed: ParsedGraph) -> None:
        self.parsed = parsed
        self.rows = "*network"
        self.index = 0  # of the next row of a matrix, a partition or a vector
        self.column: str | None = None  # of a partition or a vector
        self.columns: list[str] = []
        self.relations = 0
        self.drawn: set[str] = set()
        self.has_edge_weights = False

    def section(self, name: str, cells: list[str], line: int) -> None:
        """Start the section that a line begins."""
        name = name.partition(":")[0]
        self.index = 0
        match name:
            case "*network":
                pass
            case "*partition" | "*vector":
                title = " ".join(cells) or name[1:]
                is_class = name == "*partition" and "class" not in self.columns
                self.column = "class" if is_class else self._unique(title)
                self.columns.append(self.column)
            case "*vertices" if self.column is not None:
                name = "*values"
            case "*vertices":
                self._vertices(cells, line)
            case "*arcs" | "*arcslist":
                self.parsed.directed = True
                self.relations += name == "*arcs"
            case "*edges" | "*edgeslist":
                self.relations += name == "*edges"
            case "*matrix":
                self.parsed.directed = True
            case _:
                raise self.parsed.checker.error(f"the section {name[:40]} is not supported; remove it", line=line)
        if name in ("*network", "*arcs", "*edges", "*arcslist", "*edgeslist", "*matrix"):
            self.column = None
        self.rows = name

    def row(self, cells: list[str], line: int) -> None:
        """Read a line of the current section."""
        parsed = self.parsed
        match self.rows:
            case "*vertices":
                self._vertex(cells, line)
            case "*values" | "*partition" | "*vector":
                self.index += 1
                if self.index > len(parsed.ids):
                    raise parsed.checker.error(f"more values than the {len(parsed.ids):,} nodes", line=line)
                assert self.column is not None
                parsed.set_value(self.index - 1, self.column, cells[0], line=line)
            case "*arcs" | "*edges":
                if len(cells) < 2:
                    raise parsed.checker.error("expected the numbers of two nodes", line=line)
                self._connect(cells[0], cells[1], line)
                if len(cells) > 2:
                    self._weight(cells[2])
            case "*arcslist" | "*edgeslist":
                for cell in cells[1:]:
                    self._connect(cells[0], cell, line)
            case "*matrix":
                self._matrix_row(cells, line)
            case _:
                raise parsed.checker.error("expected *Vertices, as in networks of Pajek", line=line)

    def finish(self) -> ParsedGraph:
        """Return the graph, with notes on what was ignored."""
        parsed = self.parsed
        if not parsed.ids:
            raise parsed.checker.error("not a network of Pajek: it has no section *Vertices")
        if self.relations > 1:
            parsed.notes.append("All relations were read as edges of one graph.")
        if self.drawn:
            parsed.notes.append(f"Shapes and colours of a drawing were ignored: {join_names(sorted(self.drawn))}.")
        if not self.has_edge_weights:
            parsed.edge_columns.clear()
        return parsed.finish()

    def _vertices(self, cells: list[str], line: int) -> None:
        parsed = self.parsed
        if parsed.ids:
            raise parsed.checker.error("contains a second network; save each in a file of its own", line=line)
        if not cells or not cells[0].isdecimal() or len(cells[0]) > 18:
            raise parsed.checker.error("expected the number of nodes after *Vertices", line=line)
        parsed.checker.check(nodes=int(cells[0]))
        parsed.ids = {str(node + 1): node for node in range(int(cells[0]))}
        if len(cells) > 1:
            parsed.notes.append(
                f"A two-mode network: the first {cells[1][:20]} nodes are one mode, the others another."
            )

    def _vertex(self, cells: list[str], line: int) -> None:
        parsed = self.parsed
        node = parsed.node(cells[0], line=line, create=False)
        rest = cells[1:]
        if rest:
            parsed.set_value(node, NAME_TITLES[0], rest.pop(0), line=line)
        for axis in "xyz":
            if not rest or (position := _decimal(rest[0])) is None:
                break
            parsed.set_position(node, axis, position)
            rest.pop(0)
        if rest and rest[0].lower() in _SHAPES:
            self.drawn.add("shape")
            rest.pop(0)
        for key, value in zip(rest[::2], rest[1::2], strict=False):
            if key.lower() in _DRAWING:
                self.drawn.add(key.lower())
            else:
                parsed.set_value(node, f"{key} (attribute)" if key == NAME_TITLES[0] else key, value, line=line)

    def _connect(self, source: str, target: str, line: int) -> None:
        position = len(self.parsed.source)
        self.parsed.connect(source, target, line=line)
        if self.rows.startswith("*edges") and len(self.parsed.source) > position:
            self.parsed.both_ways.add(position)

    def _weight(self, weight: object) -> None:
        self.parsed.set_edge_value(len(self.parsed.source) - 1, "weight", weight)
        self.has_edge_weights |= weight not in ("1", "1.0", 1.0)

    def _unique(self, title: str) -> str:
        return title if title not in self.columns else f"{title} {len(self.columns) + 1}"

    def _matrix_row(self, cells: list[str], line: int) -> None:
        self.index += 1
        if self.index > len(self.parsed.ids) or len(cells) != len(self.parsed.ids):
            raise self.parsed.checker.error(
                f"expected {len(self.parsed.ids):,} rows of {len(self.parsed.ids):,} numbers", line=line
            )
        for column, cell in enumerate(cells):
            if (weight := _decimal(cell)) is None:
                raise self.parsed.checker.error(f"expected a number, got {cell[:20]!r}", line=line)
            if weight:
                self.parsed.add_edge(self.index - 1, column)
                self._weight(weight)


def _decimal(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
