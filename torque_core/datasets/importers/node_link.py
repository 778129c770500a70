"""Node-link JSON, the format of NetworkX and D3."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

from torque_core.datasets.importers.limits import LimitChecker
from torque_core.datasets.importers.parsed_graph import ParsedGraph

__all__ = ["MAX_JSON_MEGABYTES", "read_node_link"]

_FEATURES = ("x", "features")
MAX_JSON_MEGABYTES = 20
"""Limit for JSON files in MB, lower than for other files: parsing takes ten times the memory."""


def read_node_link(content: bytes, checker: LimitChecker) -> ParsedGraph:
    """Read ``nodes``, each with an ``id``, and ``links`` or ``edges``, each with ``source`` and ``target``.

    If no node has an ``id``, nodes are numbered from 0, as in old files of D3. Every other entry of a node is an
    attribute; ``x`` or ``features`` may be a list of numbers.

    Raises:
        BadFile: If the file is not node-link JSON or exceeds a limit.
    """
    if len(content) > MAX_JSON_MEGABYTES * 1_000_000:
        raise checker.error(f"more than {MAX_JSON_MEGABYTES} MB of JSON, which is the limit; use npz instead")
    document = _document(content, checker)
    nodes, links = document.get("nodes"), document.get("links", document.get("edges"))
    if not isinstance(nodes, list) or not isinstance(links, list):
        raise checker.error("not node-link JSON: it needs the lists nodes and links")
    checker.check(nodes=len(nodes), edges=len(links))
    parsed = ParsedGraph(checker, directed=bool(document.get("directed", False)))
    numbered = all(isinstance(node, dict) and "id" not in node for node in nodes)
    rows = []
    checker.unit = "node"
    for number, node in enumerate(nodes, start=1):
        entries = node if isinstance(node, dict) else {"id": node}
        if "id" not in entries and not numbered:
            raise checker.error("missing id", line=number)
        name = entries.get("id", number - 1)
        if parsed.node(name, line=number) != number - 1:
            raise checker.error(f"duplicate id {name!r}", line=number)
        rows.append(_read_node(entries, number, parsed))
    if any(row is not None for row in rows):
        parsed.x = _features(rows, checker)
    checker.unit = "link"
    for number, link in enumerate(links, start=1):
        if not isinstance(link, dict) or "source" not in link or "target" not in link:
            raise checker.error("missing source or target", line=number)
        parsed.ignored |= link.keys() - {"source", "target", "key"}
        parsed.add_edge(*(parsed.node(link[end], line=number, create=False) for end in ("source", "target")))
    return parsed.finish()


def _document(content: bytes, checker: LimitChecker) -> Mapping[str, Any]:
    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is not a number in JSON; write null")

    try:
        document = json.loads(content, parse_constant=refuse)
    except RecursionError:
        raise checker.error("nested too deeply") from None
    except json.JSONDecodeError as error:
        raise checker.error(f"not valid JSON: {error.msg}", line=error.lineno) from None
    except ValueError as error:  # not UTF-8, or a number with too many digits
        raise checker.error(f"not valid JSON: {str(error)[:100]}") from None
    if not isinstance(document, dict):
        raise checker.error("not node-link JSON: it needs the lists nodes and links")
    return document


def _read_node(entries: Mapping[str, Any], number: int, parsed: ParsedGraph) -> list[float] | None:
    """Store the attributes of the node with a number, from 1, and return its list of features, if it has one."""
    features = None
    for column, value in entries.items():
        if column in _FEATURES and isinstance(value, list):
            features = value
        elif column != "id" and not isinstance(value, list | dict):
            parsed.set_value(number - 1, column, value, line=number)
    return features


def _features(rows: list[list[float] | None], checker: LimitChecker) -> np.ndarray:
    lengths = {0 if row is None else len(row) for row in rows}
    if len(lengths) > 1:
        raise checker.error(f"all nodes must have the same number of features, found {min(lengths)} and {max(lengths)}")
    checker.check(columns=max(lengths), cells=len(rows) * max(lengths))
    try:
        return np.array(rows, dtype=np.float32)
    except (TypeError, ValueError, OverflowError):
        raise checker.error("features must be lists of numbers") from None
