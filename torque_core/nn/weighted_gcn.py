"""GCN convolution with edge weights that may vanish."""

from functools import partial

from torch import Tensor
from torch_geometric.nn import GCNConv
from torch_geometric.typing import OptTensor

from torque_core.nn.edge_cache import EdgeSumCache, Normalise, supports_edge_sum
from torque_core.nn.normalisation import symmetric_norm
from torque_core.nn.sparse_features import feature_map, initialised_weight

__all__ = ["WeightedGCNConv"]


class WeightedGCNConv(GCNConv):
    """``GCNConv`` (Kipf and Welling, ICLR 2017) in which an edge of weight 0 equals no edge, also without self-loops.

    .. math::
        h'_i = \\sum_{j \\in \\mathcal{N}(i)} \\frac{w_{ji}}{\\sqrt{d_i d_j}} W h_j + b, \\qquad
        d_i = \\max\\Big(1, \\sum_{j \\in \\mathcal{N}(i)} w_{ji}\\Big)

    without self-loops. The maximum is this project's choice. It changes nothing in an undirected graph with weights 0
    and 1 (in a directed graph, nodes without incoming edges send messages too, which ``GCNConv`` suppresses). For
    weights between 0 and 1 it lets the effect of an edge fade to 0, whereas the quotient alone would give the last edge
    of a node full effect at any weight. The gradient is finite at weight 0, where that of ``GCNConv`` is NaN. With
    self-loops (the default) the layer is identical to ``GCNConv``, in which :math:`d_i \\geq 1` in any case.

    The parameters have the names, shapes and initial values of ``GCNConv``, so that state dicts are interchangeable.

    Args:
        in_channels: Width of the input; -1 for that of the first input.
        out_channels: Width of the output.
        add_self_loops: Whether to add self-loops.
        bias: Whether to add :math:`b`.
        cached: Whether to keep the sorted edges, see :class:`~torque_core.nn.edge_cache.EdgeSumCache`.
        flow: ``source_to_target``, or ``target_to_source`` to send messages against the edges.

    Example:
        >>> import torch
        >>> conv = WeightedGCNConv(8, 4, add_self_loops=False)
        >>> edge_index, weight = torch.tensor([[0, 1], [1, 0]]), torch.zeros(2, requires_grad=True)
        >>> conv(torch.ones(2, 8), edge_index, weight).sum().backward()
        >>> bool(weight.grad.isfinite().all())
        True
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        add_self_loops: bool = True,
        bias: bool = True,
        cached: bool = False,
        flow: str = "source_to_target",
    ) -> None:
        super().__init__(in_channels, out_channels, cached=cached, add_self_loops=add_self_loops, bias=bias)
        self._set_norm(partial(symmetric_norm, loops=add_self_loops), flow)

    def _set_norm(self, normalise: Normalise, flow: str) -> None:
        self._edge_sums = EdgeSumCache(normalise, enabled=self.cached, flow=flow)

    def forward(self, x: Tensor, edge_index: Tensor, edge_weight: OptTensor = None) -> Tensor:
        """New representations, :math:`(|\\mathcal{V}|, F')`.

        Args:
            x: Representations, :math:`(|\\mathcal{V}|, F)`.
            edge_index: Edges without self-loops, :math:`(2, M)`.
            edge_weight: Edge weights, at least 0, :math:`(M,)`; None for 1 everywhere.
        """
        h = feature_map(x, initialised_weight(self.lin, x))  # (N, F')
        if supports_edge_sum(h, edge_weight) and not self.explain:
            out = self._edge_sums.get(edge_index, edge_weight, h.size(0), h.dtype)(h)
        else:
            edge_index, edge_weight = self._edge_sums.coefficients(edge_index, edge_weight, h.size(0), h.dtype)
            out = self.propagate(edge_index, x=h, edge_weight=edge_weight)
        return out if self.bias is None else out + self.bias
