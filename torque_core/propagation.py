"""Mean propagation over the neighbours, with any one edge left out at the cost of one subtraction.

With :math:`\\mathcal{N}(i)` the neighbours of :math:`i` and :math:`d_i` their number,

.. math::
    h^{0}_i = x_i, \\qquad h^{l}_i = \\frac{1}{d_i + 1} \\sum_{k \\in \\mathcal{N}(i) \\cup \\{i\\}} h^{l-1}_k .

An edge makes its own ends look alike, so a distance that is to judge the edge must not use it. Without
:math:`(i, j)`, and up to a positive factor that the cosine does not see,

.. math::
    h^{1}_{i \\setminus j} &\\propto \\textstyle\\sum_k h^0_k - x_j, \\\\
    h^{2}_{i \\setminus j} &\\propto \\textstyle\\sum_k h^1_k - h^1_i - h^1_j
        + \\frac{1}{d_i} \\big( \\sum_k h^0_k - x_j \\big),

both sums over :math:`\\mathcal{N}(i) \\cup \\{i\\}`. This is exact: removing :math:`(i, j)` changes the first
propagation in rows :math:`i` and :math:`j` alone. At depth three it would reach further, hence ``MAX_DEPTH``.
"""

from collections.abc import Iterator
from functools import cached_property

import torch
from torch import Tensor

from torque_core.graph import pair_keys, pairs_to_edge_index

__all__ = ["MAX_DEPTH", "Propagation", "centred_unit"]

MAX_DEPTH = 2
# torch spreads an operation over threads from 32,768 elements on; below, blocks cost no waiting for each other, and
# the rows of a block stay in the processor's cache
_BLOCK_ELEMENTS = 32_767
_GPU_BLOCK_ELEMENTS = 1 << 25
# rows are made of unit vectors: below this length only rounding is left of a zero row
_SHORTEST = 1e-5


def centred_unit(x: Tensor) -> Tensor:
    """Rows of ``x`` minus their mean, scaled to length one; a row equal to the mean stays zero.

    Centred, the cosine distance of two unrelated nodes is 1, whatever all nodes have in common. Uncentred, a
    high-degree node looks like every other, only because its neighbourhood averages out.

    Args:
        x: Features, :math:`(|\\mathcal{V}|, F)`.

    Example:
        >>> centred_unit(torch.tensor([[0.0, 0.0], [2.0, 0.0], [1.0, 0.0]]))
        tensor([[-1.,  0.],
                [ 1.,  0.],
                [ 0.,  0.]])
    """
    centred = x - x.mean(dim=0)
    length = centred.norm(dim=1, keepdim=True)
    # what is left of a row that equals the mean is rounding, not a direction
    floor = 1e-6 * x.norm(dim=1, keepdim=True).clamp(min=1e-30)
    return torch.where(length > floor, centred / length.clamp(min=1e-30), 0.0)


class Propagation:
    """Features propagated over a graph, to be compared at the two ends of any pairs of nodes.

    Args:
        x: Node features, :math:`(|\\mathcal{V}|, F)`.
        pairs: The graph's undirected edges, each once, :math:`(2, |\\mathcal{E}|)`.

    Example:
        A path 0 - 1 - 2: without the edge (0, 1), node 0 is left with its own feature.

        >>> propagation = Propagation(torch.eye(3), torch.tensor([[0, 1], [1, 2]]))
        >>> propagation.cosine_distance(torch.tensor([[0], [1]]), depth=1)
        tensor([1.])
    """

    def __init__(self, x: Tensor, pairs: Tensor) -> None:
        self.x = x
        self.num_nodes = len(x)
        edge_index = pairs_to_edge_index(pairs)
        self.degree = torch.bincount(edge_index[0], minlength=self.num_nodes).to(x.dtype)
        self._keys = pair_keys(pairs, self.num_nodes).sort().values
        self._edge_index = edge_index
        self._unit_rows: dict[int, Tensor] = {}
        self._roundings: dict[int, Tensor] = {}

    @cached_property
    def _adjacency(self) -> Tensor:
        ones = torch.ones(self._edge_index.size(1), dtype=self.x.dtype, device=self.x.device)
        shape = (self.num_nodes, self.num_nodes)
        return torch.sparse_coo_tensor(self._edge_index, ones, shape, check_invariants=False).coalesce()

    @cached_property
    def mean1(self) -> Tensor:
        """The representation after one propagation, no edge left out, :math:`(|\\mathcal{V}|, F)`."""
        return self._sum1 / (self.degree + 1)[:, None]

    @cached_property
    def mean2(self) -> Tensor:
        """The representation after two propagations, no edge left out, :math:`(|\\mathcal{V}|, F)`."""
        return self._sum2 / (self.degree + 1)[:, None]

    @cached_property
    def _sum1(self) -> Tensor:
        return torch.sparse.mm(self._adjacency, self.x) + self.x

    @cached_property
    def _sum2(self) -> Tensor:
        return torch.sparse.mm(self._adjacency, self.mean1) + self.mean1

    @cached_property
    def _base2(self) -> Tensor:
        """The part of the leave-one-out sum at depth two that depends on one end only."""
        return self._sum2 - self.mean1 + self._sum1 / self.degree.clamp(min=1)[:, None]

    def is_edge(self, pairs: Tensor) -> Tensor:
        """Whether each pair is an edge of the graph, bool, :math:`(P,)`."""
        keys = pair_keys(pairs, self.num_nodes)
        if not len(self._keys):
            return torch.zeros_like(keys, dtype=torch.bool)
        at = torch.searchsorted(self._keys, keys).clamp(max=len(self._keys) - 1)
        return self._keys[at] == keys

    def cosine_distance(self, pairs: Tensor, *, depth: int) -> Tensor:
        """:math:`1 - \\cos(h^{l}_{i \\setminus j}, h^{l}_{j \\setminus i})` of every pair, in [0, 2].

        A pair that is no edge has nothing to leave out. A zero representation is unrelated to all: distance 1.

        Args:
            pairs: Pairs of nodes with :math:`i < j`, :math:`(2, P)`.
            depth: Number of propagations :math:`l`; above ``MAX_DEPTH`` it is ``MAX_DEPTH``.

        Returns:
            Distances, :math:`(P,)`. Memory is :math:`O(P)` and blocks of bounded size.
        """
        depth = min(depth, MAX_DEPTH)
        similarity = torch.empty(pairs.size(1), dtype=self.x.dtype, device=self.x.device)
        is_edge = self.is_edge(pairs) if depth else torch.zeros_like(pairs[0], dtype=torch.bool)
        edges, others = is_edge.nonzero().flatten(), (~is_edge).nonzero().flatten()
        similarity[others] = self._similarity(pairs.index_select(1, others), depth)
        similarity[edges] = self._similarity_without_edge(pairs.index_select(1, edges), depth)
        return (1 - similarity).clamp(0, 2)

    def _similarity(self, pairs: Tensor, depth: int) -> Tensor:
        """Cosine of the ends of pairs that are no edges, (P,)."""
        unit = self._unit(depth)
        cosine = torch.empty(pairs.size(1), dtype=self.x.dtype, device=self.x.device)
        for block, i, j in self._blocks(pairs):
            torch.linalg.vecdot(unit.index_select(0, i), unit.index_select(0, j), out=cosine[block])
        return cosine

    def _similarity_without_edge(self, edges: Tensor, depth: int) -> Tensor:
        """Cosine of the ends of edges, each without the edge itself, (E,)."""
        dot, left, right = torch.empty(3, edges.size(1), dtype=self.x.dtype, device=self.x.device)
        for block, i, j in self._blocks(edges):
            first, second = self._without(i, j, depth), self._without(j, i, depth)
            torch.linalg.vecdot(first, second, out=dot[block])
            torch.linalg.vecdot(first, first, out=left[block])
            torch.linalg.vecdot(second, second, out=right[block])
        floor = self._rounding(depth).square()
        genuine = (left > floor.index_select(0, edges[0])) & (right > floor.index_select(0, edges[1]))
        return torch.where(genuine, dot / (left * right).sqrt(), 0.0)

    def _rounding(self, depth: int) -> Tensor:
        """Below this length, a sum without one edge is only the rounding of terms that cancelled, (N,)."""
        if depth not in self._roundings:
            length = (self.x, self.mean1)[depth - 1].norm(dim=1)
            terms = torch.mv(self._adjacency, length) + length
            self._roundings[depth] = (1e-7 * terms).clamp(min=_SHORTEST)
        return self._roundings[depth]

    def _without(self, i: Tensor, j: Tensor, depth: int) -> Tensor:
        """Representations of nodes ``i`` without their edge to ``j``, up to a factor, (B, F)."""
        # index_select into small blocks is many times faster than x[i] at once, which touches new memory
        if depth == 1:
            return self._sum1.index_select(0, i).sub_(self.x.index_select(0, j))
        own = self._base2.index_select(0, i).sub_(self.mean1.index_select(0, j))
        return own.addcdiv_(self.x.index_select(0, j), self.degree.index_select(0, i)[:, None], value=-1)

    def _unit(self, depth: int) -> Tensor:
        """The representation of that depth with rows of length one, made when first asked for, (N, F)."""
        if depth not in self._unit_rows:
            rows = (lambda: self.x, lambda: self.mean1, lambda: self.mean2)[depth]()
            length = rows.norm(dim=1, keepdim=True)
            self._unit_rows[depth] = torch.where(length > _SHORTEST, rows / length, 0.0)
        return self._unit_rows[depth]

    def _blocks(self, pairs: Tensor) -> Iterator[tuple[slice, Tensor, Tensor]]:
        """Slices of the pairs, small enough for the cache, with their ends."""
        elements = _BLOCK_ELEMENTS if self.x.device.type == "cpu" else _GPU_BLOCK_ELEMENTS
        rows = max(4, elements // self.x.size(1))
        for start in range(0, pairs.size(1), rows):
            block = slice(start, min(start + rows, pairs.size(1)))
            yield block, pairs[0, block], pairs[1, block]
