"""GraphML and GEXF, read as a stream by expat; what is declared in a document is never followed."""

from collections.abc import Callable
from typing import NoReturn
from xml.parsers import expat

from torque_core.datasets.importers.limits import Budget
from torque_core.datasets.importers.parsed import NAME_NAMES, Parsed

__all__ = ["read_gexf", "read_graphml"]

_AT_ONCE = 65_536  # bytes
_NAME = NAME_NAMES[0]  # what a node's own label is

Attributes = dict[str, str]


def read_graphml(content: bytes, budget: Budget) -> Parsed:
    """Nodes with their ``data`` by the names of the keys, and edges.

    Raises:
        BadFile: It is no GraphML, has a document type, hyperedges, or edges of nodes that it lacks.
    """
    return _read(content, _GraphML(Parsed(budget)))


def read_gexf(content: bytes, budget: Budget) -> Parsed:
    """Nodes with their ``label`` as name and their ``attvalue`` by the titles of the attributes, and edges."""
    return _read(content, _Gexf(Parsed(budget)))


def _read(content: bytes, reader: "_Reader") -> Parsed:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    budget = reader.parsed.budget

    def refuse(*_: object) -> NoReturn:
        said = "has a document type or entities, which are not read: take out what begins with <!DOCTYPE"
        raise budget.bad(said, line=parser.CurrentLineNumber)

    def begin(tag: str, attributes: Attributes) -> None:
        reader.depth += 1
        budget.allow(depth=reader.depth, line=max(map(len, attributes.values()), default=0))
        reader.line = parser.CurrentLineNumber
        reader.begin(tag.rpartition(" ")[2], attributes)

    def end(tag: str) -> None:
        reader.depth -= 1
        reader.end(tag.rpartition(" ")[2])

    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = parser.ExternalEntityRefHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = reader.text
    try:
        for start in range(0, len(content), _AT_ONCE):
            # what does not end is read again with every piece, so it must end soon
            budget.allow(line=start - max(parser.CurrentByteIndex, 0))
            parser.Parse(content[start : start + _AT_ONCE], False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise budget.bad(f"is no XML: {expat.ErrorString(error.code)}", line=error.lineno) from None
    if not reader.is_one:
        raise budget.bad(f"is no {reader.kind}: there is no element <{reader.root}>")
    reader.finish()
    return reader.parsed.done()


class _Reader:
    """What both have in common: nodes come before or after the edges that name them, and columns have defaults."""

    kind: str
    root: str
    default_kind: str

    def __init__(self, parsed: Parsed) -> None:
        self.parsed = parsed
        self.depth = 0
        self.line = 0
        self.is_one = False
        self.links: list[tuple[str, str, int]] = []
        self.pruned: set[int] = set()
        self.declared: str | None = None
        self.defaults: dict[str, str] = {}
        self.pieces: list[str] | None = None
        self.length = 0

    def begin(self, tag: str, attributes: Attributes) -> None:
        raise NotImplementedError

    def end(self, tag: str) -> None:
        raise NotImplementedError

    def collect(self) -> None:
        """Keep the text from here on."""
        self.pieces, self.length = [], 0

    def text(self, text: str) -> None:
        """Text between tags."""
        if self.pieces is not None:
            self.length += len(text)
            self.parsed.budget.allow(line=self.length)
            self.pieces.append(text)

    def collected(self) -> str:
        """The text up to here."""
        text, self.pieces = "".join(self.pieces or ()).strip(), None
        return text

    def node(self, attributes: Attributes) -> int:
        before = len(self.parsed.ids)
        place = self.parsed.node(self._needed(attributes, "id"), line=self.line)
        if place < before:
            raise self.parsed.budget.bad(f"node {attributes['id']!r} is there twice", line=self.line)
        return place

    def edge(self, attributes: Attributes) -> None:
        self.links.append((self._needed(attributes, "source"), self._needed(attributes, "target"), self.line))
        self.parsed.budget.allow(links=len(self.links))

    def said_of_edge(self, column: str, value: str) -> None:
        """Of an edge only its fate counts, which this package's own files say."""
        if column != "fate":
            self.parsed.left_out.add(column)
        elif value == "pruned":
            self.pruned.add(len(self.links) - 1)

    def finish(self) -> None:
        """The nodes are all known now."""
        for column, value in self.defaults.items():
            cells = self.parsed.columns.get(column, [])
            for place in range(len(self.parsed.ids)):
                if place >= len(cells) or cells[place] is None:
                    self.parsed.say(place, column, value, line=self.line)
        for place, (source, target, line) in enumerate(self.links):
            if place not in self.pruned:
                ends = (self.parsed.node(end, line=line, new=False) for end in (source, target))
                self.parsed.link(*ends)
        if self.pruned:
            self.parsed.notes.append(f"{len(self.pruned):,} links whose fate is «pruned» were left out.")

    def _needed(self, attributes: Attributes, name: str) -> str:
        if name not in attributes:
            raise self.parsed.budget.bad(f"an element lacks its {name}", line=self.line)
        return attributes[name]


class _GraphML(_Reader):
    kind, root = "GraphML", "graphml"

    def __init__(self, parsed: Parsed) -> None:
        super().__init__(parsed)
        self.keys: dict[str, str] = {}
        self.within: tuple[str, int] | None = None
        self.key = ""

    def begin(self, tag: str, attributes: Attributes) -> None:
        match tag:
            case "graphml":
                self.is_one = True
            case "key":
                identity = self._needed(attributes, "id")
                # what yEd draws is no column
                name = "" if "yfiles.type" in attributes else attributes.get("attr.name", identity)
                self.keys[identity] = name
                self.declared = name if attributes.get("for", "all") in ("node", "all") else None
                self.parsed.budget.allow(columns=len(self.keys), text=len(name))
            case "graph":
                self.parsed.directed |= attributes.get("edgedefault") == "directed"
            case "node":
                self.within = ("node", self.node(attributes))
            case "edge":
                self.edge(attributes)
                self.within = ("edge", 0)
            case "hyperedge":
                raise self.parsed.budget.bad("hyperedges are not read; make links of them", line=self.line)
            case "data":
                self.key = attributes.get("key", "")
                self.collect()
            case "default" | "NodeLabel":  # the last is yEd's
                self.collect()

    def end(self, tag: str) -> None:
        if tag in ("node", "edge"):
            self.within = None
        elif tag in ("data", "default", "NodeLabel"):
            self._note(tag, self.collected())

    def _note(self, tag: str, value: str) -> None:
        if tag == "default" and self.declared:
            self.defaults[self.declared] = value
        elif tag == "NodeLabel" and self.within is not None:
            self.parsed.say(self.within[1], _NAME, value, line=self.line)
        elif tag == "data" and self.within is not None and (column := self.keys.get(self.key, self.key)):
            if self.within[0] == "node":
                self.parsed.say(self.within[1], column, value, line=self.line)
            else:
                self.said_of_edge(column, value)


class _Gexf(_Reader):
    kind, root = "GEXF", "gexf"

    def __init__(self, parsed: Parsed) -> None:
        super().__init__(parsed)
        self.titles: dict[tuple[str, str], str] = {}
        self.of = "node"
        self.within: Callable[[str, str], None] | None = None

    def begin(self, tag: str, attributes: Attributes) -> None:
        match tag:
            case "gexf":
                self.is_one = True
            case "graph":
                self.parsed.directed |= attributes.get("defaultedgetype") == "directed"
            case "attributes":
                self.of = attributes.get("class", "node")
            case "attribute":
                identity = self._needed(attributes, "id")
                self.titles[self.of, identity] = title = attributes.get("title", identity)
                self.declared = title if self.of == "node" else None
                self.parsed.budget.allow(columns=len(self.titles), text=len(title))
            case "node":
                place, line = self.node(attributes), self.line
                name = attributes.get("label", "")
                if name != attributes["id"]:
                    self.parsed.say(place, _NAME, name, line=line)
                self.of = "node"
                self.within = lambda column, value: self.parsed.say(place, column, value, line=line)
            case "edge":
                self.edge(attributes)
                self.of = "edge"
                if "weight" in attributes:
                    self.parsed.left_out.add("weight")
                self.within = self.said_of_edge
            case "default":
                self.collect()
            case "attvalue" if self.within is not None:
                identity = attributes.get("for", attributes.get("id", ""))
                self.within(self.titles.get((self.of, identity), identity), attributes.get("value", ""))

    def end(self, tag: str) -> None:
        if tag == "default":
            value = self.collected()
            if self.declared:
                self.defaults[self.declared] = value
        elif tag in ("node", "edge"):
            self.within = None
