"""Normalisation of edge weights for graph convolutions."""

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize
from torch_geometric.nn.conv.gcn_conv import gcn_norm
from torch_geometric.utils import scatter

__all__ = ["UnitNorm", "mean_norm", "symmetric_norm"]


class UnitNorm(nn.Module):
    """Scale the representation of each node to length 1, as Dir-GNN (Rossi et al., LoG 2023) and GraphSAGE do.

    Example:
        >>> UnitNorm()(torch.tensor([[3.0, 4.0], [0.0, 0.0]]))
        tensor([[0.6000, 0.8000],
                [0.0000, 0.0000]])
    """

    def forward(self, x: Tensor) -> Tensor:
        """Scaled representations, :math:`(|\\mathcal{V}|, F)`; a row of zeros stays as it is."""
        return normalize(x, dim=-1)


def symmetric_norm(
    edge_index: Tensor,
    edge_weight: Tensor | None,
    num_nodes: int,
    dtype: torch.dtype | None = None,
    *,
    loops: bool = True,
    both_degrees: bool = False,
) -> tuple[Tensor, Tensor]:
    """Edges and coefficients of :math:`D^{-1/2} A D^{-1/2}`, :math:`(2, M')` and :math:`(M',)`.

    Args:
        edge_index: Edges, :math:`(2, M)`.
        edge_weight: Edge weights, at least 0, :math:`(M,)`; None for 1 everywhere.
        num_nodes: Number of nodes :math:`|\\mathcal{V}|`.
        dtype: Type of the coefficients if there are no weights.
        loops: Whether to add self-loops of weight 1. Without them degrees below 1 are raised to 1, see
            :class:`~torque_core.nn.WeightedGCNConv`.
        both_degrees: Without self-loops, whether to scale by the out-degree of the source and the in-degree of the
            target; otherwise by the in-degrees of both, as ``GCNConv`` does. In undirected graphs these are equal.

    Example:
        >>> symmetric_norm(torch.tensor([[0, 1], [1, 0]]), None, 2)[1]
        tensor([0.5000, 0.5000, 0.5000, 0.5000])
        >>> symmetric_norm(torch.tensor([[0, 1], [1, 0]]), None, 2, loops=False)[1]
        tensor([1., 1.])
    """
    if loops:
        return gcn_norm(edge_index, edge_weight, num_nodes, dtype=dtype)
    weight, degree = _weight_and_degree(edge_index, edge_weight, num_nodes, dtype)
    sent = _weight_and_degree(edge_index.flip(0), weight, num_nodes)[1] if both_degrees else degree  # (N,)
    return edge_index, sent.rsqrt()[edge_index[0]] * weight * degree.rsqrt()[edge_index[1]]


def mean_norm(
    edge_index: Tensor, edge_weight: Tensor | None, num_nodes: int, dtype: torch.dtype | None = None
) -> tuple[Tensor, Tensor]:
    """Edges and coefficients of :math:`D^{-1} A`, with degrees of at least 1, :math:`(2, M)` and :math:`(M,)`.

    Example:
        >>> mean_norm(torch.tensor([[0, 1], [2, 2]]), None, 3)[1]
        tensor([0.5000, 0.5000])
    """
    weight, degree = _weight_and_degree(edge_index, edge_weight, num_nodes, dtype)
    return edge_index, weight / degree[edge_index[1]]


def _weight_and_degree(
    edge_index: Tensor, edge_weight: Tensor | None, num_nodes: int, dtype: torch.dtype | None = None
) -> tuple[Tensor, Tensor]:
    """Edge weights, (M,), and the weighted in-degree of each node, at least 1, (N,)."""
    if edge_weight is None:
        edge_weight = torch.ones(edge_index.size(1), dtype=dtype, device=edge_index.device)
    return edge_weight, scatter(edge_weight, edge_index[1], dim_size=num_nodes, reduce="sum").clamp(min=1)
