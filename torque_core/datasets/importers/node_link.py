"""Graphs in JSON: the node-link format of NetworkX, D3, Graphology, Cytoscape and vis.js, and JSON Graph Format."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from torque_core.datasets.importers.cell_values import is_missing
from torque_core.datasets.importers.limits import LimitChecker, join_names
from torque_core.datasets.importers.list_features import read_lists
from torque_core.datasets.importers.parsed_graph import ParsedGraph

__all__ = ["MAX_JSON_MEGABYTES", "read_node_link"]

MAX_JSON_MEGABYTES = 20
"""Limit for JSON files in MB, lower than for other files: parsing takes ten times the memory."""
_NOT_NODE_LINK = "not node-link JSON: it needs the lists nodes and links"
_ID_ENTRIES = ("id", "key", "_id", "name", "label")
_END_ENTRIES = (("source", "target"), ("from", "to"), ("_from", "_to"))
_NESTED = ("data", "attributes", "metadata")  # where Cytoscape.js, Graphology and JSON Graph Format store attributes


def read_node_link(content: bytes, checker: LimitChecker) -> ParsedGraph:
    """Read ``nodes``, each with an ``id``, and ``links`` or ``edges``, each with ``source`` and ``target``.

    ``nodes`` may also be an object with the ids as keys, and the edges may be in a list ``adjacency`` with a list of
    neighbours for each node.

    Nodes are identified by the first of ``id``, ``key``, ``_id``, ``name`` and ``label`` that contains the ends of all
    links. If none does, and the ends are integers, they are positions in the list of nodes, from 0, as in old files of
    D3. The ends may also be called ``from`` and ``to``. Every other entry of a node, or of its entry ``data`` or
    ``attributes``, is an attribute. Text in quotes is no number. Lists of numbers are features, see
    :func:`~torque_core.datasets.importers.list_features.read_lists`.

    Raises:
        BadFile: If the file is not node-link JSON or exceeds a limit.
    """
    if len(content) > MAX_JSON_MEGABYTES * 1_000_000:
        raise checker.error(f"more than {MAX_JSON_MEGABYTES} MB of JSON, which is the limit; use npz instead")
    document = _document(content, checker)
    nodes, links = _nodes_and_links(document)
    if not isinstance(nodes, list) or not isinstance(links, list):
        raise checker.error(_NOT_NODE_LINK)
    checker.check(nodes=len(nodes), edges=len(links))
    parsed = ParsedGraph(checker, directed=bool(document.get("directed", False)))
    nodes = [_flat(node) if isinstance(node, dict) else {"id": node} for node in nodes]
    if any(isinstance(node.get("id"), float) and math.isnan(node["id"]) for node in nodes):
        raise checker.error("not valid JSON: NaN is not a number in JSON; write null")
    links = [_flat(link) if isinstance(link, dict) else {} for link in links]
    ends = [_ends(link) for link in links]
    identity = _identity(nodes, {_id(end) for pair in ends if pair for end in pair})
    if identity is None and links:
        parsed.notes.append("The ends of links are no ids: they were read as positions in the list of nodes, from 0.")
    checker.unit = "node"
    _read_nodes(nodes, identity, parsed)
    checker.unit = "link"
    ends_and_key = {"key"}.union(*_END_ENTRIES)
    for number, (link, pair) in enumerate(zip(links, ends, strict=True), start=1):
        if pair is None:
            raise checker.error("missing source or target", line=number)
        for name in link.keys() - ends_and_key:
            parsed.set_edge_value(number - 1, name, link[name])
        parsed.connect(*pair, line=number, listed=number - 1)
    return parsed.finish()


def _document(content: bytes, checker: LimitChecker) -> Mapping[str, Any]:
    def constant(name: str) -> float:
        if name == "NaN":  # as written by Python for a missing value
            return math.nan
        raise ValueError(f"{name} is not a number in JSON; write null")

    try:
        document = json.loads(content, parse_constant=constant)
    except RecursionError:
        raise checker.error("nested too deeply") from None
    except json.JSONDecodeError as error:
        raise checker.error(f"not valid JSON: {error.msg}", line=error.lineno) from None
    except ValueError as error:  # not UTF-8, or a number with too many digits
        raise checker.error(f"not valid JSON: {str(error)[:100]}") from None
    if not isinstance(document, dict):
        raise checker.error(_NOT_NODE_LINK)
    return document


def _nodes_and_links(document: Mapping[str, Any]) -> tuple[Any, Any]:
    """Lists of nodes and links, also of Cytoscape.js, where they may be mixed."""
    elements = document.get("elements")
    if isinstance(elements, list):
        data = [element["data"] for element in elements if isinstance(element, dict) and "data" in element]
        links = [entry for entry in data if isinstance(entry, dict) and "source" in entry]
        return [entry for entry in data if isinstance(entry, dict) and "source" not in entry], links
    if isinstance(elements, dict):
        nodes, links = (elements.get(name, []) for name in ("nodes", "edges"))
        return [_data(node) for node in nodes], [_data(link) for link in links]
    if isinstance(graph := document.get("graph"), dict) and "nodes" in graph:  # JSON Graph Format
        document = graph
    nodes = document.get("nodes")
    if isinstance(nodes, dict):
        nodes = [{**(node if isinstance(node, dict) else {}), "id": name} for name, node in nodes.items()]
    if isinstance(lists := document.get("adjacency"), list) and isinstance(nodes, list):
        return nodes, list(_adjacent(nodes, lists))
    return nodes, document.get("links", document.get("edges"))


def _adjacent(nodes: list[Any], lists: list[Any]) -> Iterator[Any]:
    """Links of the adjacency lists that NetworkX writes, one for each node."""
    for node, neighbours in zip(nodes, lists, strict=False):
        for neighbour in neighbours if isinstance(neighbours, list) else ():
            if isinstance(node, dict) and isinstance(neighbour, dict):
                attributes = {name: value for name, value in neighbour.items() if name != "id"}
                yield {**attributes, "source": node.get("id"), "target": neighbour.get("id")}


def _data(element: Any) -> Any:
    """Attributes of an element of Cytoscape.js, without its drawing."""
    return element["data"] if isinstance(element, dict) and isinstance(element.get("data"), dict) else element


def _flat(entries: dict[str, Any]) -> dict[str, Any]:
    """Entries of a node or link, including those of its attributes."""
    for name in _NESTED:
        if isinstance(entries.get(name), dict):
            inner = entries[name]
            entries = {**inner, **{entry: value for entry, value in entries.items() if entry != name}}
    return entries


def _ends(link: Mapping[str, Any]) -> tuple[Any, Any] | None:
    """The two ends of a link; D3 replaces them by the nodes themselves."""
    for names in _END_ENTRIES:
        if all(name in link for name in names):
            source, target = (
                end.get("id", end.get("index")) if isinstance(end := link[name], dict) else end for name in names
            )
            return source, target
    return None


def _id(value: Any) -> str | None:
    """Convert an id to text; None if it is missing or cannot be an id."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip() if isinstance(value, str | int | float) and not is_missing(value) else None


def _identity(nodes: list[dict[str, Any]], ends: Iterable[str | None]) -> str | None:
    """Return the entry that identifies the nodes; None if they are identified by their positions."""
    ends = {end for end in ends if end is not None}
    complete = []
    for name in _ID_ENTRIES:
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
