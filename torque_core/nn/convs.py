"""Graph convolutions with edge weights, such that weight 0 means no edge and weight 1 a plain edge.

PyG's ``SAGEConv`` takes no weights, its ``GATConv`` learns from edge features instead of weighing messages by them, and
``GCNConv`` without self-loops has NaN gradients where the weights of a node sum to zero. These subclasses have the
parameters of PyG's convolutions, by name, shape and first value, so that weights trained in one load into the other.
"""

from functools import partial

import torch
from torch import Tensor
from torch.nn.functional import dropout, leaky_relu
from torch_geometric.nn import GATConv, GCNConv, SAGEConv
from torch_geometric.nn.conv.gcn_conv import gcn_norm
from torch_geometric.typing import OptTensor
from torch_geometric.utils import scatter, softmax

from torque_core.nn.edge_cache import RememberedEdges, stay_fixed
from torque_core.nn.sparse_features import feature_map

__all__ = ["WeightedGATConv", "WeightedGCNConv", "WeightedSAGEConv", "symmetric_norm"]

# PyG reads the parameters of forward, message and edge_update by name, so that overriding them with others is its way;
# mypy cannot know, hence "ignore[override]"


class WeightedGCNConv(GCNConv):
    """``GCNConv`` (Kipf and Welling, ICLR 2017), also without self-loops where gates may close every edge of a node.

    .. math::
        h'_i = \\sum_{j \\in \\mathcal{N}(i)} \\frac{w_{ji}}{\\sqrt{d_i d_j}} W h_j + b, \\qquad
        d_i = \\max\\Big(1, \\sum_{j \\in \\mathcal{N}(i)} w_{ji}\\Big)

    without self-loops. The maximum, this project's choice, changes nothing in an undirected graph of weights 0 and 1
    (in a directed one, nodes that no edge enters are heard, which ``GCNConv`` silences); between them it lets an edge
    fade out, where the quotient alone would give the last edge of a node its full say at any weight. With self-loops
    (the default) it is ``GCNConv`` as it stands, in which :math:`d_i \\geq 1` anyhow.

    Args:
        in_channels: Width of the input.
        out_channels: Width of the output.
        add_self_loops: Whether a node hears itself.
        bias: Whether there is :math:`b`.

    Example:
        >>> import torch
        >>> conv = WeightedGCNConv(8, 4, add_self_loops=False)
        >>> edge_index, gate = torch.tensor([[0, 1], [1, 0]]), torch.zeros(2, requires_grad=True)
        >>> conv(torch.ones(2, 8), edge_index, gate).sum().backward()
        >>> bool(gate.grad.isfinite().all())
        True
    """

    def __init__(self, in_channels: int, out_channels: int, *, add_self_loops: bool = True, bias: bool = True) -> None:
        super().__init__(in_channels, out_channels, add_self_loops=add_self_loops, bias=bias)
        self._edges = RememberedEdges(partial(symmetric_norm, loops=add_self_loops))

    def forward(self, x: Tensor, edge_index: Tensor, edge_weight: OptTensor = None) -> Tensor:
        """New representations, :math:`(|\\mathcal{V}|, F')`.

        Args:
            x: Representations, :math:`(|\\mathcal{V}|, F)`.
            edge_index: Edges without self-loops, :math:`(2, M)`.
            edge_weight: Their weights, 0 or more, :math:`(M,)`; None for 1 everywhere.
        """
        h = feature_map(x, self.lin.weight)  # (N, F')
        if stay_fixed(h, edge_weight) and not self.explain:
            out = self._edges.sum_over(edge_index, edge_weight, len(h))(h)
        else:
            edge_index, edge_weight = symmetric_norm(
                edge_index, edge_weight, len(h), h.dtype, loops=self.add_self_loops
            )
            out = self.propagate(edge_index, x=h, edge_weight=edge_weight)
        return out if self.bias is None else out + self.bias


class WeightedSAGEConv(SAGEConv):
    """``SAGEConv`` (Hamilton et al., NeurIPS 2017) with a weighted mean.

    .. math::
        h'_i = W_1 h_i + W_2 \\, \\frac{\\sum_{j \\in \\mathcal{N}(i)} w_{ji} h_j}
        {\\max\\big(1, \\sum_{j \\in \\mathcal{N}(i)} w_{ji}\\big)} + b

    It is the mean wherever the weights of a node sum to 1 or more. Below, this project's choice, what is missing to 1
    counts as a neighbour without features, so that the last edge of a node can fade out too. Neighbours are
    transformed before they are averaged, which gives the same result and is cheaper where features are wide.

    Args:
        in_channels: Width of the input.
        out_channels: Width of the output.
        root_weight: Whether there is :math:`W_1`.
        bias: Whether there is :math:`b`.

    Example:
        >>> import torch
        >>> conv = WeightedSAGEConv(8, 4)
        >>> x, edge_index = torch.eye(3, 8), torch.tensor([[1, 2], [0, 0]])
        >>> torch.equal(conv(x, edge_index, torch.tensor([1.0, 0.0])), conv(x, edge_index[:, :1]))
        True
    """

    def __init__(self, in_channels: int, out_channels: int, *, root_weight: bool = True, bias: bool = True) -> None:
        super().__init__(in_channels, out_channels, aggr="add", root_weight=root_weight, bias=bias)
        self._edges = RememberedEdges(self._averaged)

    def forward(  # type: ignore[override]
        self, x: Tensor, edge_index: Tensor, edge_weight: OptTensor = None
    ) -> Tensor:
        """New representations, :math:`(|\\mathcal{V}|, F')`.

        Args:
            x: Representations, :math:`(|\\mathcal{V}|, F)`.
            edge_index: Edges, :math:`(2, M)`.
            edge_weight: Their weights, 0 or more, :math:`(M,)`; None for 1 everywhere.
        """
        h = feature_map(x, self.lin_l.weight)  # (N, F')
        if stay_fixed(h, edge_weight) and not self.explain:
            out = self._edges.sum_over(edge_index, edge_weight, len(h))(h)
        else:
            edge_index, edge_weight = self._averaged(edge_index, edge_weight, len(h), h.dtype)
            # propagate_type: (x: Tensor, edge_weight: Tensor)
            out = self.propagate(edge_index, x=h, edge_weight=edge_weight)
        if self.lin_l.bias is not None:
            out = out + self.lin_l.bias
        return out + feature_map(x, self.lin_r.weight) if self.root_weight else out

    def _averaged(
        self, edge_index: Tensor, edge_weight: OptTensor, num_nodes: int, dtype: torch.dtype | None = None
    ) -> tuple[Tensor, Tensor]:
        """The edges and the share of each in its target's mean, (2, M) and (M,)."""
        if edge_weight is None:
            edge_weight = torch.ones(edge_index.size(1), dtype=dtype, device=edge_index.device)
        return edge_index, edge_weight / _total_weight(edge_weight, edge_index, num_nodes)[edge_index[1]]

    def message(self, x_j: Tensor, edge_weight: Tensor) -> Tensor:  # type: ignore[override]
        """Weighted messages, :math:`(M, F')`."""
        return edge_weight.unsqueeze(1) * x_j


class WeightedGATConv(GATConv):
    """``GATConv`` (Velickovic et al., ICLR 2018) whose attention is weighted, then normalised.

    .. math::
        h'_i = \\sum_{j \\in \\mathcal{N}(i) \\cup \\{i\\}} \\alpha_{ji} W h_j + b, \\qquad
        \\alpha_{ji} = \\frac{w_{ji} \\exp(s_{ji})}{\\sum_k w_{ki} \\exp(s_{ki})}

    with the attention scores :math:`s` of ``GATConv`` and self-loops of weight 1. Without self-loops, a node whose
    weights are all 0 hears nothing, and the last edge of a node has its full say at any weight above 0.

    Args:
        in_channels: Width of the input.
        out_channels: Width of the output, of each head if they are concatenated.
        heads: Number of attention heads.
        concat: Whether heads are concatenated or averaged.
        dropout: Dropout probability of the attention coefficients.
        add_self_loops: Whether a node attends to itself.

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
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            heads=heads,
            concat=concat,
            dropout=dropout,
            add_self_loops=add_self_loops,
            fill_value=1.0,  # the weight of a self-loop
        )

    def forward(  # type: ignore[override]
        self, x: Tensor, edge_index: Tensor, edge_weight: OptTensor = None
    ) -> Tensor:
        """New representations, :math:`(|\\mathcal{V}|, F')`, or :math:`F'` times the heads if concatenated.

        Args:
            x: Representations, :math:`(|\\mathcal{V}|, F)`.
            edge_index: Edges without self-loops, :math:`(2, M)`.
            edge_weight: Their weights, 0 or more, :math:`(M,)`; None for 1 everywhere.
        """
        return super().forward(x, edge_index, edge_weight)

    def edge_update(  # type: ignore[override]
        self,
        alpha_j: Tensor,
        alpha_i: Tensor,
        edge_attr: OptTensor,
        index: Tensor,
        ptr: OptTensor,
        dim_size: int,
    ) -> Tensor:
        """Attention coefficients, :math:`(M + |\\mathcal{V}|, \\text{heads})`."""
        if edge_attr is None:
            return super().edge_update(alpha_j, alpha_i, edge_attr, index, ptr, dim_size)
        alpha = softmax(leaky_relu(alpha_j + alpha_i, self.negative_slope), index, ptr, dim_size)
        alpha = alpha * edge_attr.unsqueeze(1)
        total = scatter(alpha, index, dim_size=dim_size, reduce="sum")  # (N, heads)
        # where all weights are 0 the coefficients are too; 0 / 1 has a gradient, 0 / 0 has none
        alpha = alpha / total.masked_fill(total == 0, 1.0)[index]
        return dropout(alpha, self.dropout, self.training)


def _total_weight(edge_weight: Tensor, edge_index: Tensor, num_nodes: int) -> Tensor:
    """Weight of the edges into each node, at least 1, (N,)."""
    return scatter(edge_weight, edge_index[1], dim_size=num_nodes, reduce="sum").clamp(min=1)


def symmetric_norm(
    edge_index: Tensor,
    edge_weight: Tensor | None,
    num_nodes: int,
    dtype: torch.dtype | None = None,
    *,
    loops: bool = True,
) -> tuple[Tensor, Tensor]:
    """Edges and coefficients of :math:`D^{-1/2} A D^{-1/2}`, with self-loops of weight 1 if wanted, (2, M') and (M',).

    Without self-loops degrees are at least 1, see :class:`WeightedGCNConv`.

    Example:
        >>> symmetric_norm(torch.tensor([[0, 1], [1, 0]]), None, 2)[1]
        tensor([0.5000, 0.5000, 0.5000, 0.5000])
        >>> symmetric_norm(torch.tensor([[0, 1], [1, 0]]), None, 2, loops=False)[1]
        tensor([1., 1.])
    """
    if loops:
        return gcn_norm(edge_index, edge_weight, num_nodes, dtype=dtype)
    if edge_weight is None:
        edge_weight = torch.ones(edge_index.size(1), dtype=dtype, device=edge_index.device)
    scale = _total_weight(edge_weight, edge_index, num_nodes).rsqrt()  # (N,)
    return edge_index, scale[edge_index[0]] * edge_weight * scale[edge_index[1]]
