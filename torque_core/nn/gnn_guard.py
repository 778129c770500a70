"""GNNGuard: a graph neural network that weights messages by the similarity of their ends, in every layer."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize
from torch_geometric.nn.inits import reset
from torch_geometric.utils import scatter

from torque_core.errors import BadConfig
from torque_core.nn.dropout import dropout
from torque_core.nn.layer_graphs import graphs_of_layers
from torque_core.nn.sparse_features import FeatureMap
from torque_core.utils.sparse import pair_pattern, pair_products

__all__ = ["GNNGuard"]


class GNNGuard(nn.Module):
    """GNNGuard (Zhang and Zitnik, NeurIPS 2020, arXiv 2006.08149) with graph convolutional layers.

    Every layer defends itself before it sends messages. The cosine similarity :math:`s_{ij}` of the representations
    of the ends of an edge, 0 if below a threshold, becomes an importance weight, and a learned gate :math:`\\beta`
    mixes it with that of the layer before:

    .. math::
        \\alpha^l_{ij} = \\frac{n_i}{n_i + 1} \\frac{w_{ij} s^l_{ij}}{\\sum_k w_{ik} s^l_{ik}}, \\quad
        \\alpha^l_{ii} = \\frac{1}{n_i + 1}, \\qquad
        \\omega^l = \\beta \\, \\omega^{l-1} + (1 - \\beta) \\, \\alpha^l, \\qquad
        h^{l+1}_i = \\sum_j \\omega^l_{ij} W_l h^l_j

    where :math:`n_i` is the number of similar neighbours of :math:`i`. Edges between dissimilar nodes are thus pruned.
    The paper also prunes by a learned function of :math:`\\alpha_{ij}` and :math:`\\alpha_{ji}`, whose step has no
    gradient; it is left out here.

    Args:
        in_channels: Number of features :math:`F`; -1 for that of the first input.
        hidden_channels: Width of the hidden layers.
        num_layers: Number of layers.
        out_channels: Number of classes :math:`C`.
        threshold: Similarities below this number count as 0, in [0, 1].
        dropout: Dropout probability of the input of each layer.
        cached: Ignored; weights change with the representations.

    Example:
        >>> from torch_geometric.datasets import KarateClub
        >>> data = KarateClub()[0]
        >>> GNNGuard(34, 16, num_layers=2, out_channels=4)(data.x, data.edge_index).shape
        torch.Size([34, 4])
    """

    def __init__(
        self,
        in_channels: int,
        hidden_channels: int,
        num_layers: int,
        out_channels: int,
        *,
        threshold: float = 0.1,
        dropout: float = 0.0,
        cached: bool = False,
    ) -> None:
        super().__init__()
        if num_layers < 1:
            raise BadConfig(f"num_layers must be at least 1, got {num_layers}")
        if not 0 <= threshold <= 1:
            raise BadConfig(f"threshold must be in [0, 1], got {threshold}")
        widths = [in_channels, *[hidden_channels] * (num_layers - 1), out_channels]
        self.linears = nn.ModuleList(FeatureMap(*width) for width in pairwise(widths))
        self.memory = nn.Parameter(torch.zeros(num_layers - 1))
        """Logits of the gates :math:`\\beta` of the layers after the first."""
        self.threshold = threshold
        self.dropout = dropout

    def reset_parameters(self) -> None:
        """Initialise all parameters again."""
        reset(self.linears)
        nn.init.zeros_(self.memory)

    def forward(
        self,
        x: Tensor,
        edge_index: Tensor | Sequence[Tensor],
        edge_weight: Tensor | Sequence[Tensor | None] | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Class scores (logits), :math:`(|\\mathcal{V}|, C)`; see :meth:`TorqueGNN.forward` for the arguments.

        The memory is that of the layer before only if both layers have the same edges.
        """
        earlier: tuple[Tensor, Tensor, Tensor] | None = None
        for layer, (edges, weight) in enumerate(graphs_of_layers(edge_index, edge_weight, len(self.linears))):
            importance, own = importance_weights(x, edges, weight, self.threshold)
            if earlier is not None and torch.equal(earlier[0], edges):
                beta = self.memory[layer - 1].sigmoid()
                importance, own = beta * earlier[1] + (1 - beta) * importance, beta * earlier[2] + (1 - beta) * own
            earlier = edges, importance, own
            h = self.linears[layer](dropout(x, self.dropout, training=self.training, generator=generator))
            messages = importance[:, None] * h[edges[0].long()]
            x = own[:, None] * h + scatter(messages, edges[1].long(), dim_size=h.size(0), reduce="sum")
            if layer < len(self.linears) - 1:
                x = torch.relu(x)
        return x


def importance_weights(
    x: Tensor, edge_index: Tensor, edge_weight: Tensor | None, threshold: float
) -> tuple[Tensor, Tensor]:
    """Importance of each edge, :math:`(M,)`, and of each node for itself, :math:`(|\\mathcal{V}|,)`.

    Example:
        >>> x = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
        >>> importance_weights(x, torch.tensor([[1, 2], [0, 0]]), None, 0.1)
        (tensor([0.5000, 0.0000]), tensor([0.5000, 1.0000, 1.0000]))
    """
    source, target = edge_index.long()
    size = x.size(0)
    rows = x.to_dense() if x.layout != torch.strided else x
    similarity = _cosine_similarity(normalize(rows, dim=1), source, target)
    similarity = torch.where(similarity < threshold, 0.0, similarity)
    if edge_weight is not None:
        similarity = similarity * edge_weight.to(similarity)
    total = scatter(similarity, target, dim_size=size, reduce="sum")
    number = scatter((similarity > 0).to(rows.dtype), target, dim_size=size, reduce="sum")
    share = number / (number + 1) / torch.where(total > 0, total, 1.0)
    return similarity * share[target], 1 / (number + 1)


def _cosine_similarity(unit: Tensor, source: Tensor, target: Tensor) -> Tensor:
    """Dot products of unit rows at the ends of each edge, (M,)."""
    if unit.requires_grad or not len(source):
        return (unit[source] * unit[target]).sum(dim=1)
    order = source.argsort(stable=True)  # without a gradient, as for input features, no rows need to be gathered
    similarity = unit.new_empty(len(source))
    similarity[order] = pair_products(unit, unit, pair_pattern(torch.stack([source, target])[:, order], unit))
    return similarity
