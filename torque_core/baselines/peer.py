"""Base class and registry of the rewiring methods from the literature."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.errors import BadGraph
from torque_core.graph.pairs import (
    check_graph,
    directed_edges,
    direction_weights,
    positions_among,
    undirected_pairs,
)
from torque_core.rewiring.rewiring_transform import RewiringTransform
from torque_core.utils.registry import Registry

__all__ = ["PEERS", "Peer", "RewiredGraph"]


@dataclass(frozen=True)
class RewiredGraph:
    """What a method returns.

    Attributes:
        edge_index: The new edges, both directions, :math:`(2, M)`.
        weight: Their weights, :math:`(M,)`; None without weights.
        x: The new features, :math:`(|\\mathcal{V}|, F)`; None if they are unchanged.
    """

    edge_index: Tensor
    weight: Tensor | None = None
    x: Tensor | None = None


class Peer(RewiringTransform):
    """A rewiring method from the literature, as a PyG transform.

    The method receives the undirected edges, each once, and the features, but no directions or weights, and labels only
    if it uses those of the training nodes. In a directed graph, edges that remain keep their direction and new ones go
    both ways; a method that returns weights, which replaces all edges, refuses it.

    Self-loops and edges of weight 0 are ignored. Everything in the graph except its edges is kept, also the features
    unless the method changes them, and edge-level fields follow their edges, see
    :class:`~torque_core.rewiring.rewiring_transform.RewiringTransform`. Computation takes place on the CPU.

    Attributes:
        weighted: Whether the method returns weights. If not, the result has no ``edge_weight``.
        uses_labels: Whether the method uses the labels of the training nodes.
        changes_features: Whether the method also changes the features.
    """

    weighted = False
    uses_labels = False
    changes_features = False

    def _rewired_edges(self, data: Data) -> tuple[Tensor, dict[str, Tensor | None]]:
        x = check_graph(data)["x"]
        edge_index, weight = data["edge_index"], data.get("edge_weight")
        edge_index = edge_index if weight is None else edge_index[:, weight > 0]
        pairs = undirected_pairs(edge_index, len(x))
        directions = direction_weights(Data(edge_index=edge_index, num_nodes=len(x)), pairs)
        if self.weighted and directions is not None:
            raise BadGraph(
                f"{type(self).__name__} replaces all edges by undirected ones, and this graph has directions; make it "
                "undirected (torch_geometric.transforms.ToUndirected), or load it with directed=False"
            )
        rewired = self.rewire_graph(pairs.cpu(), x.detach().cpu().float(), data)
        edge_index, weight = rewired.edge_index, rewired.weight
        if directions is not None:
            edge_index = _directed_as_before(edge_index, pairs.cpu(), directions.cpu(), len(x))
        fields = {"edge_weight": None if weight is None else weight.to(x.device)}
        if rewired.x is not None:
            fields["x"] = rewired.x.to(x)
        return edge_index.to(x.device), fields

    def _unchanged(self, data: Data) -> dict[str, Tensor | None]:
        edge_index = data["edge_index"]
        return {"edge_weight": torch.ones(edge_index.size(1), device=edge_index.device) if self.weighted else None}

    def rewire_graph(self, pairs: Tensor, x: Tensor, data: Data) -> RewiredGraph:
        """Return the new edges, those of :meth:`rewire`; overridden by methods that need or change more of the graph.

        Args:
            pairs: See :meth:`rewire`.
            x: See :meth:`rewire`.
            data: The graph; ``y`` and ``train_mask`` if ``uses_labels``.
        """
        return RewiredGraph(*self.rewire(pairs, x))

    @abstractmethod
    def rewire(self, pairs: Tensor, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the new edges.

        Args:
            pairs: The edges, :math:`i < j`, sorted, :math:`(2, |\\mathcal{E}|)`.
            x: Features, float32, :math:`(|\\mathcal{V}|, F)`.

        Returns:
            ``edge_index``, both directions, :math:`(2, M)`, and ``edge_weight``, :math:`(M,)` or None.
        """

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


def _directed_as_before(edge_index: Tensor, pairs: Tensor, directions: Tensor, num_nodes: int) -> Tensor:
    """Restrict the edges that were among ``pairs`` to the directions that they had, given as weights, (2, E)."""
    after = undirected_pairs(edge_index, num_nodes)
    position = positions_among(after, pairs, num_nodes)
    return directed_edges(after, torch.where(position >= 0, directions[:, position], 1.0))[0]


PEERS: Registry[Callable[..., Peer]] = Registry("peer")
"""Methods by name; calling an entry with its options returns the transform."""
