"""Files of the Open Graph Benchmark: tables without ids, whose rows are the nodes 0, 1, 2, ..."""

import re
from collections.abc import Mapping
from pathlib import PurePath

import numpy as np

from torque_core.datasets.importers.limits import LimitChecker, join_names
from torque_core.datasets.importers.parsed_graph import ParsedGraph
from torque_core.datasets.importers.split_masks import masks_from_arrays, part_of_title
from torque_core.datasets.importers.table_rows import table_rows

__all__ = ["add_splits", "by_use", "lists_rows"]

_POSITIONAL = ("node-feat", "node-label", "node_year", "node_species")
_IGNORED = re.compile(r"num-(node|edge)-list|edge-feat|edge_reltype|nodeidx2|labelidx2")


def by_use(files: Mapping[str, bytes]) -> tuple[dict[str, bytes], dict[str, bytes], list[str]]:
    """Separate the files with the splits, and those that a graph is read without.

    Returns:
        The tables of edges and nodes; the files of splits by their part; and the names of the files that are ignored.

    Example:
        >>> by_use({"edge.csv": b"0,1", "node-label.csv": b"0", "num-edge-list.csv": b"1", "valid.csv": b"1"})
        ({'edge.csv': b'0,1', 'node-label.csv': b'0'}, {'val': b'1'}, ['num-edge-list.csv'])
    """
    is_ogb = any(_stem(name) in _POSITIONAL for name in files)
    if not is_ogb:
        return dict(files), {}, []
    ignored = [name for name in files if _IGNORED.search(_stem(name))]
    parts = {name: part for name in files if name not in ignored and (part := part_of_title(_stem(name)))}
    tables = {name: content for name, content in files.items() if name not in ignored and name not in parts}
    return tables, {part: files[name] for name, part in parts.items()}, ignored


def lists_rows(name: str) -> bool:
    """Return True for a table whose rows are the nodes 0, 1, 2, ..., by its name."""
    return _stem(name) in _POSITIONAL


def add_splits(parsed: ParsedGraph, splits: Mapping[str, bytes], ignored: list[str], checker: LimitChecker) -> None:
    """Add the split, given by the indices of the nodes of each part, and note the files that were ignored."""
    if ignored:
        parsed.notes.append(f"Files that were ignored: {join_names(ignored)}.")
    if not splits:
        return
    try:
        index = {
            part: np.array([int(cells[0]) for _, cells in table_rows(content, checker)], dtype=np.int64)
            for part, content in splits.items()
        }
        place = np.array([parsed.ids.get(str(node), -1) for node in range(len(parsed.ids))])
        parsed.masks = masks_from_arrays({part: place[nodes] for part, nodes in index.items()}, len(parsed.ids))
    except (ValueError, IndexError) as error:
        parsed.notes.append(f"The split was ignored: {str(error)[:100]}.")


def _stem(name: str) -> str:
    return PurePath(name).stem.lower()
