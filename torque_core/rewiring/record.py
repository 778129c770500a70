"""The record of a rewiring: what happened to the graph in each layer."""

import copy
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.graph.pairs import directed_edges
from torque_core.rewiring.cuts import Cut
from torque_core.rewiring.edge_fields import Fill, carry_edge_fields
from torque_core.rewiring.graph_change import GraphChange
from torque_core.rewiring.spec import RewireSpec
from torque_core.scoring.torque import Torque

__all__ = ["LayerRewiring", "Rewiring"]


@dataclass(frozen=True, kw_only=True)
class LayerRewiring(GraphChange):
    """The change of the graph in one layer, with the torques that caused it. A directed graph keeps its directions.

    Attributes:
        torque: Torques of ``pairs``.
        added_torque: Torques of ``added``.
        cut: The threshold of the torque, with the reason for it.
        direction_weight: Weights of ``pairs`` before the change, from :math:`i` to :math:`j` and back; 0 for a
            direction in which there is no edge, :math:`(2, |\\mathcal{E}|)`. None if all edges go both ways and have
            no weights.
        edge_confidence: Confidence of each edge, in (0, 1], :math:`(|\\mathcal{E}|,)`. The weights of kept edges are
            multiplied by it; None for no such factor.
    """

    torque: Torque
    added_torque: Torque
    cut: Cut
    direction_weight: Tensor | None = None
    edge_confidence: Tensor | None = None

    def to(self, device: torch.device | str) -> "LayerRewiring":
        """The same record with every tensor on ``device``, except for the curves of the cut."""
        return replace(
            self,
            pairs=self.pairs.to(device),
            torque=self.torque.to(device),
            pruned_mask=self.pruned_mask.to(device),
            added=self.added.to(device),
            added_torque=self.added_torque.to(device),
            direction_weight=None if self.direction_weight is None else self.direction_weight.to(device),
            edge_confidence=None if self.edge_confidence is None else self.edge_confidence.to(device),
        )

    def recut(self, threshold: float, reason: str = "A threshold chosen by hand.") -> "LayerRewiring":
        """The same layer with the edges of torque ``threshold`` or more pruned and without edge confidence.

        The added edges stay the same.
        """
        return replace(
            self, pruned_mask=self.torque.value >= threshold, cut=Cut(threshold, reason), edge_confidence=None
        )

    @cached_property
    def _weight_if_kept(self) -> Tensor | None:
        """Weight of each edge in both directions if it is kept, (2, E)."""
        if self.edge_confidence is None:
            return self.direction_weight
        return (
            self.edge_confidence.expand(2, -1)
            if self.direction_weight is None
            else self.direction_weight * self.edge_confidence
        )

    @cached_property
    def weight(self) -> Tensor | None:
        """Weights after the change, of ``pairs`` and then of ``added``, in both directions; None if all are 1.

        An added edge has the median weight of the kept edges, in both directions. See :attr:`GraphChange.weight`.
        """
        if self._weight_if_kept is None:
            return None
        old = torch.where(self.pruned_mask, 0, self._weight_if_kept)
        return torch.cat([old, self.usual_weight.expand(2, self.added.size(1))], dim=1)

    @cached_property
    def usual_weight(self) -> Tensor:
        """Median weight of a direction of a kept edge; 1 without weights, or if no edge is kept."""
        if self._weight_if_kept is None:
            return torch.ones((), device=self.pairs.device)
        kept = self._weight_if_kept[:, ~self.pruned_mask]
        kept = kept[kept > 0]
        return kept.median() if len(kept) else kept.new_tensor(1.0)

    @cached_property
    def pruned_directed(self) -> tuple[Tensor, Tensor | None]:
        """The pruned edges as PyG's ``edge_index``, :math:`(2, M)`, and their weights before; None if all are 1."""
        weight = self.direction_weight
        return directed_edges(self.pruned, None if weight is None else weight[:, self.pruned_mask])


@dataclass(frozen=True)
class Rewiring:
    """The rewired graph of each layer, with the torques and the spec that led to it.

    :func:`~torque_core.io.rewiring_file.save_rewiring` writes it to a file.

    Attributes:
        layers: One record per layer.
        num_nodes: :math:`|\\mathcal{V}|`.
        spec: The spec of the rewiring, with lever and force named.
    """

    layers: tuple[LayerRewiring, ...]
    num_nodes: int
    spec: RewireSpec

    def to(self, device: torch.device | str) -> "Rewiring":
        """The same record with every tensor on ``device``."""
        return replace(self, layers=tuple(layer.to(device) for layer in self.layers))

    def graph_before(self, layer: int) -> tuple[Tensor, Tensor | None]:
        """The graph that a layer received, on which its torques were computed: the pairs and their weights.

        Args:
            layer: Index of the layer, from 0.

        Returns:
            Pairs, :math:`(2, |\\mathcal{E}|)`, and their weights in both directions, of the same shape; None if all
            are 1.
        """
        if not layer:
            return self.layers[0].pairs, self.layers[0].direction_weight
        return self.layers[layer - 1].rewired, self.layers[layer - 1].rewired_weight

    @property
    def edge_indices(self) -> list[Tensor]:
        """The graph of each layer as ``edge_index``, for :class:`~torque_core.nn.TorqueGNN`."""
        return [layer.edge_index for layer in self.layers]

    @property
    def edge_weights(self) -> list[Tensor | None]:
        """The edge weights of each layer; None for a layer whose weights are all 1."""
        return [layer.edge_weight for layer in self.layers]

    @property
    def pruned_graphs(self) -> list[tuple[Tensor, Tensor | None]]:
        """The pruned edges of each layer and their weights, for a model with a separate relation for pruned edges."""
        return [layer.pruned_directed for layer in self.layers]

    def to_data(self, data: Data, layer: int = 0, *, fill: Fill = 0) -> Data:
        """A copy of ``data`` with the edges of a layer, counted from 0, and weights if either has them.

        Other edge-level fields follow their edges; added edges get ``fill``, see
        :func:`~torque_core.rewiring.edge_fields.carry_edge_fields`.

        Raises:
            BadGraph: If a field cannot follow its edges.
        """
        graph = self.layers[layer]
        copied = copy.copy(data)
        copied._store.__dict__.pop("_cached_attr", None)  # PyG remembers which fields are edge-level
        for key, value in carry_edge_fields(data, graph.edge_index, fill=fill).items():
            copied[key] = value
        copied.edge_index = graph.edge_index
        # PyG batches graphs only if all of them have weights, so weights of 1 are kept
        weighted = data.get("edge_weight") is not None and graph.edge_weight is None
        copied.edge_weight = torch.ones_like(graph.edge_index[0]).float() if weighted else graph.edge_weight
        return copied
