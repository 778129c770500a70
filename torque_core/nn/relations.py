"""Relations: the edges of a layer by what rewiring did to them, each a graph of its own for a model."""

from collections.abc import Sequence

import torch
from torch import Tensor

from torque_core.errors import BadConfig
from torque_core.graph.pairs import directed_edges
from torque_core.nn.layer_graphs import Graph
from torque_core.rewiring.record import LayerRewiring, Rewiring

__all__ = ["DIRECTIONS", "RELATIONS", "check_relations", "directed_relations", "relation_graphs", "without_rewiring"]

RELATIONS = {
    "kept": "the edges of the rewired graph; without the added ones if these are a relation, too",
    "pruned": "the pruned edges",
    "added": "the added edges",
    "torque": "the kept edges, weighted by their torque",
    "self": "the node itself, with weights of its own and a gate",
}
"""Relations from which a node can receive messages, with descriptions. The first is that of every model."""

DIRECTIONS = {"forth": "along the edges", "back": "against the edges"}
"""Directions in which messages can be sent, with descriptions."""

_SLOPE = 2.0  # of the weight as a function of the standardised torque
_ROUNDING = 1e-6  # relative to the highest torque; less of a spread is rounding


def check_relations(relations: Sequence[str], directions: Sequence[str]) -> None:
    """Raise :class:`BadConfig` unless these are distinct relations, ``kept`` first, and distinct directions."""
    for name, chosen, known in (("relations", relations, RELATIONS), ("directions", directions, DIRECTIONS)):
        if not chosen or len(set(chosen)) < len(chosen) or not set(chosen) <= set(known):
            raise BadConfig(f"{name} must be one or more of {', '.join(known)}, each once; got {chosen!r}")
    if relations[0] != "kept":
        raise BadConfig(f"relations must begin with 'kept', the graph of every model; got {relations!r}")


def without_rewiring(relations: Sequence[str]) -> tuple[str, ...]:
    """Return those of the relations that need no rewiring.

    Example:
        >>> without_rewiring(("kept", "pruned", "self"))
        ('kept', 'self')
    """
    return tuple(name for name in relations if name in ("kept", "self"))


def directed_relations(relations: Sequence[str], directions: Sequence[str]) -> list[tuple[str, str]]:
    """Return the pairs of relation and direction that have weights of their own; ``self`` has no direction.

    Example:
        >>> directed_relations(("kept", "self", "pruned"), ("forth", "back"))
        [('kept', 'forth'), ('kept', 'back'), ('self', 'forth'), ('pruned', 'forth'), ('pruned', 'back')]
    """
    return [(name, way) for name in relations for way in (directions[:1] if name == "self" else directions)]


def relation_graphs(rewiring: Rewiring, relations: Sequence[str]) -> dict[str, list[Graph]]:
    """The graph of each relation in each layer, for :class:`~torque_core.nn.TorqueGNN`.

    An edge of the relation ``torque`` has the weight :math:`\\sigma(2 z_{ij})`, where :math:`z_{ij}` is its torque
    standardised over the edges that the layer scored; a weight of the edge itself is multiplied by it. So the relation
    ``kept`` treats all kept edges alike, and ``torque`` tells a model which of them join unlike nodes.

    Args:
        rewiring: Record of the rewiring.
        relations: Names in :data:`RELATIONS`.

    Returns:
        Edges and weights of each layer by relation, except for ``self``, which has no edges.

    Example:
        >>> from torque_core import load, rewire
        >>> rewiring = rewire(load("karate").data, cut="fixed", fraction=0.1)
        >>> graphs = relation_graphs(rewiring, ("kept", "pruned", "added"))
        >>> [(name, edge_index.size(1)) for name, ((edge_index, _), _) in graphs.items()]
        [('kept', 140), ('pruned', 16), ('added', 4)]
    """
    separate = "added" in relations
    graph_of = {
        "kept": (lambda layer: _kept(layer)) if separate else (lambda layer: (layer.edge_index, layer.edge_weight)),
        "pruned": lambda layer: layer.pruned_directed,
        "added": _added,
        "torque": lambda layer: _kept(layer, torque_weights(layer.torque.value)),
    }
    return {name: [graph_of[name](layer) for layer in rewiring.layers] for name in relations if name in graph_of}


def torque_weights(torque: Tensor) -> Tensor:
    """Weight :math:`\\sigma(2 z)` of each edge, with :math:`z` its standardised torque; 1/2 if all are equal, (E,).

    Example:
        >>> torque_weights(torch.tensor([1.0, 2.0, 3.0]))
        tensor([0.0795, 0.5000, 0.9205])
    """
    if not len(torque) or bool(torque.std(correction=0) <= _ROUNDING * torque.abs().max()):
        return torch.full_like(torque, 0.5)
    return (_SLOPE * (torque - torque.mean()) / torque.std(correction=0)).sigmoid()


def _kept(layer: LayerRewiring, factor: Tensor | None = None) -> Graph:
    """The kept edges with the weights that they have in the rewired graph, times a factor."""
    weight = layer.weight
    if weight is not None:
        weight = weight[:, : layer.pairs.size(1)]
    if factor is not None:
        weight = factor.expand(2, -1) if weight is None else weight * factor
    return directed_edges(layer.kept, None if weight is None else weight[:, ~layer.pruned_mask])


def _added(layer: LayerRewiring) -> Graph:
    weight = layer.weight
    return directed_edges(layer.added, None if weight is None else weight[:, layer.pairs.size(1) :])
