"""What the rewiring peers have in common: a graph goes in, a copy with other edges comes out."""

import copy
from abc import abstractmethod
from collections.abc import Callable

from torch import Tensor
from torch_geometric.data import Data
from torch_geometric.transforms import BaseTransform

from torque_core.graph.pairs import check_graph, undirected_pairs
from torque_core.utils.registry import Registry

__all__ = ["PEERS", "Peer"]


class Peer(BaseTransform):
    """A rewiring method of others, as a PyG transform.

    A peer sees the undirected edges, each once, and the features: neither directions, weights nor labels. Self-loops
    and edges of weight 0 are none. All of the graph but its edges stays. The work is done on the CPU.
    """

    def forward(self, data: Data) -> Data:
        """A copy of the graph with other edges; the one given is not changed.

        Raises:
            BadGraph: The graph cannot be rewired, see :func:`~torque_core.graph.pairs.check_graph`.
        """
        check_graph(data)
        x, edge_index, weight = data["x"], data["edge_index"], data.get("edge_weight")
        pairs = undirected_pairs(edge_index if weight is None else edge_index[:, weight > 0], len(x))
        edge_index, weight = self.rewire(pairs.cpu(), x.detach().cpu().float())
        rewired = copy.copy(data)
        rewired.edge_index = edge_index.to(x.device)
        rewired.edge_weight = None if weight is None else weight.to(x.device)
        return rewired

    @abstractmethod
    def rewire(self, pairs: Tensor, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """The new edges.

        Args:
            pairs: The edges, :math:`i < j`, sorted, :math:`(2, |\\mathcal{E}|)`.
            x: Features, float32, :math:`(|\\mathcal{V}|, F)`.

        Returns:
            ``edge_index``, both directions, :math:`(2, M)`, and ``edge_weight``, :math:`(M,)` or None.
        """

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


PEERS: Registry[Callable[..., Peer]] = Registry("peer")
"""Peers by name: called with its options, each gives a transform."""
