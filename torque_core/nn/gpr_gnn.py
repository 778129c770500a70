"""GPR-GNN: an MLP followed by propagation steps with learned weights."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch_geometric.nn.inits import reset

from torque_core.errors import BadConfig
from torque_core.nn.dropout import dropout
from torque_core.nn.edge_cache import EdgeSumCache
from torque_core.nn.layer_graphs import graphs_of_layers
from torque_core.nn.normalisation import symmetric_norm
from torque_core.nn.sparse_features import FeatureMap

__all__ = ["GPRGNN"]


class GPRGNN(nn.Module):
    """Generalised PageRank graph neural network (Chien et al., ICLR 2021) with a graph for each propagation stage.

    .. math::
        Z = \\sum_{k=0}^{K} \\gamma_k H^{(k)}, \\qquad H^{(k)} = \\hat{A}_k H^{(k-1)}, \\qquad
        H^{(0)} = \\mathrm{MLP}(X)

    with :math:`\\hat{A} = \\tilde{D}^{-1/2} (A + I) \\tilde{D}^{-1/2}` and learned :math:`\\gamma`, initialised to
    those of personalised PageRank: :math:`\\gamma_k = \\alpha (1 - \\alpha)^k`, :math:`\\gamma_K = (1 - \\alpha)^K`.
    Negative weights let the output of a node differ from that of its neighbours, which suits heterophilous graphs. With
    :math:`L` graphs, the first :math:`K / L` steps use the first graph, and so on; with :math:`L` copies of one graph
    this is the published model.

    Args:
        in_channels: Number of features :math:`F`; -1 for that of the first input.
        hidden_channels: Width of the hidden layer.
        num_layers: Number of graphs :math:`L`.
        out_channels: Number of classes :math:`C`.
        steps: Number of propagations :math:`K`, at least ``num_layers``.
        alpha: Teleport probability of the initial weights, in (0, 1).
        dropout: Dropout probability of the inputs of both linear maps.
        cached: Whether to keep the sorted edges, see :class:`~torque_core.nn.edge_cache.EdgeSumCache`.

    Example:
        >>> from torch_geometric.datasets import KarateClub
        >>> data = KarateClub()[0]
        >>> GPRGNN(34, 16, num_layers=2, out_channels=4)(data.x, data.edge_index).shape
        torch.Size([34, 4])
    """

    def __init__(
        self,
        in_channels: int,
        hidden_channels: int,
        num_layers: int,
        out_channels: int,
        *,
        steps: int = 10,
        alpha: float = 0.1,
        dropout: float = 0.0,
        cached: bool = False,
    ) -> None:
        super().__init__()
        if not 1 <= num_layers <= steps:
            raise BadConfig(f"num_layers must be in [1, {steps}], the number of propagations; got {num_layers}")
        if not 0 < alpha < 1:
            raise BadConfig(f"alpha must be in (0, 1), got {alpha}")
        self.first = FeatureMap(in_channels, hidden_channels)
        self.second = nn.Linear(hidden_channels, out_channels)
        self.weight = nn.Parameter(_pagerank_weights(steps, alpha))
        """Weights :math:`\\gamma` of the steps, :math:`(K + 1,)`."""
        self.alpha = alpha
        self.num_layers = num_layers
        self._edge_sums = [EdgeSumCache(symmetric_norm, enabled=cached) for _ in range(num_layers)]
        self.dropout = dropout

    def reset_parameters(self) -> None:
        """Initialise all parameters again."""
        for linear in (self.first, self.second):
            reset(linear)
        with torch.no_grad():
            self.weight.copy_(_pagerank_weights(len(self.weight) - 1, self.alpha))

    def forward(
        self,
        x: Tensor,
        edge_index: Tensor | Sequence[Tensor],
        edge_weight: Tensor | Sequence[Tensor | None] | None = None,
        *,
        generator: torch.Generator | None = None,
    ) -> Tensor:
        """Class scores (logits), :math:`(|\\mathcal{V}|, C)`; see :meth:`TorqueGNN.forward` for the arguments."""
        graphs = graphs_of_layers(edge_index, edge_weight, self.num_layers)
        h = torch.relu(self.first(dropout(x, self.dropout, training=self.training, generator=generator)))
        h = self.second(dropout(h, self.dropout, training=self.training, generator=generator))  # (N, C)
        total, steps = self.weight[0] * h, len(self.weight) - 1
        propagations = [
            edge_sum.propagation(*graph, h) for edge_sum, graph in zip(self._edge_sums, graphs, strict=True)
        ]
        for step in range(steps):
            h = propagations[step * self.num_layers // steps](h)
            total = total + self.weight[step + 1] * h
        return total


def _pagerank_weights(steps: int, alpha: float) -> Tensor:
    """Weights of the steps of personalised PageRank, (K + 1,)."""
    weight = alpha * (1 - alpha) ** torch.arange(steps + 1)
    weight[-1] = (1 - alpha) ** steps
    return weight
