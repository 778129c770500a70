"""Defences that an attacker knows: which edges reach the defended network, and which flips would not."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.attacks.pipeline import EdgeFilter, with_edges
from torque_core.baselines import GCNJaccard
from torque_core.diagnostics.edge_scores import cosine_score
from torque_core.graph.pairs import is_among, pairs_to_edge_index
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.scorer_factory import LayerScorerFactory
from torque_core.rewiring.spec import RewireSpec

__all__ = ["KNOWN_DEFENCES", "KnownDefence", "KnownFilter", "KnownTorque"]

_GNN_GUARD_THRESHOLD = 0.1


class KnownDefence(Protocol):
    """What an attacker knows of a defence of the training graph."""

    def receives(self, pairs: Tensor) -> Tensor:
        """Edges that the defended network receives in its first layer.

        Args:
            pairs: Edges of the attacked graph, sorted, :math:`(2, |\\mathcal{E}|)`.

        Returns:
            Pairs, sorted, :math:`(2, K)`.
        """

    def refuses(self, pairs: Tensor) -> Tensor:
        """Mask of the pairs whose flip would not reach the network, bool, :math:`(|\\mathcal{V}|, |\\mathcal{V}|)`.

        Args:
            pairs: Edges of the attacked graph, sorted, :math:`(2, |\\mathcal{E}|)`.
        """


class KnownFilter:
    """A defence that prunes edges by a property of their two nodes, whatever the other edges are.

    Args:
        keeps: The filter.
        num_nodes: :math:`|\\mathcal{V}|`.

    Example:
        >>> first_two = KnownFilter(lambda pairs: pairs[1] < 2, num_nodes=3)
        >>> first_two.receives(torch.tensor([[0, 1], [1, 2]]))
        tensor([[0],
                [1]])
    """

    def __init__(self, keeps: EdgeFilter, num_nodes: int) -> None:
        self._keeps = keeps
        pairs = torch.triu_indices(num_nodes, num_nodes, offset=1)
        self._refused = _symmetric(~keeps(pairs), pairs, num_nodes)

    def receives(self, pairs: Tensor) -> Tensor:
        """See :meth:`KnownDefence.receives`."""
        return pairs[:, self._keeps(pairs)]

    def refuses(self, pairs: Tensor) -> Tensor:
        """See :meth:`KnownDefence.refuses`; it is the same for every graph."""
        return self._refused


class KnownTorque:
    """Torque with default settings, as the first layer of a network applies it.

    The attacker scores each pair as if it were an edge, by the torque on the attacked graph. Not to be found as soon as
    the cut begins to prune, it also inserts no edge whose torque exceeds those of ``quantile`` of the edges.

    Args:
        data: The graph, with the training labels that the attacker knows.
        quantile: Highest rank of the torque of an inserted edge among the edges, in (0, 1].

    Example:
        >>> from torque_core import load
        >>> from torque_core.graph.pairs import undirected_pairs
        >>> data = load("karate").data
        >>> pairs = undirected_pairs(data.edge_index, 34)
        >>> known = KnownTorque(data, quantile=0.5)
        >>> known.receives(pairs).shape, int(known.refuses(pairs).sum()) // 2
        (torch.Size([2, 78]), 401)
    """

    def __init__(self, data: Data, *, quantile: float = 0.9) -> None:
        self._data, self._quantile = data, quantile
        self._spec = RewireSpec(layers=1)

    def receives(self, pairs: Tensor) -> Tensor:
        """See :meth:`KnownDefence.receives`; links that torque adds are among the edges."""
        return rewire(with_edges(self._data, pairs_to_edge_index(pairs)), self._spec).layers[0].rewired

    @torch.no_grad()
    def refuses(self, pairs: Tensor) -> Tensor:
        """See :meth:`KnownDefence.refuses`."""
        data, num_nodes = with_edges(self._data, pairs_to_edge_index(pairs)), len(self._data["x"])
        layer = rewire(data, self._spec).layers[0]
        every = torch.triu_indices(num_nodes, num_nodes, offset=1)
        scorer = LayerScorerFactory(data).of_layer(0, (pairs, None), self._spec, screening=layer.screening)
        torque = scorer(every).value
        hidden = torch.quantile(layer.torque.value, self._quantile)
        refused = (torque >= layer.cut.threshold) | (~is_among(every, pairs, num_nodes) & (torque > hidden))
        return _symmetric(refused | is_among(every, layer.added, num_nodes), every, num_nodes)


def _symmetric(chosen: Tensor, pairs: Tensor, num_nodes: int) -> Tensor:
    """Mask of all pairs in both orders, bool, (N, N)."""
    mask = torch.zeros(num_nodes, num_nodes, dtype=torch.bool)
    mask[*pairs[:, chosen]] = True
    return mask | mask.T


def _jaccard(data: Data) -> KnownFilter:
    x = data["x"].float()
    return KnownFilter(lambda pairs: GCNJaccard().keeps(x, pairs), len(x))


def _gnn_guard(data: Data) -> KnownFilter:
    return KnownFilter(lambda pairs: cosine_score(data, pairs) <= 1 - _GNN_GUARD_THRESHOLD, len(data["x"]))


KNOWN_DEFENCES: Mapping[str, Callable[[Data], KnownDefence]] = MappingProxyType(
    {"jaccard": _jaccard, "gnnguard": _gnn_guard, "torque": KnownTorque}
)
"""Makes of each known defence, by key: called with the attacked graph, on the CPU."""
