"""One layout of the nodes, computed once from the clean graph: before and after are drawn on it alike."""

import random
import threading
from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from torch import Tensor

from torque_core.figures.multilevel import multilevel_layout

__all__ = ["LAYOUT_VERSION", "node_layout"]

LAYOUT_VERSION = 2
"""Counts up when the same graph gets other positions."""
_FORCES_UP_TO = 5_000  # nodes; beyond it the forces between all nodes take too long
_ROUNDS = 500
_MARGIN = 0.25  # of a part's side, around it
_EDGE = 0.3  # of half the square: so far out of the bulk the farthest nodes are drawn
_ONE_AT_A_TIME = threading.Lock()


def node_layout(pairs: Tensor, num_nodes: int, *, seed: int = 0) -> np.ndarray:
    """Positions of the nodes, part by part: neighbours are near each other.

    A connected part of up to 5,000 nodes is laid out by the forces of Fruchterman and Reingold (igraph), a larger one
    by :func:`~torque_core.figures.multilevel.multilevel_layout`. The largest part fills the unit square; the others,
    isolated nodes among them, stand in rows below it, each as large as its number of nodes deserves. Left to the
    forces, they would drift far away.

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
    generator = np.random.default_rng(seed)
    position = np.empty((num_nodes, 2))
    left = floor = row_height = 0.0
    largest = 0
    for members, edges in _parts(pairs.cpu().numpy(), num_nodes):
        drawn = _drawn(edges, len(members), generator)
        if not largest:
            # many small parts and no large one share a square of their own
            position[members], largest = drawn, max(len(members), 25, num_nodes // 4)
            continue
        side = float(np.sqrt(len(members) / largest))
        cell = side * (1 + 2 * _MARGIN)
        if left + cell > 1 or row_height == 0.0:  # a new row
            floor -= row_height if row_height else 2 * _MARGIN * cell
            left, row_height = 0.0, cell
        position[members] = drawn * side + (left + side * _MARGIN, floor - cell + side * _MARGIN)
        left += cell
    return position


def _parts(pairs: np.ndarray, num_nodes: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Connected parts, the largest first: their nodes, and their edges by the numbers of these nodes, (2, E)."""
    graph = sp.csr_matrix((np.ones(pairs.shape[1], np.int8), (pairs[0], pairs[1])), shape=(num_nodes, num_nodes))
    count, part = sp.csgraph.connected_components(graph, directed=False)
    size = np.bincount(part, minlength=count)
    by_size = np.argsort(-size, kind="stable")
    nodes = np.split(np.argsort(part, kind="stable"), size.cumsum()[:-1])
    number = np.empty(num_nodes, np.int64)
    for members in nodes:
        number[members] = np.arange(len(members))
    of_edge = part[pairs[0]]
    edges = number[pairs[:, np.argsort(of_edge, kind="stable")]]
    end = np.bincount(of_edge, minlength=count).cumsum()
    for each in by_size.tolist():
        yield nodes[each], edges[:, end[each - 1] if each else 0 : end[each]]


def _drawn(edges: np.ndarray, size: int, generator: np.random.Generator) -> np.ndarray:
    """A connected graph in the unit square."""
    if size == 1:
        return np.array([[0.5, 0.5]])
    if size <= _FORCES_UP_TO:
        return _into_unit_square(_forces(edges, size, generator))
    ends = np.concatenate([edges, edges[::-1]], axis=1)
    adjacency = sp.csr_matrix((np.ones(ends.shape[1], np.float32), (ends[0], ends[1])), shape=(size, size))
    return _into_unit_square(multilevel_layout(adjacency, generator))


def _forces(edges: np.ndarray, size: int, generator: np.random.Generator) -> np.ndarray:
    import igraph

    graph = igraph.Graph(n=size, edges=edges.T.tolist())
    start = generator.uniform(-1, 1, (size, 2)) * np.sqrt(size)
    with _ONE_AT_A_TIME:  # igraph nudges nodes by one generator for the whole process, Python's own unless told
        igraph.set_random_number_generator(random.Random(size))
        try:
            return np.array(graph.layout_fruchterman_reingold(niter=_ROUNDS, seed=start.tolist(), grid="auto").coords)
        finally:
            igraph.set_random_number_generator(random)


def _into_unit_square(position: np.ndarray) -> np.ndarray:
    """Scale by the bulk of the nodes: a few that stand far out must not shrink all others to a dot."""
    low, high = np.quantile(position, [0.02, 0.98], axis=0)
    centre, half = (low + high) / 2, max(float((high - low).max()) / 2, 1e-9)
    scaled = (position - centre) / half
    radius = np.maximum(np.abs(scaled).max(axis=1, keepdims=True), 1)
    # the farther beyond the bulk, the less a distance counts
    scaled *= (1 + _EDGE * -np.expm1((1 - radius) / _EDGE)) / radius
    scaled /= np.abs(scaled).max()
    return (scaled + 1) / 2
