"""Layout of the nodes, computed once from the clean graph and shared by the figures before and after rewiring."""

import random
import threading
from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from torch import Tensor

from torque_core.figures.multilevel import multilevel_layout
from torque_core.utils.optional import require

__all__ = ["LAYOUT_VERSION", "in_unit_square", "node_layout"]

LAYOUT_VERSION = 3
"""Incremented whenever the positions computed for a graph change."""
_MAX_FORCE_DIRECTED = 5_000  # nodes; above it, forces between all pairs of nodes take too long
_ITERATIONS = 500
_MARGIN = 0.25  # around a component, as a fraction of its side
_MAX_OVERHANG = 0.3  # of half of the square: maximum distance of outliers from the bulk of the nodes
_IGRAPH_LOCK = threading.Lock()


def node_layout(pairs: Tensor, num_nodes: int, *, seed: int = 0) -> np.ndarray:
    """Compute node positions that place neighbours close to each other, one connected component at a time.

    A component of up to 5,000 nodes is laid out by the Fruchterman-Reingold algorithm (igraph), a larger one by
    :func:`~torque_core.figures.multilevel.multilevel_layout`. The largest component fills the unit square; all others,
    including isolated nodes, are arranged in rows below it, each with an area proportional to its number of nodes. A
    force-directed layout of the whole graph would place them far away.

    Args:
        pairs: Undirected edges, each once, :math:`(2, |\\mathcal{E}|)`.
        num_nodes: :math:`|\\mathcal{V}|`.
        seed: Random seed of the initial positions.

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
    for members, edges in _components(pairs.cpu().numpy(), num_nodes):
        layout = _component_layout(edges, len(members), generator)
        if not largest:
            # if there are many small components and no large one, they share the square
            position[members], largest = layout, max(len(members), 25, num_nodes // 4)
            continue
        side = float(np.sqrt(len(members) / largest))
        cell = side * (1 + 2 * _MARGIN)
        if left + cell > 1 or row_height == 0.0:  # a new row
            floor -= row_height if row_height else 2 * _MARGIN * cell
            left, row_height = 0.0, cell
        position[members] = layout * side + (left + side * _MARGIN, floor - cell + side * _MARGIN)
        left += cell
    return position


def in_unit_square(position: np.ndarray) -> np.ndarray:
    """Scale and shift positions from a drawing so that they fill the unit square in one direction.

    Args:
        position: :math:`(|\\mathcal{V}|, 2)`; not all may be the same.

    Returns:
        :math:`(|\\mathcal{V}|, 2)`, float64.

    Example:
        >>> in_unit_square(np.array([[10, 0], [20, 5]])).tolist()
        [[0.0, 0.0], [1.0, 0.5]]
    """
    position = position.astype(np.float64)
    return (position - position.min(axis=0)) / np.ptp(position, axis=0).max()


def _components(pairs: np.ndarray, num_nodes: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Connected components, largest first: their nodes, and their edges by local node index, (2, E)."""
    graph = sp.csr_matrix((np.ones(pairs.shape[1], np.int8), (pairs[0], pairs[1])), shape=(num_nodes, num_nodes))
    count, component = sp.csgraph.connected_components(graph, directed=False)
    size = np.bincount(component, minlength=count)
    by_size = np.argsort(-size, kind="stable")
    nodes = np.split(np.argsort(component, kind="stable"), size.cumsum()[:-1])
    local_index = np.empty(num_nodes, np.int64)
    for members in nodes:
        local_index[members] = np.arange(len(members))
    component_of_edge = component[pairs[0]]
    edges = local_index[pairs[:, np.argsort(component_of_edge, kind="stable")]]
    end = np.bincount(component_of_edge, minlength=count).cumsum()
    for index in by_size.tolist():
        yield nodes[index], edges[:, end[index - 1] if index else 0 : end[index]]


def _component_layout(edges: np.ndarray, size: int, generator: np.random.Generator) -> np.ndarray:
    """Layout of a connected graph in the unit square."""
    if size == 1:
        return np.array([[0.5, 0.5]])
    if size <= _MAX_FORCE_DIRECTED:
        return _scale_to_unit_square(_force_directed_layout(edges, size, generator))
    ends = np.concatenate([edges, edges[::-1]], axis=1)
    adjacency = sp.csr_matrix((np.ones(ends.shape[1], np.float32), (ends[0], ends[1])), shape=(size, size))
    return _scale_to_unit_square(multilevel_layout(adjacency, generator))


def _force_directed_layout(edges: np.ndarray, size: int, generator: np.random.Generator) -> np.ndarray:
    igraph = require("igraph", extra="figures")
    graph = igraph.Graph(n=size, edges=edges.T.tolist())
    start = generator.uniform(-1, 1, (size, 2)) * np.sqrt(size)
    with _IGRAPH_LOCK:  # igraph has one process-wide random generator, by default that of Python
        igraph.set_random_number_generator(random.Random(size))
        try:
            return np.array(
                graph.layout_fruchterman_reingold(niter=_ITERATIONS, seed=start.tolist(), grid="auto").coords
            )
        finally:
            igraph.set_random_number_generator(random)


def _scale_to_unit_square(position: np.ndarray) -> np.ndarray:
    """Scale by the bulk of the nodes, so that a few outliers do not shrink all others to a dot."""
    low, high = np.quantile(position, [0.02, 0.98], axis=0)
    centre, half = (low + high) / 2, max(float((high - low).max()) / 2, 1e-9)
    scaled = (position - centre) / half
    radius = np.maximum(np.abs(scaled).max(axis=1, keepdims=True), 1)
    # compress distances beyond the bulk, more so the farther out
    scaled *= (1 + _MAX_OVERHANG * -np.expm1((1 - radius) / _MAX_OVERHANG)) / radius
    scaled /= np.abs(scaled).max()
    return (scaled + 1) / 2
