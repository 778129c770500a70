"""The attacked pipeline: rewiring or filtering of edges, followed by a trained model."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from torque_core.graph.pairs import check_graph, pairs_to_edge_index, undirected_pairs
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec

__all__ = ["EdgeFilter", "FilteredGNN", "predict", "with_edges"]

EdgeFilter = Callable[[Tensor], Tensor]
"""Function from node pairs, :math:`(2, P)` with :math:`i < j`, to a mask of those that are allowed as edges, bool,
:math:`(P,)`; it must not depend on the graph. Example: :meth:`GCNJaccard.keeps
<torque_core.baselines.GCNJaccard.keeps>` of given features."""


def with_edges(data: Data, edge_index: Tensor) -> Data:
    """Return what a rewiring uses of a graph, with other edges: features, and labels with their training nodes.

    Args:
        data: The graph.
        edge_index: The edges in both directions, :math:`(2, M)`.
    """
    labels = {key: data[key] for key in ("y", "train_mask") if data.get(key) is not None}
    return Data(x=data["x"].to(torch.get_default_dtype()), edge_index=edge_index, **labels)


@torch.no_grad()
def predict(
    model: nn.Module,
    data: Data,
    *,
    rewiring: RewireSpec | None = None,
    edge_filter: EdgeFilter | None = None,
    layers: int = 2,
) -> Tensor:
    """Class scores of the whole pipeline: rewire or filter the graph, then apply the trained model.

    Args:
        model: Trained model. It predicts in evaluation mode and is returned to its previous mode.
        data: Undirected graph without edge weights.
        rewiring: Rewiring specification; None to use the graph itself in every layer.
        edge_filter: Filter of the edges that the plain model uses; None for all edges.
        layers: Number of layers of the plain model.

    Returns:
        Logits, :math:`(|\\mathcal{V}|, C)`.

    Example:
        >>> from torque_core import load
        >>> from torque_core.nn import TorqueGNN
        >>> data = load("karate").data
        >>> predict(TorqueGNN(data.num_features, 8, num_layers=2, out_channels=4), data, rewiring=RewireSpec()).shape
        torch.Size([34, 4])
    """
    data = check_graph(data)
    training = model.training
    model.eval()
    try:
        if rewiring is not None:
            rewired = rewire(data, rewiring)
            return model(data["x"].to(torch.get_default_dtype()), rewired.edge_indices, rewired.edge_weights)
        edge_index = pairs_to_edge_index(undirected_pairs(data["edge_index"], len(data["x"])))
        return FilteredGNN(model, layers, edge_filter)(data["x"].to(torch.get_default_dtype()), edge_index)
    finally:
        model.train(training)


class FilteredGNN(nn.Module):
    """A model that uses one graph in all layers, restricted to the edges that pass a filter.

    Args:
        model: Model called like :class:`~torque_core.nn.TorqueGNN`.
        layers: Number of layers.
        edge_filter: Filter of the edges; None for all edges.
    """

    def __init__(self, model: nn.Module, layers: int, edge_filter: EdgeFilter | None) -> None:
        super().__init__()
        self.model, self.layers, self.edge_filter = model, layers, edge_filter

    def forward(self, x: Tensor, edge_index: Tensor, edge_weight: Tensor | None = None) -> Tensor:
        """Class scores (logits), :math:`(|\\mathcal{V}|, C)`."""
        if self.edge_filter is not None:
            pairs, position = edge_index.sort(dim=0).values.unique(dim=1, return_inverse=True)
            allowed = self.edge_filter(pairs)[position]
            edge_index = edge_index[:, allowed]
            edge_weight = None if edge_weight is None else edge_weight[allowed]
        return self.model(x, [edge_index] * self.layers, [edge_weight] * self.layers)
