"""Directions of the edges that a file lists."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch_geometric.utils import coalesce, remove_self_loops

from torque_core.datasets.importers.edge_attributes import listed_weights
from torque_core.datasets.importers.parsed_graph import Cell, ParsedGraph

__all__ = ["directed_edges", "directed_weights", "is_edge_type", "read_edge_types"]

_TYPE_COLUMNS: dict[str, dict[Cell, bool]] = {
    "type": {"undirected": True, "mutual": True, "directed": False},
    "directed": {"true": False, "false": True, 1.0: False, 0.0: True},
}
"""Columns of Gephi's tables, and which of their values stand for edges that go both ways."""


def is_edge_type(column: str, cells: Iterable[Any]) -> bool:
    """Return True if a column of edges holds their directions, as :func:`read_edge_types` reads them.

    Example:
        >>> is_edge_type("Type", ["Directed", "Undirected"]), is_edge_type("Type", ["road", "rail"])
        (True, False)
    """
    values = {_lower(cell) for cell in cells} - {None}
    return bool(values) and values <= {*_TYPE_COLUMNS.get(column.lower(), {})}


def read_edge_types(parsed: ParsedGraph) -> None:
    """Take the directions of edges from a column ``Type`` with Directed and Undirected, as Gephi writes it."""
    for column, cells in parsed.edge_columns.items():
        if not is_edge_type(column, cells):
            continue
        meaning, values = _TYPE_COLUMNS[column.lower()], [_lower(cell) for cell in cells]
        listed = [
            values[position] if position < len(values) else None for position in parsed.listed_positions().tolist()
        ]
        parsed.both_ways |= {index for index, value in enumerate(listed) if meaning.get(value, True)}
        parsed.directed |= len(parsed.both_ways) < len(listed)
        return


def directed_edges(parsed: ParsedGraph, edges: Tensor, num_nodes: int) -> Tensor:
    """Return the edges in the directions in which they are listed, each once, without self-loops.

    Args:
        parsed: The parsed files.
        edges: The edges as listed, by nodes of the graph, :math:`(2, M)`.
        num_nodes: :math:`|\\mathcal{V}|`.

    Returns:
        Sorted edges, :math:`(2, D)`; those that go both ways occur twice.
    """
    return coalesce(remove_self_loops(_in_directions(parsed, edges))[0], num_nodes=num_nodes)


def directed_weights(parsed: ParsedGraph, column: str, edges: Tensor, directed: Tensor, num_nodes: int) -> Tensor:
    """Return the weights of the edges in their directions; those of an edge that is listed repeatedly are added.

    Args:
        parsed: The parsed files.
        column: The edge attribute with the weights.
        edges: The edges as listed, by nodes of the graph, :math:`(2, M)`.
        directed: The result of :func:`directed_edges`, :math:`(2, D)`.
        num_nodes: :math:`|\\mathcal{V}|`.

    Returns:
        The weights, float32, :math:`(D,)`.

    Raises:
        BadFile: If a weight is text, infinite, or not greater than 0.
    """
    weight = listed_weights(parsed, column)
    both = np.array(sorted(parsed.both_ways), dtype=np.int64)
    weight = np.concatenate([weight, weight[both]])
    ends = _in_directions(parsed, edges)
    key, known = ((end[0] * num_nodes + end[1]).numpy() for end in (ends, directed))
    is_edge = (ends[0] != ends[1]).numpy()
    total = np.bincount(np.searchsorted(known, key[is_edge]), weight[is_edge], len(known))
    return torch.from_numpy(total.astype(np.float32))


def _in_directions(parsed: ParsedGraph, edges: Tensor) -> Tensor:
    """The listed edges, followed by the reverse of those that go both ways."""
    both = torch.tensor(sorted(parsed.both_ways), dtype=torch.long)
    return torch.cat([edges, edges[:, both].flip(0)], dim=1)


def _lower(cell: Any) -> Any:
    return cell.lower() if isinstance(cell, str) else cell
