"""Balanced Forman curvature of a graph that changes edge by edge."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["FormanGraph", "Gains"]

Nodes = NDArray[np.int64]
Numbers = NDArray[np.float64]

_MAX_NUMBERS = 1 << 24  # numbers in one array


@dataclass(frozen=True)
class Gains:
    """Increase of the curvature of an edge :math:`(i, j)` for each edge that can be added around it.

    Attributes:
        first: :math:`i` and its neighbours, ascending, :math:`(d_i + 1,)`.
        second: :math:`j` and its neighbours, ascending, :math:`(d_j + 1,)`.
        values: The increase for each edge from ``first`` to ``second``, :math:`-\\infty` if they are adjacent or
            identical, :math:`(d_i + 1, d_j + 1)`.
    """

    first: Nodes
    second: Nodes
    values: Numbers


class FormanGraph:
    """A simple undirected graph with the balanced Forman curvature of its edges (Topping et al., ICLR 2022).

    .. math::
        \\mathrm{Ric}(i, j) = \\frac{2}{d_i} + \\frac{2}{d_j} - 2 + \\frac{2 |\\sharp_\\Delta|}{\\max(d_i, d_j)}
        + \\frac{|\\sharp_\\Delta|}{\\min(d_i, d_j)}
        + \\frac{|\\sharp^i_\\square| + |\\sharp^j_\\square|}{\\gamma_{\\max} \\max(d_i, d_j)}

    and 0 if an end has degree 1. Here :math:`\\sharp_\\Delta` are the common neighbours of :math:`i` and :math:`j`,
    :math:`\\sharp^i_\\square` are the neighbours of :math:`i` on a 4-cycle through the edge without diagonals, and
    :math:`\\gamma_{\\max}` is the largest number of such 4-cycles through one node other than :math:`i` and
    :math:`j`. Without such cycles the last term is 0.

    Equivalently, with :math:`B` the adjacency between :math:`N(i) \\setminus N[j]` and :math:`N(j) \\setminus N[i]`,
    :math:`|\\sharp^i_\\square|` and :math:`|\\sharp^j_\\square|` are the numbers of nonzero rows and columns of
    :math:`B`, and :math:`\\gamma_{\\max}` is its largest row or column sum.

    Adding or removing an edge :math:`(k, l)` affects the curvature of the edges at :math:`k` and :math:`l` and of the
    opposite edges in 4-cycles without diagonals; only these are recomputed.

    Args:
        pairs: Edges, each once, :math:`i < j`, :math:`(2, |\\mathcal{E}|)`.
        num_nodes: :math:`|\\mathcal{V}|`.

    Attributes:
        neighbours: The neighbours of each node, ascending.
        curvature: The curvature of each edge :math:`(i, j)`, :math:`i < j`.

    Example:
        >>> graph = FormanGraph(np.array([[0, 0, 1, 2], [1, 3, 2, 3]]), 4)
        >>> graph.curvature[0, 1]
        1.0
        >>> graph.add(0, 2)  # a diagonal turns the square into two triangles
        >>> round(graph.curvature[0, 1], 4), round(graph.curvature[0, 2], 4)
        (0.8333, 1.3333)
    """

    def __init__(self, pairs: Nodes, num_nodes: int) -> None:
        source, target = np.concatenate([pairs, pairs[::-1]], axis=1)
        degree = np.bincount(source, minlength=num_nodes)
        self.neighbours: list[Nodes] = np.split(target[np.lexsort((target, source))], degree.cumsum()[:-1])
        self.curvature: dict[tuple[int, int], float] = dict.fromkeys(map(tuple, pairs.T.tolist()), 0.0)
        self._column = np.full(num_nodes, -1)
        # starting from the end of lower degree is faster, especially next to hubs
        low, high = np.where(degree[pairs[0]] > degree[pairs[1]], pairs[::-1], pairs)
        order = np.lexsort((high, low))
        nodes, starts = np.unique(low[order], return_index=True)
        for node, others in zip(nodes.tolist(), np.split(high[order], starts[1:]), strict=False):
            self._refresh(node, others)

    def add(self, i: int, j: int) -> None:
        """Add an edge."""
        self.neighbours[i] = np.insert(self.neighbours[i], self.neighbours[i].searchsorted(j), j)
        self.neighbours[j] = np.insert(self.neighbours[j], self.neighbours[j].searchsorted(i), i)
        self._refresh_around(i, j)

    def remove(self, i: int, j: int) -> None:
        """Remove an edge."""
        del self.curvature[min(i, j), max(i, j)]
        self.neighbours[i] = self.neighbours[i][self.neighbours[i] != j]
        self.neighbours[j] = self.neighbours[j][self.neighbours[j] != i]
        self._refresh_around(i, j)

    def gains(self, i: int, j: int) -> Gains:
        """Compute the increase of the curvature of an edge for each edge that can be added around it.

        An added edge at :math:`i` or :math:`j` closes a triangle, and :math:`B` loses a row or column. An added edge
        between a row and a column fills a zero of :math:`B`. No other edge has an effect.
        """
        first, second = (np.insert(self.neighbours[n], self.neighbours[n].searchsorted(n), n) for n in (i, j))
        connected = np.array([_are_in(second, self.neighbours[node]) for node in first]) | (first[:, None] == second)
        at_i, at_j = first.searchsorted(i), second.searchsorted(j)
        only_i, only_j = np.flatnonzero(~connected[:, at_j]), np.flatnonzero(~connected[at_i])
        b = connected[np.ix_(only_i, only_j)]  # (p, q)
        rows, columns = b.sum(axis=1), b.sum(axis=0)
        corners, most = _squares(rows, columns)
        d_i, d_j, triangles = (
            len(self.neighbours[i]),
            len(self.neighbours[j]),
            len(self.neighbours[i]) - 1 - len(only_i),
        )
        now = _ricci(d_i, d_j, triangles, corners, most)

        values = np.full(connected.shape, float(now))
        more = corners + (rows == 0)[:, None] + (columns == 0)
        most = np.maximum(np.maximum.outer(rows, columns) + 1, most)
        values[np.ix_(only_i, only_j)] = _ricci(d_i, d_j, triangles, more, most)
        values[at_i, only_j] = _ricci(d_i + 1, d_j, triangles + 1, *_without_each_column(b))
        values[only_i, at_j] = _ricci(d_i, d_j + 1, triangles + 1, *_without_each_column(b.T))
        return Gains(first, second, np.where(connected, -np.inf, values - now))

    def _refresh_around(self, i: int, j: int) -> None:
        """Recompute the curvatures that a change of the edge (i, j) affects."""
        self._refresh(i, self.neighbours[i])
        self._refresh(j, self.neighbours[j][self.neighbours[j] != i])
        beside_i, beside_j = (
            np.setdiff1d(self.neighbours[a], np.append(self.neighbours[b], b), assume_unique=True)
            for a, b in ((i, j), (j, i))
        )
        fewer, others = sorted((beside_i, beside_j), key=len)
        for node in fewer.tolist():
            self._refresh(node, others[_are_in(others, self.neighbours[node])])

    def _refresh(self, i: int, others: Nodes) -> None:
        """Recompute the curvature of the edges from a node to some of its neighbours."""
        near = self.neighbours[i]
        if len(near) * len(others) > _MAX_NUMBERS:
            for part in np.array_split(others, len(near) * len(others) // _MAX_NUMBERS + 1):
                self._refresh(i, part)
            return
        if not len(others):
            return
        lists = [self.neighbours[k] for k in near]
        row, far = np.arange(len(near)).repeat([len(nodes) for nodes in lists]), np.concatenate(lists)
        self._column[near], self._column[i], self._column[others] = -2, -2, np.arange(len(others))
        position = self._column[far]
        self._column[near] = self._column[i] = -1
        adjacent = np.zeros((len(near), len(others)), np.float32)  # (d, m) adjacency
        adjacent[row[position >= 0], position[position >= 0]] = 1
        at = near.searchsorted(others)

        # each column of B for the edge to an other is one of these, each row one of the sums below
        outside, column = np.unique(far[position == -1], return_inverse=True)
        row = row[position == -1]
        rows = np.zeros_like(adjacent)
        corners, most = np.zeros(len(others)), np.zeros(len(others))
        width = _MAX_NUMBERS // len(near) + 1
        for start in range(0, len(outside), width):
            within = (column >= start) & (column < start + width)
            block = np.zeros((len(near), min(width, len(outside) - start)), np.float32)  # (d, w)
            block[row[within], column[within] - start] = 1
            own = block[at]  # (m, w)
            rows += block @ own.T
            columns = own * (block.sum(axis=0) - 1 - adjacent.T @ block)  # (m, w); the other end is not a row of B
            corners += np.count_nonzero(columns, axis=1)
            most = np.maximum(most, columns.max(axis=1))
        rows[adjacent > 0] = 0
        rows[at, np.arange(len(others))] = 0
        corners += np.count_nonzero(rows, axis=0)
        most = np.maximum(most, rows.max(axis=0))
        degrees = np.array([len(self.neighbours[other]) for other in others])
        values = _ricci(len(near), degrees, adjacent.sum(axis=0), corners, most).round(12)  # so that equal values tie
        self.curvature |= {
            (min(i, j), max(i, j)): value for j, value in zip(others.tolist(), values.tolist(), strict=True)
        }


def _ricci(first: ArrayLike, second: ArrayLike, triangles: ArrayLike, corners: ArrayLike, most: ArrayLike) -> Numbers:
    """The curvature from both degrees, the number of triangles, and the corners of 4-cycles and their maximum."""
    low, high = np.minimum(first, second), np.maximum(first, second)
    sides = np.divide(2, first) + np.divide(2, second) - 2 + np.divide(2, high) * triangles + np.divide(triangles, low)
    return np.where(low == 1, 0.0, sides + np.divide(corners, np.maximum(most, 1) * high))


def _squares(rows: Nodes, columns: Nodes) -> tuple[Nodes, Nodes]:
    """Number of nonzero sums along the first axis, and the largest sum."""
    corners = np.count_nonzero(rows, axis=0) + np.count_nonzero(columns, axis=0)
    return corners, np.maximum(rows.max(axis=0, initial=0), columns.max(axis=0, initial=0))


def _without_each_column(b: NDArray[np.bool_]) -> tuple[Nodes, Nodes]:
    """Corners and maximum of a matrix without one column, for each column, (q,)."""
    columns = np.repeat(b.sum(axis=0)[:, None], b.shape[1], axis=1)
    np.fill_diagonal(columns, 0)
    return _squares(b.sum(axis=1)[:, None] - b, columns)


def _are_in(nodes: Nodes, ascending: Nodes) -> NDArray[np.bool_]:
    """Mask of the nodes that occur in an ascending array."""
    if not len(ascending):
        return np.zeros(len(nodes), np.bool_)
    return ascending[np.minimum(ascending.searchsorted(nodes), len(ascending) - 1)] == nodes
