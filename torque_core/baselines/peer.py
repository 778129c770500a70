"""Base class and registry of the rewiring methods from the literature."""

from abc import abstractmethod
from collections.abc import Callable

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

__all__ = ["PEERS", "Peer"]


class Peer(RewiringTransform):
    """A rewiring method from the literature, as a PyG transform.

    The method receives the undirected edges, each once, and the features, but no directions, weights or labels. In a
    directed graph, edges that remain keep their direction and new ones go both ways; a method that returns weights,
    which replaces all edges, refuses it.

    Self-loops and edges of weight 0 are ignored. Everything in the graph except its edges is kept, and edge-level
    fields follow their edges, see :class:`~torque_core.rewiring.rewiring_transform.RewiringTransform`. Computation
    takes place on the CPU.

    Attributes:
        weighted: Whether the method returns weights. If not, the result has no ``edge_weight``.
    """

    weighted = False

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
        edge_index, weight = self.rewire(pairs.cpu(), x.detach().cpu().float())
        if directions is not None:
            edge_index = _directed_as_before(edge_index, pairs.cpu(), directions.cpu(), len(x))
        return edge_index.to(x.device), {"edge_weight": None if weight is None else weight.to(x.device)}

    def _unchanged(self, data: Data) -> dict[str, Tensor | None]:
        edge_index = data["edge_index"]
        return {"edge_weight": torch.ones(edge_index.size(1), device=edge_index.device) if self.weighted else None}

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
