"""Ollivier-Ricci curvature of the edges of a graph, exact."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from torque_core.utils.optional import require

__all__ = ["Transport", "ollivier_ricci", "transports"]

Nodes = NDArray[np.int64]

_MOST_PIVOTS = 1 << 30  # so that no problem is left unsolved


@dataclass(frozen=True)
class Transport:
    """How the mass at the neighbours of one end of an edge gets to those of the other at the least cost.

    Masses are whole numbers: ``unit`` of them are the whole measure, so that costs are exact.

    Attributes:
        edge: The edge's column.
        sources: Neighbours of the one end, :math:`(m,)`.
        targets: Neighbours of the other, :math:`(n,)`.
        distances: Between them, 0 to 3, :math:`(m, n)`.
        moved: How much goes from each source to each target; what two ends share stays in place, :math:`(m, n)`.
        unit: The least common multiple of both degrees.
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
    """Ollivier-Ricci curvature of every edge (Ollivier, 2009).

    .. math::
        \\kappa(u, v) = 1 - \\frac{W_1(\\mu_u, \\mu_v)}{d(u, v)}, \\qquad d(u, v) = 1,

    with :math:`\\mu_u` uniform on the neighbours of :math:`u` (no mass on :math:`u` itself) and :math:`W_1` the least
    cost to move the one measure to the other, by hops.

    Args:
        pairs: Edges, each once, :math:`i < j`, :math:`(2, |\\mathcal{E}|)`.
        num_nodes: :math:`|\\mathcal{V}|`.

    Returns:
        :math:`(|\\mathcal{E}|,)`, in (-2, 1].

    Example:
        >>> ollivier_ricci(np.array([[0, 0, 1], [1, 2, 2]]), 3)  # a triangle
        array([0.5, 0.5, 0.5])
    """
    curvature = np.zeros(pairs.shape[1])
    for transport in transports(pairs, num_nodes, range(pairs.shape[1])):
        curvature[transport.edge] = transport.curvature
    return curvature


def transports(pairs: Nodes, num_nodes: int, edges: Iterable[int]) -> Iterator[Transport]:
    """An optimal transport plan for each of these edges, in an order of its own.

    Neighbours of two adjacent nodes are at most 3 hops apart, over the edge. They are 0 apart if they are one node, 1
    if adjacent, 2 if they share a neighbour; so distances come from neighbours of neighbours, and no distance between
    other nodes is looked at.
    """
    from scipy.sparse import coo_array

    source, target = np.concatenate([pairs, pairs[::-1]], axis=1)
    adjacency = coo_array((np.ones(len(source), np.int32), (source, target)), shape=(num_nodes, num_nodes)).tocsr()
    near = np.split(adjacency.indices, adjacency.indptr[1:-1])
    degree = np.diff(adjacency.indptr)
    chosen = np.fromiter(edges, np.int64)
    # the end of lower degree has fewer neighbours whose surroundings must be seen
    swapped = degree[pairs[0, chosen]] > degree[pairs[1, chosen]]
    low, high = np.where(swapped, pairs[::-1, chosen], pairs[:, chosen])
    place = np.full(num_nodes, -1)
    order = np.argsort(low, kind="stable")
    nodes, starts = np.unique(low[order], return_index=True)
    for node, group in zip(nodes, np.split(order, starts[1:]), strict=False):
        others = np.unique(np.concatenate([near[other] for other in high[group]]))
        place[others] = np.arange(len(others))
        links = adjacency[near[node]]
        distances = np.full((len(near[node]), len(others) + 1), 3, np.int8)  # other columns are cast into the last
        for hops, reached in ((2, links @ adjacency), (1, links)):
            distances[np.arange(len(near[node])).repeat(np.diff(reached.indptr)), place[reached.indices]] = hops
        distances[np.arange(len(near[node])), place[near[node]]] = 0
        for at in group:
            targets = near[high[at]]
            yield _transport(int(chosen[at]), near[node], targets, distances[:, place[targets]])
        place[others] = -1


def _transport(edge: int, sources: Nodes, targets: Nodes, distances: NDArray[np.int8]) -> Transport:
    ot = require("ot", extra="baselines")
    unit = math.lcm(len(sources), len(targets))
    here, there = np.full(len(sources), unit / len(sources)), np.full(len(targets), unit / len(targets))
    moved = np.zeros(distances.shape)
    # no path is shorter than to stay, so what both measures have at a node may stay there
    same = np.nonzero(distances == 0)
    moved[same] = np.minimum(here[0], there[0])
    here[same[0]] -= moved[same]
    there[same[1]] -= moved[same]
    rows, columns = np.flatnonzero(here), np.flatnonzero(there)
    if len(rows):
        moved[np.ix_(rows, columns)] += ot.emd(
            here[rows],
            there[columns],
            distances[np.ix_(rows, columns)].astype(np.float64),
            numItermax=_MOST_PIVOTS,
            center_dual=False,
            check_marginals=False,
        )
    return Transport(edge, sources, targets, distances, moved, unit)
