"""GraphML."""

from torque_core.datasets.importers.limits import LimitChecker
from torque_core.datasets.importers.parsed_graph import NAME_COLUMNS, ParsedGraph
from torque_core.datasets.importers.xml_reader import Attributes, XmlReader, read_xml

__all__ = ["read_graphml"]


def read_graphml(content: bytes, checker: LimitChecker) -> ParsedGraph:
    """Read nodes with their ``data``, by the names of the keys, and edges.

    Raises:
        BadFile: If the file is not GraphML, or has a document type declaration, hyperedges or edges to unknown nodes.
    """
    return read_xml(content, _GraphML(ParsedGraph(checker)))


class _GraphML(XmlReader):
    kind, root = "GraphML", "graphml"

    def __init__(self, parsed: ParsedGraph) -> None:
        super().__init__(parsed)
        self.keys: dict[str, str] = {}
        self.current: tuple[str, int] | None = None  # the open element and the index of its node
        self.key = ""

    def begin(self, tag: str, attributes: Attributes) -> None:
        match tag:
            case "graphml":
                self.has_root = True
            case "key":
                identity = self.required(attributes, "id")
                # yEd stores its drawing in such keys
                name = "" if "yfiles.type" in attributes else attributes.get("attr.name", identity)
                self.keys[identity] = name
                self.declared = name if attributes.get("for", "all") in ("node", "all") else None
                self.parsed.checker.check(columns=len(self.keys), text=len(name))
            case "graph":
                self.parsed.directed |= attributes.get("edgedefault") == "directed"
            case "node":
                self.current = ("node", self.node(attributes))
            case "edge":
                self.edge(attributes)
                self.current = ("edge", 0)
            case "hyperedge":
                raise self.parsed.checker.error("hyperedges are not supported; replace each by edges", line=self.line)
            case "data":
                self.key = attributes.get("key", "")
                self.collect()
            case "default" | "NodeLabel":  # yEd writes NodeLabel
                self.collect()

    def end(self, tag: str) -> None:
        if tag in ("node", "edge"):
            self.current = None
        elif tag in ("data", "default", "NodeLabel"):
            self._store(tag, self.collected())

    def _store(self, tag: str, value: str) -> None:
        if tag == "default" and self.declared:
            self.defaults[self.declared] = value
        elif tag == "NodeLabel" and self.current is not None:
            self.parsed.set_value(self.current[1], NAME_COLUMNS[0], value, line=self.line)
        elif tag == "data" and self.current is not None and (column := self.keys.get(self.key, self.key)):
            if self.current[0] == "node":
                self.parsed.set_value(self.current[1], column, value, line=self.line)
            else:
                self.edge_value(column, value)
