"""GraphSAGE convolution with edge weights."""

from torch import Tensor
from torch_geometric.nn import SAGEConv
from torch_geometric.typing import OptTensor

from torque_core.nn.edge_cache import EdgeSumCache, supports_edge_sum
from torque_core.nn.normalisation import mean_norm
from torque_core.nn.sparse_features import feature_map, initialised_weight

__all__ = ["WeightedSAGEConv"]

# PyG matches the parameters of message and edge_update by name, and its convolutions differ in their forward; hence
# "ignore[override]"


class WeightedSAGEConv(SAGEConv):
    """``SAGEConv`` (Hamilton et al., NeurIPS 2017) with a weighted mean over the neighbours.

    .. math::
        h'_i = W_1 h_i + W_2 \\, \\frac{\\sum_{j \\in \\mathcal{N}(i)} w_{ji} h_j}
        {\\max\\big(1, \\sum_{j \\in \\mathcal{N}(i)} w_{ji}\\big)} + b

    This is the weighted mean wherever the weights of a node sum to at least 1. Below 1, this project's choice, the
    missing weight counts as a neighbour with zero features, so that the effect of a node's last edge can fade to 0 too.
    Neighbours are transformed before they are averaged, which gives the same result at lower cost if features are wide.

    The parameters have the names, shapes and initial values of ``SAGEConv``, so that state dicts are interchangeable.

    Args:
        in_channels: Width of the input; -1 for that of the first input.
        out_channels: Width of the output.
        root_weight: Whether to add :math:`W_1 h_i`.
        bias: Whether to add :math:`b`.
        cached: Whether to keep the sorted edges, see :class:`~torque_core.nn.edge_cache.EdgeSumCache`.
        flow: ``source_to_target``, or ``target_to_source`` to send messages against the edges.

    Example:
        >>> import torch
        >>> conv = WeightedSAGEConv(8, 4)
        >>> x, edge_index = torch.eye(3, 8), torch.tensor([[1, 2], [0, 0]])
        >>> torch.equal(conv(x, edge_index, torch.tensor([1.0, 0.0])), conv(x, edge_index[:, :1]))
        True
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        root_weight: bool = True,
        bias: bool = True,
        cached: bool = False,
        flow: str = "source_to_target",
    ) -> None:
        super().__init__(in_channels, out_channels, aggr="add", root_weight=root_weight, bias=bias)
        self._edge_sums = EdgeSumCache(mean_norm, enabled=cached, flow=flow)

    def forward(  # type: ignore[override]
        self, x: Tensor, edge_index: Tensor, edge_weight: OptTensor = None
    ) -> Tensor:
        """New representations, :math:`(|\\mathcal{V}|, F')`.

        Args:
            x: Representations, :math:`(|\\mathcal{V}|, F)`.
            edge_index: Edges, :math:`(2, M)`.
            edge_weight: Edge weights, at least 0, :math:`(M,)`; None for 1 everywhere.
        """
        h = feature_map(x, initialised_weight(self.lin_l, x))  # (N, F')
        if supports_edge_sum(h, edge_weight) and not self.explain:
            out = self._edge_sums.get(edge_index, edge_weight, h.size(0), h.dtype)(h)
        else:
            edge_index, edge_weight = self._edge_sums.coefficients(edge_index, edge_weight, h.size(0), h.dtype)
            # propagate_type: (x: Tensor, edge_weight: Tensor)
            out = self.propagate(edge_index, x=h, edge_weight=edge_weight)
        if self.lin_l.bias is not None:
            out = out + self.lin_l.bias
        return out + feature_map(x, initialised_weight(self.lin_r, x)) if self.root_weight else out

    def message(self, x_j: Tensor, edge_weight: Tensor) -> Tensor:  # type: ignore[override]
        """Weighted messages, :math:`(M, F')`."""
        return edge_weight.unsqueeze(1) * x_j
