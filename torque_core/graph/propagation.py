"""Mean propagation over the neighbours: what a layer of a graph neural network receives.

With :math:`\\mathcal{N}(i)` the neighbours of :math:`i`, :math:`w_{ik}` the weights of the edges (1 in a graph without
weights) and :math:`D_i = 1 + \\sum_k w_{ik}`,

.. math::
    h^{0}_i = x_i, \\qquad
    h^{l}_i = \\frac{1}{D_i} \\Big( h^{l-1}_i + \\sum_{k \\in \\mathcal{N}(i)} w_{ik} h^{l-1}_k \\Big) .
"""

from functools import cached_property

import torch
from torch import Tensor

from torque_core.graph.pairs import positions_among
from torque_core.utils.optional import require
from torque_core.utils.sparse import PairPattern, mean_operator, pair_pattern, pair_products, sparse_mm

__all__ = ["Propagation", "centred_unit"]

_OWN_FEATURE_UP_TO = 4096  # nodes
_SKETCH = 256


def centred_unit(x: Tensor) -> Tensor:
    """Features centred and Pareto-scaled, then rows scaled to length one; a row equal to the mean stays zero.

    .. math::
        \\hat{x}_{if} = \\frac{x_{if} - \\bar{x}_f}{\\sqrt{\\sigma_f}}, \\qquad
        x_i \\leftarrow \\hat{x}_i / \\|\\hat{x}_i\\|

    Centred, the cosine distance of two unrelated nodes is 1, whatever all nodes have in common. Uncentred, a
    high-degree node looks like every other, only because its neighbourhood averages out. Divided by the root of its
    standard deviation :math:`\\sigma_f` (van den Berg et al., BMC Genomics 7:142, 2006), a rare word says more than one
    that stands everywhere, without having all the say, as it would have divided by the whole.

    Args:
        x: Features, :math:`(|\\mathcal{V}|, F)`.

    Example:
        >>> centred_unit(torch.tensor([[0.0, 0.0], [2.0, 0.0], [1.0, 0.0]]))
        tensor([[-1.,  0.],
                [ 1.,  0.],
                [ 0.,  0.]])
    """
    mean = x.mean(dim=0)
    centred = x - mean
    deviation = centred.norm(dim=0) / len(x) ** 0.5
    # what is left of a feature or of a row that equals the mean is rounding, not a direction
    scale = torch.where(deviation > 1e-6 * mean.abs(), deviation.clamp(min=1e-30).rsqrt(), 0.0)
    centred = centred * scale if centred.requires_grad else centred.mul_(scale)
    length = centred.norm(dim=1, keepdim=True)
    shrink = torch.where(length > 1e-6 * (mean * scale).norm(), 1 / length.clamp(min=1e-30), 0.0)
    return centred * shrink if centred.requires_grad else centred.mul_(shrink)


class Propagation:
    """Features propagated over a graph; every product is made when it is first asked for.

    ``weighted_degree`` is :math:`D`, :math:`(|\\mathcal{V}|,)`.

    Args:
        x: Node features, :math:`(|\\mathcal{V}|, F)`.
        pairs: The graph's undirected edges, each once, sorted, :math:`(2, |\\mathcal{E}|)`.
        weight: Their weights, :math:`(|\\mathcal{E}|,)`, positive; None for ones.

    Example:
        >>> Propagation(torch.tensor([[6.0], [0.0], [12.0]]), torch.tensor([[0, 1], [1, 2]])).mean1.flatten()
        tensor([3., 6., 6.])
    """

    def __init__(self, x: Tensor, pairs: Tensor, weight: Tensor | None = None) -> None:
        self.x = x
        self.pairs = pairs
        self.num_nodes = len(x)
        self._mean, self.weighted_degree = mean_operator(pairs, self.num_nodes, weight, x.dtype)
        self._weight = weight
        self._own_products: dict[tuple[str, str], Tensor] = {}

    @cached_property
    def mean1(self) -> Tensor:
        """The representation after one propagation, :math:`(|\\mathcal{V}|, F)`."""
        return sparse_mm(self._mean, self.x)

    @cached_property
    def mean2(self) -> Tensor:
        """The representation after two propagations, :math:`(|\\mathcal{V}|, F)`."""
        return sparse_mm(self._mean, self.mean1)

    @cached_property
    def node_identities(self) -> "Propagation":
        """The same graph, its nodes told apart by name alone: what propagates is where, not what, a node is.

        Each node has a feature of its own up to 4,096 nodes, and beyond 256 random signs, so that products there
        are estimates with a standard deviation of 1/16.
        """
        size = self.num_nodes
        if size <= _OWN_FEATURE_UP_TO:
            codes = torch.eye(size, dtype=self.x.dtype, device=self.x.device)
        else:
            signs = torch.randint(2, (size, _SKETCH), generator=torch.Generator().manual_seed(0))
            codes = ((2 * signs - 1) / _SKETCH**0.5).to(self.x)
        return Propagation(codes, self.pairs, self._weight)

    @cached_property
    def pagerank(self) -> Tensor:
        """PageRank (damping 0.85) times :math:`|\\mathcal{V}|`, so that its mean is 1, :math:`(|\\mathcal{V}|,)`."""
        igraph = require("igraph", extra="app")
        graph = igraph.Graph(n=self.num_nodes, edges=self.pairs.T.cpu().numpy())
        rank = graph.pagerank(weights=None if self._weight is None else self._weight.tolist())
        return self.num_nodes * torch.tensor(rank, dtype=self.x.dtype, device=self.x.device)

    def rows(self, name: str) -> Tensor:
        """One of ``x``, ``mean1``, ``mean2`` by name, :math:`(|\\mathcal{V}|, F)`."""
        found: Tensor = getattr(self, name)
        return found

    def own_product(self, name: str, other: str) -> Tensor:
        """Dot product of two rows of each node, :math:`(|\\mathcal{V}|,)`."""
        key = (min(name, other), max(name, other))
        if key not in self._own_products:
            self._own_products[key] = pair_products(self.rows(name), self.rows(other), self._diagonal)
        return self._own_products[key]

    @cached_property
    def _diagonal(self) -> PairPattern:
        nodes = torch.arange(self.num_nodes, device=self.x.device)
        return pair_pattern(torch.stack([nodes, nodes]), self.x)

    @cached_property
    def weight(self) -> Tensor:
        """The weights of the edges, :math:`(|\\mathcal{E}|,)`."""
        if self._weight is None:
            return torch.ones(self.pairs.size(1), dtype=self.x.dtype, device=self.x.device)
        return self._weight.to(self.x)

    def weight_of(self, pairs: Tensor) -> Tensor:
        """The weight of each pair that is an edge, 0 of each that is none, :math:`(P,)`."""
        if pairs is self.pairs:
            return self.weight
        at = positions_among(pairs, self.pairs, self.num_nodes)
        if not self.pairs.size(1):
            return torch.zeros_like(at, dtype=self.x.dtype)
        return torch.where(at >= 0, self.weight[at], 0)
