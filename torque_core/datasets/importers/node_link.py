"""Node-link JSON, as NetworkX and D3 write it."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

from torque_core.datasets.importers.limits import Budget
from torque_core.datasets.importers.parsed import Parsed

__all__ = ["MOST_JSON", "read_node_link"]

_FEATURES = ("x", "features")
MOST_JSON = 20
"""Megabytes; it takes ten times the memory while it is read."""


def read_node_link(content: bytes, budget: Budget) -> Parsed:
    """``nodes``, each with ``id``, and ``links`` or ``edges``, each with ``source`` and ``target``.

    Without an ``id``, nodes are called by their number from 0 on, as in old files of D3. What else is said of a node is
    a column; ``x`` or ``features`` can be a list of numbers.
    """
    if len(content) > MOST_JSON * 1_000_000:
        raise budget.bad(f"more than {MOST_JSON} MB of JSON, which is the limit; use npz")
    document = _document(content, budget)
    nodes, links = document.get("nodes"), document.get("links", document.get("edges"))
    if not isinstance(nodes, list) or not isinstance(links, list):
        raise budget.bad("is no node-link JSON: it needs the lists nodes and links")
    budget.allow(nodes=len(nodes), links=len(links))
    parsed = Parsed(budget, directed=bool(document.get("directed", False)))
    by_number = all(isinstance(node, dict) and "id" not in node for node in nodes)
    rows = []
    budget.unit = "node"
    for number, node in enumerate(nodes, start=1):
        said = node if isinstance(node, dict) else {"id": node}
        if "id" not in said and not by_number:
            raise budget.bad("has no id", line=number)
        name = said.get("id", number - 1)
        if parsed.node(name, line=number) != (place := number - 1):
            raise budget.bad(f"{name!r} is there twice", line=number)
        rows.append(_say(said, place, number, parsed))
    if any(row is not None for row in rows):
        parsed.x = _features(rows, budget)
    budget.unit = "link"
    for number, link in enumerate(links, start=1):
        if not isinstance(link, dict) or "source" not in link or "target" not in link:
            raise budget.bad("needs source and target", line=number)
        parsed.left_out |= link.keys() - {"source", "target", "key"}
        parsed.link(*(parsed.node(link[end], line=number, new=False) for end in ("source", "target")))
    return parsed.done()


def _document(content: bytes, budget: Budget) -> Mapping[str, Any]:
    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is no number of JSON; write null")

    try:
        document = json.loads(content, parse_constant=refuse)
    except RecursionError:
        raise budget.bad("is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise budget.bad(f"is no JSON: {error.msg}", line=error.lineno) from None
    except ValueError as error:  # not UTF-8, or a number of too many digits
        raise budget.bad(f"is no JSON: {str(error)[:100]}") from None
    if not isinstance(document, dict):
        raise budget.bad("is no node-link JSON: it needs the lists nodes and links")
    return document


def _say(said: Mapping[str, Any], place: int, number: int, parsed: Parsed) -> list[float] | None:
    """Note a node's columns, and return its list of features."""
    features = None
    for column, value in said.items():
        if column in _FEATURES and isinstance(value, list):
            features = value
        elif column != "id" and not isinstance(value, list | dict):
            parsed.say(place, column, value, line=number)
    return features


def _features(rows: list[list[float] | None], budget: Budget) -> np.ndarray:
    lengths = {0 if row is None else len(row) for row in rows}
    if len(lengths) > 1:
        raise budget.bad(f"features must be as many for each node; found {min(lengths)} and {max(lengths)}")
    budget.allow(columns=max(lengths), cells=len(rows) * max(lengths))
    try:
        return np.array(rows, dtype=np.float32)
    except (TypeError, ValueError, OverflowError):
        raise budget.bad("features must be lists of numbers") from None
