"""GraphML."""

from dataclasses import dataclass

from torque_core.datasets.importers.column_titles import NAME_TITLES
from torque_core.datasets.importers.limits import LimitChecker
from torque_core.datasets.importers.parsed_graph import ParsedGraph
from torque_core.datasets.importers.xml_reader import Attributes, XmlReader, read_xml

__all__ = ["read_graphml"]


def read_graphml(content: bytes, checker: LimitChecker) -> ParsedGraph:
    """Read nodes with their ``data``, by the names of the keys, and edges.

    Keys of type ``string`` contain text, even if it consists of digits. In files of yEd, the first label of a node is
    its name; the label of a group is that of its active state, open or closed. Nested graphs are part of the graph.

    Raises:
        BadFile: If the file is not GraphML, or has a document type declaration, hyperedges or edges to unknown nodes.
    """
    return read_xml(content, _GraphML(ParsedGraph(checker)))


@dataclass
class _Element:
    """An open element to which ``data`` can belong."""

    tag: str
    node: int = 0
    is_directed: bool = False  # of a graph
    named: bool = False


class _GraphML(XmlReader):
    kind, root = "GraphML", "graphml"

    def __init__(self, parsed: ParsedGraph) -> None:
        super().__init__(parsed)
        self.keys: dict[str, str] = {}
        self.names: set[tuple[str, str]] = set()  # of the keys, with their elements
        self.open: list[_Element] = []
        self.key = ""
        self.num_graphs = 0
        self.has_nested = False
        # yEd describes each state of a group by a realizer, of which one is active
        self.realizers_depth = 0
        self.realizer = self.active = 0

    def begin(self, tag: str, attributes: Attributes) -> None:
        if self.realizers_depth and self.depth == self.realizers_depth + 1:
            self.realizer += 1
        match tag:
            case "graphml":
                self.has_root = True
            case "key":
                self._begin_key(attributes)
            case "graph":
                self.has_nested |= bool(self.open)
                self.num_graphs += not self.open
                self.open.append(_Element(tag, is_directed=attributes.get("edgedefault") == "directed"))
            case "node":
                self.open.append(_Element(tag, self.node(attributes)))
            case "edge":
                default = next((element.is_directed for element in self.open[::-1] if element.tag == "graph"), False)
                self.edge(attributes, directed=attributes.get("directed", str(default).lower()) == "true")
                self.open.append(_Element(tag))
            case "port":
                self.open.append(_Element(tag))
            case "hyperedge":
                raise self.parsed.checker.error("hyperedges are not supported; replace each by edges", line=self.line)
            case "data":
                self.key = attributes.get("key", "")
                self.collect()
            case "Realizers":
                active = attributes.get("active", "")
                self.realizers_depth, self.realizer, self.active = self.depth, -1, int(active == "1")
            case "Geometry" if self.open and self.open[-1].tag == "node" and self.realizer == self.active:
                for axis in ("x", "y"):
                    self.parsed.set_position(self.open[-1].node, axis, attributes.get(axis))
            case "Label" if "Text" in attributes:  # yFiles for HTML
                self._store("NodeLabel", attributes["Text"])
            case "default" | "NodeLabel" | "Label.Text":  # yEd writes NodeLabel
                self.collect()

    def end(self, tag: str) -> None:
        if tag in ("graph", "node", "edge", "port"):
            self.open.pop()
        elif tag == "Realizers":
            self.realizers_depth = self.realizer = self.active = 0
        elif tag in ("data", "default", "NodeLabel", "Label.Text"):
            self._store(tag.replace("Label.Text", "NodeLabel"), self.collected())

    def finish(self) -> None:
        if self.has_nested:
            self.parsed.notes.append("The nodes and edges of nested graphs were included.")
        if self.num_graphs > 1:
            self.parsed.notes.append(f"The file contains {self.num_graphs} graphs; they were read as one.")
        super().finish()

    def _begin_key(self, attributes: Attributes) -> None:
        identity = self.required(attributes, "id")
        # yEd stores its drawing in such keys
        name = "" if "yfiles.type" in attributes else attributes.get("attr.name", identity)
        element = attributes.get("for", "all")
        if name and (element, name) in self.names:
            name = f"{name} ({identity})"  # two keys have one name
        self.names.add((element, name))
        self.keys[identity] = name
        self.declared = name if element in ("node", "all") else None
        self.declared_of_edges = name if element in ("edge", "all") else None
        if self.declared and attributes.get("attr.type") == "string":
            self.parsed.text_columns.add(name)
        self.parsed.checker.check(columns=len(self.keys), text=len(name))

    def _store(self, tag: str, value: str) -> None:
        if tag == "default":
            self.store_default(value)
            return
        element = self.open[-1] if self.open else _Element("graphml")
        if tag == "NodeLabel":
            if element.tag == "node" and value and not element.named and self.realizer == self.active:
                element.named = True
                self.parsed.set_value(element.node, NAME_TITLES[0], value, line=self.line)
        elif column := self.keys.get(self.key, self.key):
            if element.tag == "node":
                self.parsed.set_value(element.node, column, value, line=self.line)
            elif element.tag == "edge":
                self.edge_value(column, value)
