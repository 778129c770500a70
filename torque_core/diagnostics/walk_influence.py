"""Expected influence in a graph convolutional network without training."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch_geometric.nn.conv.gcn_conv import gcn_norm

from torque_core.errors import BadConfig

__all__ = ["check_node", "walk_influence"]


def walk_influence(
    edge_indices: Sequence[Tensor], edge_weights: Sequence[Tensor | None], node: int, num_nodes: int
) -> Tensor:
    """Compute the expected influence distribution of one node in a GCN without training.

    .. math::
        I_v(u) = \\frac{(\\hat A_L \\cdots \\hat A_1)_{vu}}{\\sum_w (\\hat A_L \\cdots \\hat A_1)_{vw}}, \\qquad
        \\hat A_l = D_l^{-1/2} (A_l + I) D_l^{-1/2}

    This is the expected :func:`~torque_core.diagnostics.jacobian_influence` of a GCN, independent of its weights, if
    the ReLUs activate all paths with the same probability (Xu et al., ICML 2018, arXiv 1806.03536, Theorem 1).
    The cost is one sparse product per layer.

    Args:
        edge_indices: The graph of each layer, first layer first, both directions, each :math:`(2, M_l)`.
        edge_weights: Their weights, each :math:`(M_l,)`; None for weights of 1.
        node: The node :math:`v` whose output is explained.
        num_nodes: :math:`|\\mathcal{V}|`.

    Returns:
        Fractions that sum to 1, :math:`(|\\mathcal{V}|,)`.

    Raises:
        BadConfig: If the node does not exist.

    Example:
        One layer on the path 0 - 1 - 2: node 0 depends on itself and on node 1, which has a higher degree.

        >>> path = torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]])
        >>> walk_influence([path], [None], 0, 3)
        tensor([0.5505, 0.4495, 0.0000])
    """
    check_node(node, num_nodes)
    influence = torch.zeros(num_nodes, device=edge_indices[0].device if len(edge_indices) else None)
    influence[node] = 1.0
    for edge_index, edge_weight in zip(reversed(edge_indices), reversed(edge_weights), strict=True):
        (source, target), weight = gcn_norm(edge_index, edge_weight, num_nodes)
        influence = torch.zeros_like(influence).index_add_(0, source, weight * influence[target])
    return influence / influence.sum()


def check_node(node: int, num_nodes: int) -> None:
    """Raise BadConfig unless the node exists."""
    if not 0 <= node < num_nodes:
        raise BadConfig(f"node must be in [0, {num_nodes - 1}], got {node}")
