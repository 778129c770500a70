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

import torch
from torch import Tensor

from torque_core.graph import pair_keys, pairs_to_edge_index

__all__ = ["MAX_DEPTH", "Propagation", "centred_unit"]

MAX_DEPTH = 2
_BLOCK_BYTES = 1 << 20  # a block of gathered rows should stay in the processor's cache
_GPU_BLOCK_BYTES = 1 << 27


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
        ones = torch.ones(edge_index.size(1), dtype=x.dtype, device=x.device)
        adjacency = torch.sparse_coo_tensor(edge_index, ones, (self.num_nodes,) * 2, check_invariants=False)
        adjacency = adjacency.coalesce()
        self._sum1 = torch.sparse.mm(adjacency, x) + x  # (N, F)
        self.mean1 = self._sum1 / (self.degree + 1)[:, None]  # (N, F)
        self._sum2 = torch.sparse.mm(adjacency, self.mean1) + self.mean1  # (N, F)
        # the part of the leave-one-out sum at depth two that depends on one end only
        self._base2 = self._sum2 - self.mean1 + self._sum1 / self.degree.clamp(min=1)[:, None]

    @property
    def mean2(self) -> Tensor:
        """The representation after two propagations, no edge left out, :math:`(|\\mathcal{V}|, F)`."""
        return self._sum2 / (self.degree + 1)[:, None]

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
        distance = torch.empty(pairs.size(1), dtype=self.x.dtype, device=self.x.device)
        is_edge = self.is_edge(pairs)
        for columns, leave_out in ((is_edge.nonzero().flatten(), True), ((~is_edge).nonzero().flatten(), False)):
            for block in self._blocks(columns):
                i, j = pairs[0, block], pairs[1, block]
                left, right = self._ends(i, j, depth, leave_out), self._ends(j, i, depth, leave_out)
                distance[block] = _cosine_distance(left, right)
        return distance

    def _ends(self, i: Tensor, j: Tensor, depth: int, leave_out: bool) -> Tensor:
        """Representations of nodes ``i`` up to scale, without their edge to ``j`` if asked, (B, F)."""
        # index_select into small blocks is many times faster than x[i], which allocates afresh
        if depth == 0:
            return self.x.index_select(0, i)
        if not leave_out:
            return (self._sum1 if depth == 1 else self._sum2).index_select(0, i)
        if depth == 1:
            return self._sum1.index_select(0, i).sub_(self.x.index_select(0, j))
        own = self._base2.index_select(0, i).sub_(self.mean1.index_select(0, j))
        return own.addcdiv_(self.x.index_select(0, j), self.degree.index_select(0, i)[:, None], value=-1)

    def _blocks(self, columns: Tensor) -> Iterator[Tensor]:
        budget = _BLOCK_BYTES if self.x.device.type == "cpu" else _GPU_BLOCK_BYTES
        rows = max(32, budget // (self.x.element_size() * self.x.size(1)))
        return iter(torch.split(columns, rows)) if len(columns) else iter(())


def _cosine_distance(left: Tensor, right: Tensor) -> Tensor:
    dot = (left * right).sum(dim=1)
    # rows are sums of unit vectors: below this length only rounding is left of a zero row
    lengths = left.norm(dim=1).clamp(min=1e-5) * right.norm(dim=1).clamp(min=1e-5)
    return (1 - dot / lengths).clamp(0, 2)
