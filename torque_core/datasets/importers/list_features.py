"""Features that are stored as lists of numbers."""

from collections.abc import Mapping
from itertools import chain
from typing import Any

import numpy as np

from torque_core.datasets.clean import format_count
from torque_core.datasets.importers.drawing import DRAWING_LISTS
from torque_core.datasets.importers.limits import LimitChecker, join_names
from torque_core.datasets.importers.parsed_graph import ParsedGraph

__all__ = ["read_lists"]

_FEATURES = ("x", "features", "node_features", "feature", "feat")

Rows = list[list[Any] | None]


def read_lists(lists: Mapping[str, Rows], parsed: ParsedGraph) -> None:
    """Store lists of numbers as features of the nodes, and note the lists that are ignored.

    The list ``x`` or ``features`` contains the features. If there is neither, all lists of numbers that have the same
    length in every node that has them do, one after the other, except positions such as ``pos``.

    Args:
        lists: The lists of each node by name; None if a node has no such list.
        parsed: The nodes.

    Raises:
        BadFile: If ``x`` or ``features`` is not a list of numbers of the same length in all nodes.
    """
    by_lower_case = {name.lower(): name for name in reversed(list(lists))}
    named = next((by_lower_case[name] for name in _FEATURES if name in by_lower_case), None)
    used = [] if named is None else [named]
    if named is not None:
        parsed.x = _features(lists[named], parsed.checker)
    else:
        used = [name for name, rows in lists.items() if name.lower() not in DRAWING_LISTS and _is_numeric(rows)]
        if used:
            parsed.x = _concatenated([lists[name] for name in used], parsed)
            parsed.x_title = f"list{'s' if len(used) > 1 else ''} {join_names(used)}"
    if ignored := [name for name in lists if name not in used]:
        hint = "" if named else "; lists of numbers called x are features"
        parsed.notes.append(f"Lists were ignored: {join_names(ignored)}{hint}.")


def _is_numeric(rows: Rows) -> bool:
    """Return True if all lists contain the same number of finite numbers, at least one."""
    lengths = {len(row) for row in rows if row is not None}
    values = chain.from_iterable(row for row in rows if row is not None)
    return len(lengths) == 1 and lengths != {0} and all(v is None or isinstance(v, int | float) for v in values)


def _concatenated(lists: list[Rows], parsed: ParsedGraph) -> np.ndarray:
    """Features of several lists; a node without a list has zeros instead."""
    widths = [max(len(row) for row in rows if row is not None) for rows in lists]
    parsed.checker.check(columns=sum(widths), numbers=len(parsed.ids) * sum(widths))
    missing = 0
    columns = []
    for rows, width in zip(lists, widths, strict=True):
        missing += rows.count(None)
        columns.append(_array([[0.0] * width if row is None else row for row in rows], parsed.checker))
    if missing:
        parsed.notes.append(f"{format_count(missing, 'missing list', 'was')} replaced by zeros.")
    return np.concatenate(columns, axis=1)


def _features(rows: Rows, checker: LimitChecker) -> np.ndarray:
    lengths = {0 if row is None else len(row) for row in rows}
    if len(lengths) > 1:
        raise checker.error(f"all nodes must have the same number of features, found {min(lengths)} and {max(lengths)}")
    checker.check(columns=max(lengths), cells=len(rows) * max(lengths))
    return _array(rows, checker)


def _array(rows: Rows, checker: LimitChecker) -> np.ndarray:
    if not all(value is None or isinstance(value, int | float) for row in rows if row is not None for value in row):
        raise checker.error("features must be lists of numbers")
    try:
        return np.array(rows, dtype=np.float32)
    except (TypeError, ValueError, OverflowError):
        raise checker.error("features must be lists of numbers") from None
