"""Graph attention with edge weights."""

import torch
from torch import Tensor, nn
from torch.nn.functional import leaky_relu
from torch_geometric.nn import GATConv
from torch_geometric.typing import OptTensor
from torch_geometric.utils import add_self_loops, remove_self_loops, scatter, softmax

from torque_core.nn.dropout import dropout

__all__ = ["WeightedGATConv"]

# PyG matches the parameters of message and edge_update by name, and its convolutions differ in their forward; hence
# "ignore[override]"


class WeightedGATConv(GATConv):
    """``GATConv`` (Velickovic et al., ICLR 2018) with attention coefficients multiplied by edge weights.

    .. math::
        h'_i = \\sum_{j \\in \\mathcal{N}(i) \\cup \\{i\\}} \\alpha_{ji} W h_j + b, \\qquad
        \\alpha_{ji} = \\frac{w_{ji} \\exp(s_{ji})}{\\sum_k w_{ki} \\exp(s_{ki})}

    with the attention scores :math:`s` of ``GATConv`` and self-loops of weight 1. Without self-loops, a node whose
    weights are all 0 receives no message, and the last edge of a node has full effect at any weight above 0.

    The parameters have the names, shapes and initial values of ``GATConv``, so that state dicts are interchangeable.

    Args:
        in_channels: Width of the input; -1 for that of the first input.
        out_channels: Width of the output, per head if the heads are concatenated.
        heads: Number of attention heads.
        concat: Whether to concatenate the heads; otherwise they are averaged.
        dropout: Dropout probability of the attention coefficients.
        add_self_loops: Whether to add self-loops.
        flow: ``source_to_target``, or ``target_to_source`` to send messages against the edges.

    Example:
        >>> import torch
        >>> conv = WeightedGATConv(8, 4)
        >>> x, edge_index = torch.eye(3, 8), torch.tensor([[1, 2], [0, 0]])
        >>> torch.allclose(conv(x, edge_index, torch.tensor([1.0, 0.0])), conv(x, edge_index[:, :1]))
        True
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        heads: int = 1,
        concat: bool = True,
        dropout: float = 0.0,
        add_self_loops: bool = True,
        flow: str = "source_to_target",
    ) -> None:
        options = {"heads": heads, "concat": concat, "dropout": dropout, "add_self_loops": add_self_loops}
        super().__init__(in_channels, out_channels, **options, flow=flow)  # type: ignore[arg-type]

    def forward(  # type: ignore[override]
        self,
        x: Tensor,
        edge_index: Tensor,
        edge_weight: OptTensor = None,
        *,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """New representations, :math:`(|\\mathcal{V}|, F')`, or :math:`F'` times the heads if concatenated.

        Args:
            x: Representations, :math:`(|\\mathcal{V}|, F)`.
            edge_index: Edges without self-loops, :math:`(2, M)`.
            edge_weight: Edge weights, at least 0, :math:`(M,)`; None for 1 everywhere.
            generator: Generator of the dropout masks; None for torch's global one.
        """
        lin: nn.Module = self.lin  # type: ignore[assignment]
        h = lin(x).view(-1, self.heads, self.out_channels)  # (N, heads, F')
        edge_index, edge_weight = edge_index.long(), None if edge_weight is None else edge_weight.to(h.dtype)
        scores = (h * self.att_src).sum(dim=-1), (h * self.att_dst).sum(dim=-1)  # (N, heads) each
        if self.add_self_loops:
            edge_index, edge_weight = remove_self_loops(edge_index, edge_weight)
            edge_index, edge_weight = add_self_loops(edge_index, edge_weight, fill_value=1.0, num_nodes=h.size(0))
        # edge_updater_type: (alpha: OptPairTensor, edge_weight: OptTensor)
        alpha = self.edge_updater(edge_index, alpha=scores, edge_weight=edge_weight, size=None)  # (M', heads)
        alpha = dropout(alpha, self.dropout, training=self.training, generator=generator)
        # propagate_type: (x: OptPairTensor, alpha: Tensor)
        out = self.propagate(edge_index, x=(h, h), alpha=alpha, size=None)  # (N, heads, F')
        out = out.flatten(start_dim=1) if self.concat else out.mean(dim=1)
        return out if self.bias is None else out + self.bias

    def edge_update(  # type: ignore[override]
        self,
        alpha_j: Tensor,
        alpha_i: Tensor,
        edge_weight: OptTensor,
        index: Tensor,
        ptr: OptTensor,
        dim_size: int,
    ) -> Tensor:
        """Attention coefficients before dropout, :math:`(M + |\\mathcal{V}|, \\text{heads})`."""
        alpha = softmax(leaky_relu(alpha_j + alpha_i, self.negative_slope), index, ptr, dim_size)
        if edge_weight is None:
            return alpha
        alpha = alpha * edge_weight.unsqueeze(1)
        total = scatter(alpha, index, dim_size=dim_size, reduce="sum")  # (N, heads)
        # where all weights are 0, divide by 1: the gradient of 0 / 0 is NaN
        return alpha / total.masked_fill(total == 0, 1.0)[index]
