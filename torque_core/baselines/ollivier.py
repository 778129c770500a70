"""Exact Ollivier-Ricci curvature of the edges of a graph."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from torque_core.utils.optional import require

__all__ = ["Transport", "ollivier_ricci", "transports"]

Nodes = NDArray[np.int64]

_MAX_PIVOTS = 1 << 30  # large enough for every problem to be solved


@dataclass(frozen=True)
class Transport:
    """Optimal transport plan from the neighbours of one end of an edge to the neighbours of the other end.

    Masses are integers with the total ``unit``, so that costs are exact.

    Attributes:
        edge: Column of the edge.
        sources: Neighbours of one end, :math:`(m,)`.
        targets: Neighbours of the other end, :math:`(n,)`.
        distances: Distances between them, 0 to 3, :math:`(m, n)`.
        moved: Mass moved from each source to each target; mass at common neighbours is not moved, :math:`(m, n)`.
        unit: Total mass, the least common multiple of both degrees.
    """

    edge: int
    sources: Nodes
    targets: Nodes
    distances: NDArray[np.int8]
    moved: NDArray[np.float64]
    unit: int

    @property
    def curvature(self) -> float:
        """:math:`1 - W_1`."""
        return 1 - float((self.distances * self.moved).sum()) / self.unit


def ollivier_ricci(pairs: Nodes, num_nodes: int) -> NDArray[np.float64]:
    """Compute the Ollivier-Ricci curvature of every edge (Ollivier, 2009).

    .. math::
        \\kappa(u, v) = 1 - \\frac{W_1(\\mu_u, \\mu_v)}{d(u, v)}, \\qquad d(u, v) = 1,

    with :math:`\\mu_u` uniform on the neighbours of :math:`u` (no mass on :math:`u` itself) and :math:`W_1` the
    Wasserstein distance with the number of hops as cost.

    Args:
        pairs: Edges, each once, :math:`i < j`, :math:`(2, |\\mathcal{E}|)`.
        num_nodes: :math:`|\\mathcal{V}|`.

    Returns:
        Curvatures in (-2, 1], :math:`(|\\mathcal{E}|,)`.

    Example:
        >>> ollivier_ricci(np.array([[0, 0, 1], [1, 2, 2]]), 3)  # a triangle
        array([0.5, 0.5, 0.5])
    """
    curvature = np.zeros(pairs.shape[1])
    for transport in transports(pairs, num_nodes, range(pairs.shape[1])):
        curvature[transport.edge] = transport.curvature
    return curvature


def transports(pairs: Nodes, num_nodes: int, edges: Iterable[int]) -> Iterator[Transport]:
    """Yield an optimal transport plan for each of the given edges, in arbitrary order.

    Neighbours of two adjacent nodes are at most 3 hops apart, by the path over the edge. The distance is 0 if they are
    the same node, 1 if they are adjacent and 2 if they have a common neighbour, so only neighbours of neighbours need
    to be examined.

    Args:
        pairs: Edges, each once, :math:`i < j`, :math:`(2, |\\mathcal{E}|)`.
        num_nodes: :math:`|\\mathcal{V}|`.
        edges: Columns of the edges to solve.

    Raises:
        MissingDependency: If POT is not installed.
    """
    from scipy.sparse import coo_array

    source, target = np.concatenate([pairs, pairs[::-1]], axis=1)
    adjacency = coo_array((np.ones(len(source), np.int32), (source, target)), shape=(num_nodes, num_nodes)).tocsr()
    neighbours = np.split(adjacency.indices, adjacency.indptr[1:-1])
    degree = np.diff(adjacency.indptr)
    chosen = np.fromiter(edges, np.int64)
    # start from the end of lower degree: fewer neighbourhoods have to be examined
    swapped = degree[pairs[0, chosen]] > degree[pairs[1, chosen]]
    low, high = np.where(swapped, pairs[::-1, chosen], pairs[:, chosen])
    column = np.full(num_nodes, -1)
    order = np.argsort(low, kind="stable")
    nodes, starts = np.unique(low[order], return_index=True)
    for node, group in zip(nodes, np.split(order, starts[1:]), strict=False):
        others = np.unique(np.concatenate([neighbours[other] for other in high[group]]))
        column[others] = np.arange(len(others))
        adjacent = adjacency[neighbours[node]]
        distances = np.full((len(neighbours[node]), len(others) + 1), 3, np.int8)  # column -1 collects all other nodes
        for hops, reached in ((2, adjacent @ adjacency), (1, adjacent)):
            distances[np.arange(len(neighbours[node])).repeat(np.diff(reached.indptr)), column[reached.indices]] = hops
        distances[np.arange(len(neighbours[node])), column[neighbours[node]]] = 0
        for at in group:
            targets = neighbours[high[at]]
            yield _transport(int(chosen[at]), neighbours[node], targets, distances[:, column[targets]])
        column[others] = -1


def _transport(edge: int, sources: Nodes, targets: Nodes, distances: NDArray[np.int8]) -> Transport:
    ot = require("ot", extra="baselines")
    unit = math.lcm(len(sources), len(targets))
    supply, demand = np.full(len(sources), unit / len(sources)), np.full(len(targets), unit / len(targets))
    moved = np.zeros(distances.shape)
    # mass that both measures have at a node is not moved, because that costs nothing
    same = np.nonzero(distances == 0)
    moved[same] = np.minimum(supply[0], demand[0])
    supply[same[0]] -= moved[same]
    demand[same[1]] -= moved[same]
    rows, columns = np.flatnonzero(supply), np.flatnonzero(demand)
    if len(rows):
        moved[np.ix_(rows, columns)] += ot.emd(
            supply[rows],
            demand[columns],
            distances[np.ix_(rows, columns)].astype(np.float64),
            numItermax=_MAX_PIVOTS,
            center_dual=False,
            check_marginals=False,
        )
    return Transport(edge, sources, targets, distances, moved, unit)
