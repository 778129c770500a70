"""GEXF."""

from collections.abc import Callable

from torque_core.datasets.importers.limits import LimitChecker
from torque_core.datasets.importers.parsed_graph import NAME_COLUMNS, ParsedGraph
from torque_core.datasets.importers.xml_reader import Attributes, XmlReader, read_xml

__all__ = ["read_gexf"]


def read_gexf(content: bytes, checker: LimitChecker) -> ParsedGraph:
    """Read nodes with their ``label`` as name and each ``attvalue`` by the title of its attribute, and edges.

    Raises:
        BadFile: If the file is not GEXF, or has a document type declaration or edges to unknown nodes.
    """
    return read_xml(content, _Gexf(ParsedGraph(checker)))


class _Gexf(XmlReader):
    kind, root = "GEXF", "gexf"

    def __init__(self, parsed: ParsedGraph) -> None:
        super().__init__(parsed)
        self.titles: dict[tuple[str, str], str] = {}
        self.element = "node"  # the element that attributes belong to
        self.current: Callable[[str, str], None] | None = None  # stores an attribute of the open element

    def begin(self, tag: str, attributes: Attributes) -> None:
        match tag:
            case "gexf":
                self.has_root = True
            case "graph":
                self.parsed.directed |= attributes.get("defaultedgetype") == "directed"
            case "attributes":
                self.element = attributes.get("class", "node")
            case "attribute":
                identity = self.required(attributes, "id")
                self.titles[self.element, identity] = title = attributes.get("title", identity)
                self.declared = title if self.element == "node" else None
                self.parsed.checker.check(columns=len(self.titles), text=len(title))
            case "node":
                node, line = self.node(attributes), self.line
                name = attributes.get("label", "")
                if name != attributes["id"]:
                    self.parsed.set_value(node, NAME_COLUMNS[0], name, line=line)
                self.element = "node"
                self.current = lambda column, value: self.parsed.set_value(node, column, value, line=line)
            case "edge":
                self.edge(attributes)
                self.element = "edge"
                if "weight" in attributes:
                    self.parsed.ignored.add("weight")
                self.current = self.edge_value
            case "default":
                self.collect()
            case "attvalue" if self.current is not None:
                identity = attributes.get("for", attributes.get("id", ""))
                self.current(self.titles.get((self.element, identity), identity), attributes.get("value", ""))

    def end(self, tag: str) -> None:
        if tag == "default":
            value = self.collected()
            if self.declared:
                self.defaults[self.declared] = value
        elif tag in ("node", "edge"):
            self.current = None
