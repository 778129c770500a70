"""JSON documents: parsing, and the lists of nodes and links in their various layouts."""

import json
import math
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from torque_core.datasets.importers.limits import LimitChecker
from torque_core.datasets.importers.table_titles import end_entries

__all__ = ["MAX_JSON_MEGABYTES", "NOT_A_GRAPH", "nodes_and_links", "parse_json"]

MAX_JSON_MEGABYTES = 20
"""Limit for JSON files in MB, lower than for other files: parsing takes ten times the memory."""
NOT_A_GRAPH = "not node-link JSON: it needs the lists nodes and links"
_NODES = ("nodes", "vertices")
_LINKS = ("links", "edges", "relationships", "connections", "arcs")
_ENVELOPES = ("graph", "data", "network")
_TABLE_PARTS = {"columns", "data"}  # of a table that pandas writes by orient="split"

Lists = tuple[list[Any] | None, list[Any]]


def parse_json(content: bytes, checker: LimitChecker) -> Any:
    """Parse a document, or one document per line as a list. NaN is a missing value; other constants are refused.

    Raises:
        BadFile: If the file is larger than the limit, not JSON, or nested too deeply.
    """
    if len(content) > MAX_JSON_MEGABYTES * 1_000_000:
        raise checker.error(f"more than {MAX_JSON_MEGABYTES} MB of JSON, which is the limit; use npz instead")

    def constant(name: str) -> float:
        if name == "NaN":  # as written by Python for a missing value
            return math.nan
        raise ValueError(f"{name} is not a number in JSON; write null")

    try:
        try:
            return json.loads(content, parse_constant=constant)
        except json.JSONDecodeError as error:
            lines = content.split(b"\n")
            if error.msg != "Extra data" or error.lineno != 2:
                raise
            return [json.loads(line, parse_constant=constant) for line in lines if line.strip()]
    except RecursionError:
        raise checker.error("nested too deeply") from None
    except json.JSONDecodeError as error:
        raise checker.error(f"not valid JSON: {error.msg}", line=error.lineno) from None
    except ValueError as error:  # not UTF-8, or a number with too many digits
        raise checker.error(f"not valid JSON: {str(error)[:100]}") from None


def nodes_and_links(document: Any, checker: LimitChecker) -> Lists:
    """Return the lists of nodes and links; the nodes are None if the document lists links only.

    Raises:
        BadFile: If there are no such lists, or those of several graphs.

    Example:
        >>> from torque_core.datasets.importers.limits import ImportLimits
        >>> nodes_and_links({"vertices": ["a", "b"], "edges": [["a", "b"]]}, LimitChecker("g.json", ImportLimits()))
        (['a', 'b'], [['a', 'b']])
        >>> nodes_and_links([{"source": "a", "target": "b"}], LimitChecker("g.json", ImportLimits()))
        (None, [{'source': 'a', 'target': 'b'}])
    """
    whole = document
    for _ in range(3):  # the graph may be wrapped in others
        lists = _lists(document, checker)
        if lists is not None:
            return lists
        if not isinstance(document, dict):
            break
        if isinstance(graphs := document.get("graphs"), list) and graphs:
            if len(graphs) > 1:
                raise checker.error(f"contains {len(graphs)} graphs; save each in a file of its own")
            document = graphs[0]
        else:
            inner = (document[name] for name in _ENVELOPES if isinstance(document.get(name), dict | list))
            document = next(inner, None)
    lists = _neighbours(whole) if isinstance(whole, dict) else None
    if lists is None:
        raise checker.error(NOT_A_GRAPH)
    return lists


def _lists(document: Any, checker: LimitChecker) -> Lists | None:
    """Lists of nodes and links in one of the layouts that are known."""
    if isinstance(document, list):
        return _listed(document)
    if not isinstance(document, dict):
        return None
    if isinstance(elements := document.get("elements"), list):
        return _elements(elements)
    if isinstance(elements, dict):
        nodes, links = (_list(elements.get(name, [])) for name in ("nodes", "edges"))
        return None if nodes is None or links is None else ([_data(n) for n in nodes], [_data(link) for link in links])
    by_title = {name.lower(): value for name, value in document.items()}
    nodes = next((by_title[name] for name in _NODES if name in by_title), None)
    links = next((_list(by_title[name]) for name in _LINKS if name in by_title), None)
    if isinstance(nodes, dict) and not _is_table(nodes):
        nodes = [{**(node if isinstance(node, dict) else {}), "id": name} for name, node in nodes.items()]
    nodes = _list(nodes)
    if nodes is not None and isinstance(lists := document.get("adjacency"), list):
        return nodes, list(_adjacent(nodes, lists))
    if links is not None:
        return nodes, links
    if "edge_index" in document:
        return _arrays(document, checker)
    rows = _list(document) if nodes is None else None
    return None if rows is None else _listed(rows)


def _listed(entries: list[Any]) -> Lists | None:
    """Links in a list, or elements of Cytoscape.js."""
    if entries and all(isinstance(entry, dict) and isinstance(entry.get("data"), dict) for entry in entries):
        return _elements(entries)
    is_pairs = all(isinstance(entry, list) and len(entry) in (2, 3) for entry in entries)
    is_links = all(isinstance(entry, dict) for entry in entries) and bool(entries) and end_entries(list(entries[0]))
    return (None, entries) if entries and (is_pairs or is_links) else None


def _elements(elements: list[Any]) -> Lists:
    data = [element["data"] for element in elements if isinstance(element, dict) and "data" in element]
    links = [entry for entry in data if isinstance(entry, dict) and "source" in entry]
    return [entry for entry in data if isinstance(entry, dict) and "source" not in entry], links


def _list(value: Any) -> list[Any] | None:
    """A list, also from a table as pandas writes it in one of its orientations; None for anything else."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return None
    if value.keys() >= _TABLE_PARTS and isinstance(value["columns"], list) and isinstance(value["data"], list):
        titles = [str(title) for title in value["columns"]]
        return [dict(zip(titles, row, strict=False)) for row in value["data"] if isinstance(row, list)]
    if "schema" in value and isinstance(value.get("data"), list):
        return list(value["data"])
    if not value or not all(isinstance(part, dict) for part in value.values()):
        return None
    if end_entries(list(value)) or _is_table(value):  # columns
        return [{title: column.get(row) for title, column in value.items()} for row in next(iter(value.values()))]
    if all(end_entries(list(part)) for part in value.values()):  # rows
        return list(value.values())
    return None


def _is_table(value: dict[str, Any]) -> bool:
    """Return True for columns of the rows 0, 1, 2, ..., as pandas writes them."""
    columns = list(value.values())
    rows = list(map(str, range(len(columns[0])))) if columns and isinstance(columns[0], dict) else []
    return bool(rows) and all(isinstance(column, dict) and list(column) == rows for column in columns)


def _arrays(document: Mapping[str, Any], checker: LimitChecker) -> Lists | None:
    """Nodes 0, 1, 2, ... and links of the arrays that PyG uses, written as lists."""
    ends = document["edge_index"]
    if not (isinstance(ends, list) and len(ends) == 2 and all(isinstance(row, list) for row in ends)):
        return None
    if len(ends[0]) != len(ends[1]) or not all(type(end) is int and end >= 0 for end in chain(*ends)):
        return None
    columns = {name: document[name] for name in ("x", "y") if isinstance(document.get(name), list)}
    count = max(map(len, columns.values()), default=max((*ends[0], *ends[1], -1)) + 1)
    checker.check(nodes=count)
    nodes: list[Any] = [{"id": node} for node in range(count)]
    for name, values in columns.items():
        for node, value in zip(nodes, values, strict=False):
            node[name] = value
    return nodes, [list(pair) for pair in zip(*ends, strict=True)]


def _neighbours(document: Mapping[str, Any]) -> Lists | None:
    """Nodes and links of an object that contains the neighbours of each node."""
    if not document or not all(isinstance(others, list | dict) for others in document.values()):
        return None
    if not all(isinstance(other, str | int | float) for others in document.values() for other in others):
        return None
    if not any(document.values()):
        return None
    return None, [[node, other] for node, others in document.items() for other in others]


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
