"""One layout of the nodes, computed once from the clean graph: before and after are drawn on it alike."""

import random
import threading

import numpy as np
from torch import Tensor

__all__ = ["node_layout"]

_ITERATIONS = {5_000: 500, 20_000: 150}
_FEWEST_ITERATIONS = 40
_MARGIN = 0.25  # of a part's side, around it
_ONE_AT_A_TIME = threading.Lock()


def node_layout(pairs: Tensor, num_nodes: int, *, seed: int = 0) -> np.ndarray:
    """Positions of the nodes by the forces of Fruchterman and Reingold (igraph), part by part.

    The largest connected part fills the unit square; the others, isolated nodes among them, stand in rows below it,
    each as large as its number of nodes deserves. Left to the forces, they would drift far away.

    Args:
        pairs: Undirected edges, each once, :math:`(2, |\\mathcal{E}|)`.
        num_nodes: :math:`|\\mathcal{V}|`.
        seed: Of the positions to start from.

    Returns:
        :math:`(|\\mathcal{V}|, 2)`, float64.

    Example:
        >>> import torch
        >>> position = node_layout(torch.tensor([[0, 1], [1, 2]]), 4)
        >>> position.shape, bool(position[3, 1] < position[:3, 1].min())
        ((4, 2), True)
    """
    import igraph

    graph = igraph.Graph(n=num_nodes, edges=pairs.T.tolist())
    parts = sorted(graph.connected_components(), key=len, reverse=True)
    generator = np.random.default_rng(seed)
    position = np.empty((num_nodes, 2))
    left = floor = 0.0
    row_height = 0.0
    for rank, members in enumerate(parts):
        drawn = _forces(graph.subgraph(members), generator)
        if rank == 0:
            position[members] = drawn
            continue
        side = float(np.sqrt(len(members) / max(len(parts[0]), 25)))
        cell = side * (1 + 2 * _MARGIN)
        if left + cell > 1 or row_height == 0.0:  # a new row
            floor -= row_height if row_height else 2 * _MARGIN * cell
            left, row_height = 0.0, cell
        position[members] = drawn * side + (left + side * _MARGIN, floor - cell + side * _MARGIN)
        left += cell
    return position


def _forces(graph: object, generator: np.random.Generator) -> np.ndarray:
    """A connected graph in the unit square."""
    import igraph

    size = graph.vcount()  # type: ignore[attr-defined]
    if size == 1:
        return np.array([[0.5, 0.5]])
    start = generator.uniform(-1, 1, (size, 2)) * np.sqrt(size)
    rounds = next((count for most, count in _ITERATIONS.items() if size <= most), _FEWEST_ITERATIONS)
    with _ONE_AT_A_TIME:  # igraph nudges nodes by one generator for the whole process, Python's own unless told
        igraph.set_random_number_generator(random.Random(size))
        try:
            drawn = graph.layout_fruchterman_reingold(niter=rounds, seed=start.tolist(), grid="auto")  # type: ignore[attr-defined]
        finally:
            igraph.set_random_number_generator(random)
    return _into_unit_square(np.array(drawn.coords))


def _into_unit_square(position: np.ndarray) -> np.ndarray:
    """Scale by the bulk of the nodes: a few that stand far out must not shrink all others to a dot."""
    low, high = np.quantile(position, [0.02, 0.98], axis=0)
    centre, half = (low + high) / 2, max(float((high - low).max()) / 2, 1e-9)
    scaled = (position - centre) / half
    radius = np.abs(scaled).max(axis=1, keepdims=True)
    # beyond the bulk, distance grows only as its logarithm
    scaled = np.where(radius > 1, scaled / np.maximum(radius, 1) * (1 + 0.3 * np.log(np.maximum(radius, 1))), scaled)
    scaled /= np.abs(scaled).max()
    return (scaled + 1) / 2
