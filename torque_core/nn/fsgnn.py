"""FSGNN: the features of every hop, concatenated with learned weights."""

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn
from torch_geometric.nn.inits import reset

from torque_core.errors import BadConfig
from torque_core.nn.dropout import dropout
from torque_core.nn.edge_cache import EdgeSumCache
from torque_core.nn.layer_graphs import graphs_of_layers
from torque_core.nn.normalisation import symmetric_norm
from torque_core.nn.sparse_features import FeatureMap, feature_map, initialised_weight

__all__ = ["FSGNN"]


class FSGNN(nn.Module):
    """Feature selection graph neural network (Maurya et al., J. Comput. Sci. 62, 2022) with a graph for each hop.

    .. math::
        Z = W \\, \\mathrm{ReLU} \\Big( \\big\\Vert_k \\, \\alpha_k \\frac{X_k W_k}{\\|X_k W_k\\|} \\Big), \\qquad
        X_k \\in \\{ X, \\; A_1 X, \\; A_2 A_1 X, \\dots,
        \\; \\tilde{A}_1 X, \\; \\tilde{A}_2 \\tilde{A}_1 X, \\dots \\}

    with :math:`A` and :math:`\\tilde{A}` the symmetrically normalised adjacency matrices without and with self-loops,
    rows normalised to length 1, and :math:`\\alpha` a softmax of learned numbers that are initialised to 0. The
    features of a node, of its neighbours and of more distant nodes are not mixed, so that the model can select among
    them, which suits homophilous and heterophilous graphs. Hop :math:`l` uses the graph of layer :math:`l`; with one
    graph for all hops this is the published model, as far as its description allows.

    Args:
        in_channels: Number of features :math:`F`; -1 for that of the first input.
        hidden_channels: Width of each part.
        num_layers: Number of hops :math:`L`; there are :math:`2 L + 1` parts.
        out_channels: Number of classes :math:`C`.
        dropout: Dropout probability of the input of the last linear map.
        cached: Whether to keep the sorted edges, see :class:`~torque_core.nn.edge_cache.EdgeSumCache`.

    Example:
        >>> from torch_geometric.datasets import KarateClub
        >>> data = KarateClub()[0]
        >>> FSGNN(34, 16, num_layers=2, out_channels=4)(data.x, data.edge_index).shape
        torch.Size([34, 4])
    """

    def __init__(
        self,
        in_channels: int,
        hidden_channels: int,
        num_layers: int,
        out_channels: int,
        *,
        dropout: float = 0.0,
        cached: bool = False,
    ) -> None:
        super().__init__()
        if num_layers < 1:
            raise BadConfig(f"num_layers must be at least 1, got {num_layers}")
        parts = 2 * num_layers + 1
        self.first = FeatureMap(in_channels, parts * hidden_channels)
        """The matrices :math:`W_k` with biases, concatenated."""
        self.choice = nn.Parameter(torch.zeros(parts))
        """Logits of :math:`\\alpha`, :math:`(2 L + 1,)`."""
        self.last = nn.Linear(parts * hidden_channels, out_channels)
        self.dropout = dropout
        self.num_layers = num_layers
        norms = partial(symmetric_norm, loops=False), partial(symmetric_norm, loops=True)
        self._edge_sums = [[EdgeSumCache(norm, enabled=cached) for _ in range(num_layers)] for norm in norms]

    def reset_parameters(self) -> None:
        """Initialise all parameters again."""
        for linear in (self.first, self.last):
            reset(linear)
        nn.init.zeros_(self.choice)

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
        # the maps commute with the sums; mapped features are narrower
        own, *mapped = feature_map(x, initialised_weight(self.first, x)).chunk(len(self.choice), dim=1)  # (N, H) each
        features = [own]
        for caches, by_hop in zip(self._edge_sums, (mapped[: len(graphs)], mapped[len(graphs) :]), strict=True):
            propagations = [cache.propagation(*graph, own) for cache, graph in zip(caches, graphs, strict=True)]
            for hop, h in enumerate(by_hop, start=1):
                for propagate in propagations[:hop]:
                    h = propagate(h)
                features.append(h)
        parts = zip(features, self.first.bias.chunk(len(features)), self.choice.softmax(dim=0), strict=True)
        rows = [weight * nn.functional.normalize(h + bias, dim=1) for h, bias, weight in parts]  # (N, H) each
        h = torch.relu(torch.cat(rows, dim=1))  # (N, (2L + 1) H)
        return self.last(dropout(h, self.dropout, training=self.training, generator=generator))
