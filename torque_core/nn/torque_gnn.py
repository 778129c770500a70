"""A GCN in which every layer has a graph of its own."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch_geometric.nn import GCNConv

from torque_core.errors import BadConfig

__all__ = ["TorqueGNN"]


class TorqueGNN(nn.Module):
    """Graph convolutions (Kipf and Welling, ICLR 2017), each over the graph that rewiring made for its layer.

    .. math::
        H^{l+1} = \\mathrm{ReLU}\\big( \\hat{A}_l \\, \\mathrm{dropout}(H^l) \\, W_l \\big), \\qquad
        \\hat{A}_l = \\tilde{D}_l^{-1/2} (A_l + I) \\tilde{D}_l^{-1/2},

    no ReLU after the last layer. Given the input graph in every layer it is the plain GCN, so the two can be
    compared weight by weight.

    Args:
        in_channels: Number of features :math:`F`.
        hidden_channels: Width of the hidden layers.
        out_channels: Number of classes :math:`C`.
        num_layers: Number of layers :math:`L`.
        dropout: Dropout probability before every layer.

    Example:
        >>> from torch_geometric.datasets import KarateClub
        >>> from torque_core import rewire
        >>> data = KarateClub()[0]
        >>> model = TorqueGNN(data.num_features, 16, 4)
        >>> model(data.x, rewire(data).edge_indices).shape
        torch.Size([34, 4])
    """

    def __init__(
        self, in_channels: int, hidden_channels: int, out_channels: int, *, num_layers: int = 2, dropout: float = 0.5
    ) -> None:
        super().__init__()
        if num_layers < 1:
            raise BadConfig(f"num_layers must be at least 1, got {num_layers}")
        widths = [in_channels, *[hidden_channels] * (num_layers - 1), out_channels]
        self.convs = nn.ModuleList(GCNConv(width, out) for width, out in pairwise(widths))  # type: ignore[abstract]
        self.dropout = dropout

    def forward(self, x: Tensor, edge_indices: Sequence[Tensor]) -> Tensor:
        """Class scores (logits), :math:`(|\\mathcal{V}|, C)`.

        Args:
            x: Features, :math:`(|\\mathcal{V}|, F)`.
            edge_indices: The graph of each layer, both directions, each :math:`(2, 2|\\mathcal{E}_l|)`.
        """
        if len(edge_indices) != len(self.convs):
            raise BadConfig(f"{len(edge_indices)} graphs for {len(self.convs)} layers; give one graph per layer")
        for conv, edge_index in zip(self.convs[:-1], edge_indices[:-1], strict=True):
            x = torch.relu(conv(self._drop(x), edge_index))
        out: Tensor = self.convs[-1](self._drop(x), edge_indices[-1])
        return out

    def _drop(self, x: Tensor) -> Tensor:
        return nn.functional.dropout(x, self.dropout, self.training)
