"""Attributes and weights of undirected edges, from the edges as a file lists them."""

import numpy as np
from torch import Tensor

from torque_core.datasets.clean import format_count
from torque_core.datasets.importers.parsed_graph import Cell, ParsedGraph

__all__ = ["edge_attributes", "edge_weights", "listed_weights", "one_kind"]


def edge_attributes(parsed: ParsedGraph, edges: Tensor, pairs: Tensor, num_nodes: int) -> dict[str, list[Cell]]:
    """Return the attributes of the undirected edges; of repeated edges, the first counts.

    Args:
        parsed: The parsed files.
        edges: The edges as listed, :math:`(2, M)`.
        pairs: The undirected edges, :math:`(2, |\\mathcal{E}|)`.
        num_nodes: :math:`|\\mathcal{V}|`.
    """
    place, is_edge = _places(edges, pairs, num_nodes)
    first = np.full(pairs.size(1), -1, dtype=np.int64)
    first[place[is_edge][::-1]] = parsed.listed_positions()[is_edge][::-1]
    return {name: one_kind(_take(cells, first)) for name, cells in parsed.edge_columns.items()}


def one_kind(cells: list[Cell]) -> list[Cell]:
    """Convert the numbers of an attribute to text if some of its values are text.

    Example:
        >>> one_kind(["01001", 90210.0, None])
        ['01001', '90210', None]
    """
    if not any(isinstance(cell, str) for cell in cells):
        return cells
    return [f"{cell:.12g}" if isinstance(cell, float) else cell for cell in cells]


def edge_weights(parsed: ParsedGraph, column: str, edges: Tensor, pairs: Tensor, num_nodes: int) -> np.ndarray:
    """Return the weights of the undirected edges.

    The weights of an edge that is listed more than once in one direction are added; if it is listed in both
    directions, the weight is the mean of both. A missing weight is 1, with a note.

    Returns:
        The weights, float32, :math:`(|\\mathcal{E}|,)`.

    Raises:
        BadFile: If a weight is text, infinite, or not greater than 0.
    """
    missing = sum(cell is None for cell in _take(parsed.edge_columns[column], parsed.listed_positions()))
    if missing:
        parsed.notes.append(f"{format_count(missing, 'missing weight', 'was')} replaced by 1.")
    weight = listed_weights(parsed, column)
    place, is_edge = _places(edges, pairs, num_nodes)
    forward = (edges[0] < edges[1]).numpy()
    sums = [np.bincount(place[side], weight[side], pairs.size(1)) for side in (is_edge & forward, is_edge & ~forward)]
    directions = np.sum([total > 0 for total in sums], axis=0)
    return (np.sum(sums, axis=0) / directions.clip(1)).astype(np.float32)


def listed_weights(parsed: ParsedGraph, column: str) -> np.ndarray:
    """Return the weight of each listed edge, 1 where it is missing, float64, :math:`(M,)`.

    Raises:
        BadFile: If a weight is text, infinite, or not greater than 0.
    """
    cells = _take(parsed.edge_columns[column], parsed.listed_positions())
    wrong = next((cell for cell in cells if isinstance(cell, str) or (cell is not None and not 0 < cell < 3e38)), None)
    if wrong is not None:
        raise parsed.checker.error(f"weights must be numbers greater than 0, but {column} contains {str(wrong)[:40]!r}")
    return np.array([1.0 if cell is None else cell for cell in cells], dtype=np.float64)


def _places(edges: Tensor, pairs: Tensor, num_nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Position of each listed edge among the pairs, and whether it is one, as self-loops are none; (M,) each."""
    low, high = edges.min(dim=0).values.numpy(), edges.max(dim=0).values.numpy()
    place = np.searchsorted((pairs[0] * num_nodes + pairs[1]).numpy(), low * num_nodes + high)
    is_edge = low != high
    return np.where(is_edge, place, 0), is_edge


def _take(cells: list[Cell], positions: np.ndarray) -> list[Cell]:
    return [cells[position] if position < len(cells) else None for position in positions.tolist()]
