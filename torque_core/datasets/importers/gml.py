"""GML, the Graph Modelling Language."""

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

from torque_core.datasets.importers.column_titles import NAME_TITLES, is_class_title
from torque_core.datasets.importers.limits import LimitChecker, join_names
from torque_core.datasets.importers.parsed_graph import ParsedGraph
from torque_core.datasets.importers.text_lines import text_lines

__all__ = ["read_gml"]

_TOKEN = re.compile(r'"|\[|\]|[^\s"\[\]]+')
_AXES = ("x", "y")
_NEWMAN = "value"  # contains the classes in the network collection of M. E. J. Newman


class _Token(NamedTuple):
    text: str
    is_string: bool
    line: int


def read_gml(content: bytes, checker: LimitChecker) -> ParsedGraph:
    """Read the nodes, each with an ``id``, and edges, each with ``source`` and ``target``, of a graph.

    A ``label`` is the name of its node. Every other number or string of a node is an attribute; of lists, only the
    position in ``graphics`` is read. A number in quotes is text. If no attribute has a title of classes, ``value``
    contains them, as in Newman's collection of networks.

    Raises:
        BadFile: If the file is not GML, an edge has an unknown end, or a limit is exceeded.
    """
    reader = _Gml(ParsedGraph(checker))
    tokens = _tokens(content, checker)
    for key in tokens:
        if key.text == "]" and not key.is_string:
            reader.close(key.line)
            continue
        value = next(tokens, None)
        if value is None or key.is_string or key.text == "[" or (value.text == "]" and not value.is_string):
            raise checker.error(f"expected a key and a value, got {key.text[:40]!r}", line=key.line)
        if value.text == "[" and not value.is_string:
            reader.open_list(key.text, key.line)
        else:
            reader.value(key.text, value)
    return reader.finish()


def _tokens(content: bytes, checker: LimitChecker) -> Iterator[_Token]:
    """Keys, numbers, strings and brackets; a string may span lines."""
    pieces: list[str] = []
    start = length = 0  # line of the string that is open, 0 if there is none; and its length
    for number, line in enumerate(text_lines(content, checker, any_encoding=True), start=1):
        if not start and line.lstrip().startswith("#"):
            continue
        if not start and '"' not in line:
            for text in line.replace("[", " [ ").replace("]", " ] ").split():
                yield _Token(text, False, number)
            continue
        position = 0
        while True:
            if start:
                end = line.find('"', position)
                pieces.append(line[position:] if end < 0 else line[position:end])
                length += len(pieces[-1])
                if length > checker.limits.line:
                    checker.check(line=length)
                if end < 0:
                    break
                yield _Token(html.unescape("".join(pieces)), True, start)
                pieces, start, length, position = [], 0, 0, end + 1
                continue
            match = _TOKEN.search(line, position)
            if match is None:
                break
            position = match.end()
            if match.group() == '"':
                start = number
            else:
                yield _Token(match.group(), False, number)
    if start:
        raise checker.error("a string has no end", line=start)


class _Gml:
    def __init__(self, parsed: ParsedGraph) -> None:
        self.parsed = parsed
        self.path: list[str] = []  # keys of the open lists
        self.line = 0  # of the open node or edge
        self.entries: dict[str, _Token] = {}  # of the open node or edge
        self.position: dict[str, str] = {}  # of the open node
        self.edges: list[tuple[str, str, int]] = []
        self.ignored: set[str] = set()
        self.strings: dict[str, bool] = {}  # whether all values of a column are strings
        self.has_graph = False

    def open_list(self, key: str, line: int) -> None:
        """Open a list such as a node."""
        self.path.append(key)
        self.parsed.checker.check(depth=len(self.path))
        self.has_graph |= key == "graph"
        if self.path in (["graph", "node"], ["graph", "edge"]):
            self.line, self.entries, self.position = line, {}, {}

    def value(self, key: str, value: _Token) -> None:
        """Read a number or a string."""
        if self.path == ["graph"] and key == "directed":
            self.parsed.directed = value.text == "1"
        elif len(self.path) < 2 or self.path[0] != "graph" or self.path[1] not in ("node", "edge"):
            return
        elif len(self.path) == 2:
            self.parsed.checker.check(columns=len(self.entries))
            self.entries[key] = value
        elif self.path[1:] == ["node", "graphics"] and key in _AXES:
            self.position[key] = value.text
        elif len(self.ignored) < 100 and self.path[2] != "graphics":
            self.ignored.add(self.path[2])

    def close(self, line: int) -> None:
        """Close a list, and store the node or edge that it describes."""
        if not self.path:
            raise self.parsed.checker.error("a ] without [", line=line)
        if self.path == ["graph", "node"]:
            self._node()
        elif self.path == ["graph", "edge"]:
            ends = self._required("source"), self._required("target")
            self.edges.append((*ends, self.line))
            self.parsed.checker.check(edges=len(self.edges))
            for key, token in self.entries.items():
                if key not in ("source", "target", "id", "key"):
                    self.parsed.set_edge_value(len(self.edges) - 1, key, token.text)
        self.path.pop()

    def finish(self) -> ParsedGraph:
        """Return the graph, once all nodes are known."""
        parsed = self.parsed
        if self.path:
            raise parsed.checker.error(f"{self.path[-1][:40]} [ has no ]; the file is incomplete")
        if not self.has_graph:
            raise parsed.checker.error("not GML: it has no graph [ ... ]")
        for index, (source, target, line) in enumerate(self.edges):
            parsed.connect(source, target, line=line, listed=index)
        parsed.text_columns |= {column for column, is_text in self.strings.items() if is_text}
        if _NEWMAN in parsed.columns and not any(map(is_class_title, parsed.columns)):
            parsed.columns["class"] = parsed.columns.pop(_NEWMAN)
            parsed.text_columns.discard(_NEWMAN)
            parsed.notes.append("The classes are in value, as in Newman's collection of networks.")
        if self.ignored:
            parsed.notes.append(f"Nested attributes were ignored: {join_names(sorted(self.ignored))}.")
        return parsed.finish()

    def _node(self) -> None:
        parsed, name = self.parsed, self._required("id")
        count = len(parsed.ids)
        node = parsed.node(name, line=self.line)
        if node < count:
            raise parsed.checker.error(f"duplicate node {name[:40]!r}", line=self.line)
        for axis, coordinate in self.position.items():
            parsed.set_position(node, axis, coordinate)
        for key, token in self.entries.items():
            if key == "id" or (key == "label" and token.text == name):
                continue
            column = NAME_TITLES["name" in self.entries] if key == "label" else key
            parsed.set_value(node, column, token.text, line=self.line)
            self.strings[column] = token.is_string and self.strings.get(column, True)

    def _required(self, key: str) -> str:
        if key not in self.entries:
            raise self.parsed.checker.error(f"a {self.path[-1]} has no {key}", line=self.line)
        return self.entries[key].text
