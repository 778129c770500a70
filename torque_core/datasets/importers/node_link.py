"""Graphs in JSON: the node-link format of NetworkX, D3, Graphology, Cytoscape and vis.js, and JSON Graph Format."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

from torque_core.datasets.importers.cell_values import is_missing
from torque_core.datasets.importers.column_titles import is_class_title, title_words
from torque_core.datasets.importers.json_document import nodes_and_links, parse_json
from torque_core.datasets.importers.limits import LimitChecker, join_names
from torque_core.datasets.importers.list_features import read_lists
from torque_core.datasets.importers.parsed_graph import ParsedGraph
from torque_core.datasets.importers.table_titles import end_entries

__all__ = ["read_node_link"]

_ID_ENTRIES = (
    ("id",),
    ("key",),
    ("name",),
    ("label",),
    ("node", "id"),
    ("node",),
    ("uid",),
    ("identifier",),
    ("title",),
)
_NESTED = ("data", "attributes", "metadata", "properties")  # of Cytoscape.js, Graphology, JSON Graph Format, Neo4j
_FEATURES = ("features", "feature", "feat", "x")


def read_node_link(content: bytes, checker: LimitChecker) -> ParsedGraph:
    """Read ``nodes``, each with an ``id``, and ``links`` or ``edges``, each with ``source`` and ``target``.

    The other layouts are those of NetworkX (also ``adjacency_data``), Cytoscape, Graphology, JSON Graph Format, Neo4j
    and ``to_json`` of pandas; a list of links, also as pairs, or an object that lists the neighbours of each node; and
    ``edge_index``, ``x`` and ``y`` as lists. Without a list of nodes, they are the ends of the links.

    Nodes are identified by the first of ``id``, ``key``, ``name``, ``label`` and further entries that contains the ends
    of all links. If none does, and the ends are integers, they are positions in the list of nodes, from 0, as in old
    files of D3. The ends may be called ``from`` and ``to``, or as in tables. Every other entry of a node, or of its
    entry ``data``, ``attributes`` or ``properties``, is an attribute. Text in quotes is no number. Lists of numbers are
    features, see :func:`~torque_core.datasets.importers.list_features.read_lists`.

    Raises:
        BadFile: If the file is not node-link JSON or exceeds a limit.
    """
    document = parse_json(content, checker)
    listed, links = nodes_and_links(document, checker)
    checker.check(nodes=len(listed or ()), edges=len(links))
    parsed = ParsedGraph(checker, directed=isinstance(document, dict) and _declares_directions(document))
    links, ends = _links_and_ends(links)
    if listed is None:
        listed = list(dict.fromkeys(end for pair in ends if pair for end in map(_id, pair) if end is not None))
        parsed.notes.append("No list of nodes: they are the ends of the links.")
    nodes = [_flat(node) if isinstance(node, dict) else {"id": node} for node in listed]
    if any(isinstance(node.get("id"), float) and math.isnan(node["id"]) for node in nodes):
        raise checker.error("not valid JSON: NaN is not a number in JSON; write null")
    identity = _identity(nodes, {_id(end) for pair in ends if pair for end in pair})
    if identity is None and links:
        parsed.notes.append("The ends of links are no ids: they were read as positions in the list of nodes, from 0.")
    checker.unit = "node"
    _read_nodes(nodes, identity, parsed)
    checker.unit = "link"
    for number, (link, pair) in enumerate(zip(links, ends, strict=True), start=1):
        if pair is None:
            raise checker.error("missing source or target", line=number)
        for name in link:
            parsed.set_edge_value(number - 1, name, link[name])
        parsed.connect(*pair, line=number, listed=number - 1)
    return parsed.finish()


def _declares_directions(document: Mapping[str, Any]) -> bool:
    """Return True if the document, its graph, or the options of Graphology declare the links as directed."""
    graph, options = document.get("graph"), document.get("options")
    if isinstance(graph, dict) and graph.get("directed") is True:
        return True
    return document.get("directed") is True or (isinstance(options, dict) and options.get("type") == "directed")


def _links_and_ends(listed: list[Any]) -> tuple[list[dict[str, Any]], list[tuple[Any, Any] | None]]:
    """Attributes and ends of the links; the ends of a link are None if it has none."""
    links: list[dict[str, Any]] = []
    ends: list[tuple[Any, Any] | None] = []
    names: tuple[str, str] | None = None
    for link in listed:
        if isinstance(link, list) and len(link) in (2, 3):
            more = link[2] if len(link) == 3 else {}
            links.append(more if isinstance(more, dict) else {"weight": more})
            ends.append((link[0], link[1]))
            continue
        link = _flat(link) if isinstance(link, dict) else {}
        if names is None or not link.keys() >= {*names}:
            names = end_entries(list(link))
        links.append({name: value for name, value in link.items() if name != "key" and name not in (names or ())})
        ends.append(None if names is None else (_end(link[names[0]]), _end(link[names[1]])))
    return links, ends


def _end(end: Any) -> Any:
    """The id of an end, also where D3 replaced it by the node itself."""
    return end.get("id", end.get("index")) if isinstance(end, dict) else end


def _flat(entries: dict[str, Any]) -> dict[str, Any]:
    """Entries of a node or link, including those of its attributes."""
    for name in _NESTED:
        if isinstance(entries.get(name), dict):
            inner = entries[name]
            entries = {**inner, **{entry: value for entry, value in entries.items() if entry != name}}
    for name in _FEATURES:
        inner = entries.get(name)
        if isinstance(inner, dict) and all(isinstance(value, int | float) for value in inner.values()):
            entries = {**{entry: value for entry, value in entries.items() if entry != name}, **inner}
    return entries


def _id(value: Any) -> str | None:
    """Convert an id to text; None if it is missing or cannot be an id."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() if isinstance(value, str | int | float) and not is_missing(value) else None


def _identity(nodes: list[dict[str, Any]], ends: Iterable[str | None]) -> str | None:
    """Return the entry that identifies the nodes; None if they are identified by their positions."""
    ends = {end for end in ends if end is not None}
    complete = []
    for name in _id_entries(nodes):
        ids = {_id(node.get(name)) for node in nodes}
        if None not in ids and len(ids) == len(nodes):
            if ends <= ids:
                return name
            complete.append((name, ids))
    positions = {str(position) for position in range(len(nodes))}
    has_ids = any("id" in node for node in nodes)
    if has_ids and not any(name == "id" for name, _ in complete):
        return "id"  # duplicate or missing, which is reported below
    if ends <= positions and all(ends.isdisjoint(ids) for _, ids in complete):
        return None
    return complete[0][0] if complete else None


def _id_entries(nodes: list[dict[str, Any]]) -> list[str]:
    """Entries that may identify the nodes, in order of precedence."""
    by_words: dict[tuple[str, ...], str] = {}
    for entry in nodes[0] if nodes else ():
        by_words.setdefault(title_words(entry), entry)
    known = [by_words[words] for words in _ID_ENTRIES if words in by_words]
    return [*known, *(entry for words, entry in by_words.items() if words[-1:] == ("id",) and entry not in known)]


def _read_nodes(nodes: list[dict[str, Any]], identity: str | None, parsed: ParsedGraph) -> None:
    has_numbers: dict[str, bool] = {}
    lists: dict[str, list[list[Any] | None]] = {}
    nested = set()
    for number, node in enumerate(nodes, start=1):
        if identity is not None and identity not in node:
            raise parsed.checker.error(f"missing {identity}", line=number)
        name = number - 1 if identity is None else node[identity]
        if parsed.node(name, line=number) != number - 1:
            raise parsed.checker.error(f"duplicate {identity} {name!r}", line=number)
        for column, value in node.items():
            if isinstance(value, list) and len(value) == 1 and is_class_title(column) and len(column) > 1:
                value = value[0]
            if isinstance(value, list):
                if column not in lists:
                    parsed.checker.check(columns=len(lists) + 1, cells=len(nodes) * (len(lists) + 1))
                    lists[column] = [None] * len(nodes)
                lists[column][number - 1] = value
            elif isinstance(value, dict):
                nested.add(column)
            elif column != identity:
                parsed.set_value(number - 1, column, value, line=number)
                has_numbers[column] = has_numbers.get(column, False) or not isinstance(value, str | None)
    # numbers in quotes are codes, unless other values of the column are numbers
    parsed.text_columns |= {column for column, is_numeric in has_numbers.items() if not is_numeric}
    if nested:
        parsed.notes.append(f"Nested attributes were ignored: {join_names(sorted(nested))}.")
    read_lists(lists, parsed)
