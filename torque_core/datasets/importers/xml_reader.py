"""Streaming XML reader for graph formats; declarations in a document are never followed."""

import re
from typing import NoReturn
from xml.parsers import expat

from torque_core.datasets.importers.parsed_graph import ParsedGraph

__all__ = ["Attributes", "XmlReader", "read_xml"]

_CHUNK_BYTES = 65_536
_ENCODING = re.compile(
    r"utf-?8|utf-?16(le|be)?|(us-)?ascii|latin-?1|iso-8859-([1-9]|1[013-6])|(windows-|cp)125[0-8]|koi8-[ru]",
    re.IGNORECASE,
)
"""Encodings that expat decodes: UTF-8, UTF-16, and those with one byte per character."""

Attributes = dict[str, str]


def read_xml(content: bytes, reader: "XmlReader") -> ParsedGraph:
    """Parse a document in chunks, pass its elements to a reader, and return the graph that it builds.

    Raises:
        BadFile: If the document is not well-formed XML, lacks the root element, has a document type declaration, or
            exceeds a limit.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    checker = reader.parsed.checker

    def declare(_version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and not _ENCODING.fullmatch(encoding):
            raise checker.error(f"the encoding {encoding[:40]!r} is not supported; save the file as UTF-8", line=1)

    def refuse(*_: object) -> NoReturn:
        message = "document type declarations and entities are not supported; remove everything from <!DOCTYPE to its >"
        raise checker.error(message, line=parser.CurrentLineNumber)

    def begin(tag: str, attributes: Attributes) -> None:
        reader.depth += 1
        checker.check(depth=reader.depth, line=max(map(len, attributes.values()), default=0))
        reader.line = parser.CurrentLineNumber
        reader.begin(tag.rpartition(" ")[2], attributes)

    def end(tag: str) -> None:
        reader.depth -= 1
        reader.end(tag.rpartition(" ")[2])

    parser.XmlDeclHandler = declare
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = parser.ExternalEntityRefHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = reader.text
    try:
        for start in range(0, len(content), _CHUNK_BYTES):
            # expat parses an incomplete token again with every chunk, so its length is limited
            checker.check(line=start - max(parser.CurrentByteIndex, 0))
            parser.Parse(content[start : start + _CHUNK_BYTES], False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise checker.error(f"not valid XML: {expat.ErrorString(error.code)}", line=error.lineno) from None
    if not reader.has_root:
        raise checker.error(f"not {reader.kind}: it has no element <{reader.root}>")
    reader.finish()
    return reader.parsed.finish()


class XmlReader:
    """Common part of both formats: nodes may follow the edges that refer to them, and columns have defaults."""

    kind: str
    root: str

    def __init__(self, parsed: ParsedGraph) -> None:
        self.parsed = parsed
        self.depth = 0
        self.line = 0
        self.has_root = False
        self.edges: list[tuple[str, str, int]] = []
        self.pruned: set[int] = set()
        self.both_ways: set[int] = set()
        self.declared: str | None = None
        self.declared_of_edges: str | None = None
        self.defaults: dict[str, str] = {}
        self.defaults_of_edges: dict[str, str] = {}
        self.pieces: list[str] | None = None
        self.length = 0

    def begin(self, tag: str, attributes: Attributes) -> None:
        """Handle the start of an element."""
        raise NotImplementedError

    def end(self, tag: str) -> None:
        """Handle the end of an element."""
        raise NotImplementedError

    def collect(self) -> None:
        """Start to collect text."""
        self.pieces, self.length = [], 0

    def text(self, text: str) -> None:
        """Handle text between tags."""
        if self.pieces is not None:
            self.length += len(text)
            self.parsed.checker.check(line=self.length)
            self.pieces.append(text)

    def collected(self) -> str:
        """Return the collected text, and stop collecting."""
        text, self.pieces = "".join(self.pieces or ()).strip(), None
        return text

    def node(self, attributes: Attributes) -> int:
        """Add the node of an element and return its index."""
        count = len(self.parsed.ids)
        index = self.parsed.node(self.required(attributes, "id"), line=self.line)
        if index < count:
            raise self.parsed.checker.error(f"duplicate node {attributes['id']!r}", line=self.line)
        return index

    def edge(self, attributes: Attributes, *, directed: bool) -> None:
        """Keep the edge of an element until all nodes are known."""
        self.parsed.directed |= directed
        if not directed:
            self.both_ways.add(len(self.edges))
        self.edges.append((self.required(attributes, "source"), self.required(attributes, "target"), self.line))
        self.parsed.checker.check(edges=len(self.edges))

    def edge_value(self, column: str, value: str) -> None:
        """Handle an attribute of the current edge. Edges with the ``fate`` pruned, by this package, are omitted."""
        self.parsed.set_edge_value(len(self.edges) - 1, column, value)
        if column == "fate" and value == "pruned":
            self.pruned.add(len(self.edges) - 1)

    def store_default(self, value: str) -> None:
        """Handle the default of the attribute that is being declared."""
        if self.declared:
            self.defaults[self.declared] = value
        if self.declared_of_edges:
            self.defaults_of_edges[self.declared_of_edges] = value

    def finish(self) -> None:
        """Apply the defaults and add the edges, once all nodes are known."""
        for column, value in self.defaults.items():
            self.parsed.checker.check()
            self.parsed.fill(column, value, line=self.line)
        for column, value in self.defaults_of_edges.items():
            cells = self.parsed.edge_columns.get(column, [])
            missing = [i for i in range(len(self.edges)) if i >= len(cells) or cells[i] is None]
            for index in missing:
                self.parsed.set_edge_value(index, column, value)
        for index, (source, target, line) in enumerate(self.edges):
            if index not in self.pruned:
                position = len(self.parsed.source)
                self.parsed.connect(source, target, line=line, listed=index)
                if index in self.both_ways and len(self.parsed.source) > position:
                    self.parsed.both_ways.add(position)
        if self.pruned:
            self.parsed.notes.append(f"{len(self.pruned):,} edges with the fate pruned were omitted.")

    def required(self, attributes: Attributes, name: str) -> str:
        """Return an attribute of an element, or raise :class:`BadFile` if it is missing."""
        if name not in attributes:
            raise self.parsed.checker.error(f"an element has no attribute {name}", line=self.line)
        return attributes[name]
