"""The record of a rewiring: what happened to the graph in each layer, to be drawn, replayed, saved and loaded."""

import copy
from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.graph.pairs import directed_edges, pair_keys
from torque_core.rewiring.cuts import Cut
from torque_core.rewiring.spec import RewireSpec
from torque_core.scoring.torque import Torque

__all__ = ["LayerRewiring", "Rewiring"]


@dataclass(frozen=True)
class LayerRewiring:
    """What happened to the graph in one layer. Undirected, each pair once; a directed graph keeps its directions.

    Attributes:
        pairs: The edges that were judged, :math:`(2, |\\mathcal{E}|)`.
        torque: Their torques.
        pruned_mask: Which of them were pruned, bool, :math:`(|\\mathcal{E}|,)`.
        added: The links that were added, both ways, :math:`(2, A)`.
        added_torque: Their torques.
        cut: Where the torques were cut, and why there.
        num_nodes: :math:`|\\mathcal{V}|`.
        direction_weight: What each judged edge weighs from :math:`i` to :math:`j` and back, 0 where it does not go,
            :math:`(2, |\\mathcal{E}|)`; None if all go both ways without a weight.
        trust: What the cut makes each judged edge weigh if it stays, times that, in (0, 1], :math:`(|\\mathcal{E}|,)`;
            None for 1.
    """

    pairs: Tensor
    torque: Torque
    pruned_mask: Tensor
    added: Tensor
    added_torque: Torque
    cut: Cut
    num_nodes: int
    direction_weight: Tensor | None = None
    edge_confidence: Tensor | None = None

    def to(self, device: torch.device | str) -> "LayerRewiring":
        """The same record with every tensor on ``device``; the gap's curves stay where they are."""
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
        """The same layer with just the edges of at least ``threshold`` pruned, the others alike; additions stay."""
        return replace(
            self, pruned_mask=self.torque.value >= threshold, cut=Cut(threshold, reason), edge_confidence=None
        )

    @property
    def kept(self) -> Tensor:
        """Edges that stayed, :math:`(2, K)`."""
        return self.pairs[:, ~self.pruned_mask]

    @property
    def pruned(self) -> Tensor:
        """Edges that went, :math:`(2, |\\mathcal{E}| - K)`."""
        return self.pairs[:, self.pruned_mask]

    @cached_property
    def _order(self) -> Tensor:
        return pair_keys(torch.cat([self.kept, self.added], dim=1), self.num_nodes).argsort()

    @cached_property
    def rewired(self) -> Tensor:
        """The layer's graph: kept edges and added links, sorted, :math:`(2, K + A)`."""
        return torch.cat([self.kept, self.added], dim=1)[:, self._order]

    @cached_property
    def _weight(self) -> Tensor | None:
        """What each judged edge weighs from :math:`i` to :math:`j` and back, if it stays, (2, E)."""
        if self.edge_confidence is None:
            return self.direction_weight
        return (
            self.edge_confidence.expand(2, -1)
            if self.direction_weight is None
            else self.direction_weight * self.edge_confidence
        )

    @cached_property
    def rewired_weight(self) -> Tensor | None:
        """Their weights from :math:`i` to :math:`j` and back, :math:`(2, K + A)`; None for ones.

        An added link weighs what the kept edges weigh in the median, both ways.
        """
        if self._weight is None:
            return None
        kept = self._weight[:, ~self.pruned_mask]
        added = self.usual_weight.expand(2, self.added.size(1))
        return torch.cat([kept, added], dim=1)[:, self._order]

    @cached_property
    def usual_weight(self) -> Tensor:
        """What a direction of a kept edge weighs in the median; 1 without weights, or if no edge is kept."""
        if self._weight is None:
            return torch.ones((), device=self.pairs.device)
        kept = self._weight[:, ~self.pruned_mask]
        kept = kept[kept > 0]
        return kept.median() if len(kept) else kept.new_tensor(1.0)

    @cached_property
    def _directed(self) -> tuple[Tensor, Tensor | None]:
        return directed_edges(self.rewired, self.rewired_weight)

    @property
    def edge_index(self) -> Tensor:
        """The layer's graph as PyG wants it, each direction that is there, :math:`(2, M)`."""
        return self._directed[0]

    @property
    def edge_weight(self) -> Tensor | None:
        """The weights of ``edge_index``, :math:`(M,)`; None if all are 1."""
        return self._directed[1]

    @cached_property
    def pruned_directed(self) -> tuple[Tensor, Tensor | None]:
        """The pruned edges as PyG wants them, :math:`(2, M)`, and what they weighed before, None if all 1."""
        weight = self.direction_weight
        return directed_edges(self.pruned, None if weight is None else weight[:, self.pruned_mask])


@dataclass(frozen=True)
class Rewiring:
    """One graph per layer, and how each came about; :func:`~torque_core.io.rewiring_file.save_rewiring` keeps it."""

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
        """The graphs of the layers, to be given to :class:`~torque_core.nn.TorqueGNN`."""
        return [layer.edge_index for layer in self.layers]

    @property
    def edge_weights(self) -> list[Tensor | None]:
        """Their edge weights; None for a layer without."""
        return [layer.edge_weight for layer in self.layers]

    @property
    def pruned_graphs(self) -> list[tuple[Tensor, Tensor | None]]:
        """The pruned edges of the layers and their weights, for a model that hears them apart."""
        return [layer.pruned_directed for layer in self.layers]

    def to_data(self, data: Data, layer: int = 0) -> Data:
        """A copy of ``data`` whose edges are those of a layer, from 0; with weights if ``data`` has them."""
        graph = self.layers[layer]
        copied = copy.copy(data)
        copied.edge_index = graph.edge_index
        # weights that are all 1 stay, for PyG to batch the graph with others
        weighted = data.get("edge_weight") is not None and graph.edge_weight is None
        copied.edge_weight = torch.ones_like(graph.edge_index[0]).float() if weighted else graph.edge_weight
        return copied
