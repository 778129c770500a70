"""GEXF."""

from dataclasses import dataclass, field

from torque_core.datasets.importers.column_titles import NAME_TITLES
from torque_core.datasets.importers.limits import LimitChecker
from torque_core.datasets.importers.parsed_graph import ParsedGraph
from torque_core.datasets.importers.xml_reader import Attributes, XmlReader, read_xml

__all__ = ["read_gexf"]

_TIME_ATTRIBUTES = frozenset((
    "start", "end", "startopen", "endopen", "timestamp", "timestamps", "interval", "intervals",
))  # fmt: skip
_AXES = ("x", "y")
_TEXT_TYPES = ("string", "anyURI", "char", "date")

_STARTS, _ENDS = ("start", "startopen", "timestamp"), ("end", "endopen", "timestamp")
_BEFORE_ALL, _AFTER_ALL = (0, 0.0, ""), (3, 0.0, "")

Time = tuple[tuple[int, float, str], tuple[int, float, str]]


def read_gexf(content: bytes, checker: LimitChecker) -> ParsedGraph:
    """Read nodes with their ``label`` as name and each ``attvalue`` by the title of its attribute, and edges.

    Attributes of type ``string`` or of a type for lists contain text. Of a graph that changes over time, all nodes and
    edges are read, and the latest value of each attribute. Positions are kept.

    Raises:
        BadFile: If the file is not GEXF, or has a document type declaration or edges to unknown nodes.
    """
    return read_xml(content, _Gexf(ParsedGraph(checker)))


@dataclass
class _Element:
    """An open node or edge, and the time of the latest value of each of its attributes."""

    tag: str
    node: int
    line: int
    latest: dict[str, Time] = field(default_factory=dict)


class _Gexf(XmlReader):
    kind, root = "GEXF", "gexf"

    def __init__(self, parsed: ParsedGraph) -> None:
        super().__init__(parsed)
        self.titles: dict[tuple[str, str], str] = {}
        self.attribute_class = "node"
        self.open: list[_Element] = []
        self.is_dynamic = False
        self.edge_type = "undirected"

    def begin(self, tag: str, attributes: Attributes) -> None:
        match tag:
            case "gexf":
                self.has_root = True
            case "graph":
                self.edge_type = attributes.get("defaultedgetype", self.edge_type)
                self.is_dynamic |= attributes.get("mode") == "dynamic" or not _TIME_ATTRIBUTES.isdisjoint(attributes)
            case "attributes":
                self.attribute_class = attributes.get("class", "node")
                self.is_dynamic |= attributes.get("mode") == "dynamic"
            case "attribute":
                self._begin_attribute(attributes)
            case "node":
                element = _Element(tag, self.node(attributes), self.line)
                name = attributes.get("label", "")
                if name != attributes["id"]:
                    self.parsed.set_value(element.node, NAME_TITLES[0], name, line=self.line)
                self.is_dynamic |= not _TIME_ATTRIBUTES.isdisjoint(attributes)
                self.open.append(element)
            case "edge":
                self.edge(attributes, directed=attributes.get("type", self.edge_type) == "directed")
                if "weight" in attributes:
                    self.edge_value("weight", attributes["weight"])
                self.is_dynamic |= not _TIME_ATTRIBUTES.isdisjoint(attributes)
                self.open.append(_Element(tag, 0, self.line))
            case "spells" | "slices":
                self.is_dynamic = True
            case "position" if self.open and self.open[-1].tag == "node":
                for axis in _AXES:
                    self.parsed.set_position(self.open[-1].node, axis, attributes.get(axis))
            case "default":
                self.collect()
            case "attvalue" if self.open:
                self._store(self.open[-1], attributes)

    def end(self, tag: str) -> None:
        if tag == "default":
            value = self.collected()
            self.store_default(value)
        elif tag in ("node", "edge"):
            self.open.pop()

    def finish(self) -> None:
        if self.is_dynamic:
            self.parsed.notes.append(
                "The graph changes over time: all nodes and edges were read, and the latest value of each attribute."
            )
        super().finish()

    def _begin_attribute(self, attributes: Attributes) -> None:
        identity = self.required(attributes, "id")
        self.titles[self.attribute_class, identity] = title = attributes.get("title", identity)
        self.declared = title if self.attribute_class == "node" else None
        self.declared_of_edges = title if self.attribute_class == "edge" else None
        kind = attributes.get("type", "")
        if self.declared and (kind in _TEXT_TYPES or kind.startswith("list")):
            self.parsed.text_columns.add(title)
        self.parsed.checker.check(columns=len(self.titles), text=len(title))

    def _store(self, element: _Element, attributes: Attributes) -> None:
        """Store an attribute of an element, unless it has a later value."""
        identity = attributes.get("for", attributes.get("id", ""))
        column, value = self.titles.get((element.tag, identity), identity), attributes.get("value", "")
        if not _TIME_ATTRIBUTES.isdisjoint(attributes):
            self.is_dynamic = True
            time = _time(attributes)
            if time < element.latest.get(column, time):
                return
            element.latest[column] = time
        if element.tag == "edge":
            self.edge_value(column, value)
            return
        self.parsed.set_value(element.node, column, value, line=element.line)


def _time(attributes: Attributes) -> Time:
    """Start and end of a value; without a start it is older than all others, and without an end it is the latest."""
    return _moment(attributes, _STARTS, _BEFORE_ALL), _moment(attributes, _ENDS, _AFTER_ALL)


def _moment(attributes: Attributes, names: tuple[str, ...], default: tuple[int, float, str]) -> tuple[int, float, str]:
    """A number or a date, in a form in which times can be compared."""
    text = next((attributes[name] for name in names if name in attributes), "")
    try:
        return (1, float(text), "") if text else default
    except ValueError:
        return 2, 0.0, text  # dates in ISO 8601 are sorted as text
