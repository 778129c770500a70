"""Mean propagation over neighbours, which gives the input of each layer of a graph neural network.

With :math:`\\mathcal{N}(i)` the neighbours of :math:`i`, :math:`w_{ik}` the weights of the edges (1 in a graph without
weights) and :math:`D_i = 1 + \\sum_k w_{ik}`,

.. math::
    h^{0}_i = x_i, \\qquad
    h^{l}_i = \\frac{1}{D_i} \\Big( h^{l-1}_i + \\sum_{k \\in \\mathcal{N}(i)} w_{ik} h^{l-1}_k \\Big) .
"""

from functools import cached_property

import torch
from torch import Tensor

from torque_core.graph.column_statistics import chunk_norms, chunk_sums, column_mean, pareto_scale, unit_rows
from torque_core.graph.pairs import positions_among
from torque_core.utils.compiled import compiled_mm, has_gradient, is_worth_compiling
from torque_core.utils.optional import require
from torque_core.utils.sparse import (
    MeanPattern,
    PairPattern,
    matrix_rows,
    mean_operator,
    mean_pattern,
    pair_pattern,
    pair_products,
    sparse_mm,
    weighted_degree,
)

__all__ = ["Propagation", "centred_unit"]

_ONE_HOT_UP_TO = 4096  # nodes
_SKETCH = 256


def centred_unit(x: Tensor) -> Tensor:
    """Centre and Pareto-scale the features, then scale the rows to unit length; a row equal to the mean becomes zero.

    .. math::
        \\hat{x}_{if} = \\frac{x_{if} - \\bar{x}_f}{\\sqrt{\\sigma_f}}, \\qquad
        x_i \\leftarrow \\hat{x}_i / \\|\\hat{x}_i\\|

    After centring, the expected cosine distance of two unrelated nodes is 1, regardless of what all nodes have in
    common. Without it, a high-degree node is similar to every other node merely because its neighbourhood averages out.
    Dividing by the square root of the standard deviation :math:`\\sigma_f` (Pareto scaling, van den Berg et al., BMC
    Genomics 7:142, 2006) gives rare words more weight than frequent ones; dividing by the standard deviation itself
    would let the rare ones dominate.

    Args:
        x: Features, :math:`(|\\mathcal{V}|, F)`.

    Example:
        >>> centred_unit(torch.tensor([[0.0, 0.0], [2.0, 0.0], [1.0, 0.0]]))
        tensor([[-1.,  0.],
                [ 1.,  0.],
                [ 0.,  0.]])
    """
    mean = column_mean(chunk_sums(x), len(x))
    centred = x - mean
    scale = pareto_scale(chunk_norms(centred), mean, len(x))
    return unit_rows(centred, mean, scale)


class Propagation:
    """Features propagated over a graph; every result is computed on first use.

    Args:
        x: Node features, :math:`(|\\mathcal{V}|, F)`.
        pairs: Undirected edges, each once, sorted, :math:`(2, |\\mathcal{E}|)`.
        weight: Positive edge weights, :math:`(|\\mathcal{E}|,)`; None for weights of 1.

    Example:
        >>> Propagation(torch.tensor([[6.0], [0.0], [12.0]]), torch.tensor([[0, 1], [1, 2]])).mean1.flatten()
        tensor([3., 6., 6.])
    """

    def __init__(self, x: Tensor, pairs: Tensor, weight: Tensor | None = None) -> None:
        self.x = x
        self.pairs = pairs
        self.num_nodes = len(x)
        self._weight = weight
        self._like: Propagation | None = None
        self._node_products: dict[tuple[str, str], Tensor] = {}

    def reweighted(self, factor: Tensor) -> "Propagation":
        """The same features and edges, each edge with its weight times a positive factor, :math:`(|\\mathcal{E}|,)`.

        Both graphs share what depends on the edges alone.

        Example:
            >>> path = Propagation(torch.tensor([[6.0], [0.0], [12.0]]), torch.tensor([[0, 1], [1, 2]]))
            >>> path.reweighted(torch.tensor([0.5, 1.0])).weighted_degree
            tensor([1.5000, 2.5000, 2.0000])
        """
        other = Propagation(self.x, self.pairs, factor if self._weight is None else self._weight * factor)
        other._like = self
        return other

    @cached_property
    def compiled(self) -> bool:
        """Whether the graph is large enough for :mod:`torque_core.utils.compiled`, and on a CPU."""
        return self.x.device.type == "cpu" and not self.x.requires_grad and is_worth_compiling(*self.x.shape)

    @cached_property
    def _pattern(self) -> MeanPattern:
        return mean_pattern(self.pairs, self.num_nodes) if self._like is None else self._like._pattern

    @cached_property
    def _operator(self) -> Tensor:
        return mean_operator(self._pattern, self.weighted_degree, self._weight)

    @cached_property
    def weighted_degree(self) -> Tensor:
        """The degrees :math:`D`, :math:`(|\\mathcal{V}|,)`."""
        return weighted_degree(self.pairs, self.num_nodes, self._weight, self.x.dtype)

    def propagated(self, values: Tensor) -> Tensor:
        """Any values of the nodes after one propagation, :math:`(|\\mathcal{V}|, C)`."""
        return self._product(self._operator, values)

    @cached_property
    def mean1(self) -> Tensor:
        """Representation after one propagation, :math:`(|\\mathcal{V}|, F)`."""
        return self.propagated(self.x)

    def mean2_of(self, nodes: Tensor) -> Tensor:
        """Rows of :attr:`mean2` for some nodes, computed for these alone, :math:`(R, F)`."""
        return self._product(matrix_rows(self._operator, nodes), self.mean1)

    def _product(self, matrix: Tensor, values: Tensor) -> Tensor:
        compiled = self.compiled and not has_gradient(matrix, values)
        return compiled_mm(matrix, values) if compiled else sparse_mm(matrix, values)

    @cached_property
    def mean2(self) -> Tensor:
        """Representation after two propagations, :math:`(|\\mathcal{V}|, F)`."""
        _ = self.mean1, self._operator
        self._forget_pattern()  # as large as the edges, and not needed again
        mean2 = self.propagated(self.mean1)
        del self._operator
        return mean2

    def _forget_pattern(self) -> None:
        self.__dict__.pop("_pattern", None)
        if self._like is not None:
            self._like._forget_pattern()

    def free(self) -> None:
        """Free the memory of everything but the degrees; what is needed again is computed again."""
        for name in ("_operator", "_pattern", "mean1", "mean2", "node_identities", "pagerank", "weight", "_diagonal"):
            self.__dict__.pop(name, None)
        self._node_products.clear()

    @cached_property
    def node_identities(self) -> "Propagation":
        """The same graph with node identities as features, so that products depend on structure alone.

        Up to 4,096 nodes the features are one-hot. Beyond, each node has 256 random signs, so that products are
        estimates with a standard deviation of at most 1/16.
        """
        size = self.num_nodes
        if size <= _ONE_HOT_UP_TO:
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
        """Return ``x``, ``mean1`` or ``mean2`` by name, :math:`(|\\mathcal{V}|, F)`."""
        rows: Tensor = getattr(self, name)
        return rows

    def node_product(self, name: str, other: str) -> Tensor:
        """Dot product of two representations of each node, :math:`(|\\mathcal{V}|,)`; arguments as in :meth:`rows`."""
        key = (min(name, other), max(name, other))
        if key not in self._node_products:
            self._node_products[key] = pair_products(self.rows(name), self.rows(other), self._diagonal)
        return self._node_products[key]

    @cached_property
    def _diagonal(self) -> PairPattern:
        nodes = torch.arange(self.num_nodes, device=self.x.device)
        return pair_pattern(torch.stack([nodes, nodes]), self.x)

    @cached_property
    def weight(self) -> Tensor:
        """Edge weights, :math:`(|\\mathcal{E}|,)`."""
        if self._weight is None:
            return self.x.new_ones(()).expand(self.pairs.size(1))  # one number in memory
        return self._weight.to(self.x)

    def weight_of(self, pairs: Tensor) -> Tensor:
        """Weight of each pair, 0 for pairs that are not edges, :math:`(P,)`."""
        if pairs is self.pairs:
            return self.weight
        position = positions_among(pairs, self.pairs, self.num_nodes)
        if not self.pairs.size(1):
            return torch.zeros_like(position, dtype=self.x.dtype)
        return torch.where(position >= 0, self.weight[position], 0)
