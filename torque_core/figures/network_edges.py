"""Edges of a layer, or of the receptive field of one node, as columns for the network figure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from torque_core.diagnostics.fates import FATES
from torque_core.diagnostics.receptive_field import ReceptiveField
from torque_core.graph.noise import NoisyGraph
from torque_core.graph.pairs import pair_keys, positions_among, undirected_pairs
from torque_core.rewiring.graph_change import GraphChange
from torque_core.rewiring.record import LayerRewiring
from torque_core.scoring.torque import Torque

__all__ = ["NetworkEdges", "change_edges", "layer_edges", "receptive_field_edges"]

_BOTH = 3  # directions


@dataclass(frozen=True)
class NetworkEdges:
    """Edges to draw, one column per property.

    Attributes:
        pairs: Endpoints, :math:`(2, P)`.
        fate: Index into :data:`~torque_core.diagnostics.fates.FATES`; only ``kept``, ``pruned`` and ``added`` occur,
            uint8, :math:`(P,)`.
        injected: Mask of the edges inserted by the noise, bool, :math:`(P,)`.
        torque: Torques; NaN if a layer did not score an edge because an earlier layer had pruned it. None if they are
            unknown, as for other methods.
        weight: Weights after the change, the mean of both directions, :math:`(P,)`; None if all are 1.
        direction: Directions of the edges, uint8, :math:`(P,)`: 1 from the first end to the second, 2 back, 3 both, 0
            unknown; None if all edges go both ways.
    """

    pairs: Tensor
    fate: Tensor
    injected: Tensor
    torque: Torque | None
    weight: Tensor | None = None
    direction: Tensor | None = None

    def __len__(self) -> int:
        return self.pairs.size(1)

    def __getitem__(self, index: Tensor) -> "NetworkEdges":
        return NetworkEdges(
            self.pairs[:, index],
            self.fate[index],
            self.injected[index],
            None if self.torque is None else self.torque[index],
            None if self.weight is None else self.weight[index],
            None if self.direction is None else self.direction[index],
        )


def change_edges(change: GraphChange, injected: Tensor) -> NetworkEdges:
    """Collect the kept, pruned and added edges of any method, with torques if the change is that of a torque layer.

    Args:
        change: The change.
        injected: Mask of the edges in ``change.pairs`` that the noise inserted, bool, :math:`(|\\mathcal{E}|,)`.

    Returns:
        The edges in the order of ``change.pairs``, followed by the added edges.
    """
    if isinstance(change, LayerRewiring):
        return layer_edges(change, injected)
    none = torch.zeros_like(change.added[0], dtype=torch.bool)
    return NetworkEdges(
        torch.cat([change.pairs, change.added], dim=1),
        torch.cat([change.pruned_mask.byte(), torch.full_like(none, FATES.index("added"), dtype=torch.uint8)]),
        torch.cat([injected, none]),
        None,
        None if change.weight is None else change.weight.mean(dim=0),
        None if change.directions is None else _direction(change.directions),
    )


def layer_edges(layer: LayerRewiring, injected: Tensor, nodes: Tensor | None = None) -> NetworkEdges:
    """Collect the kept, pruned and added edges of a layer.

    Args:
        layer: Record of the rewired layer.
        injected: Mask of the edges in ``layer.pairs`` that the noise inserted, bool, :math:`(|\\mathcal{E}|,)`.
        nodes: If given, return only the edges between these nodes, :math:`(K,)`.

    Returns:
        The scored edges in the order of ``layer.pairs``, followed by the added edges.
    """
    edges = _concatenate(
        [
            NetworkEdges(layer.pairs, layer.pruned_mask.byte(), injected, layer.torque),  # FATES: 0 kept, 1 pruned
            _with_fate(layer.added, "added", torch.zeros_like(layer.added[0], dtype=torch.bool), layer.added_torque),
        ]
    )
    if layer.directions is not None:
        edges = replace(edges, direction=_direction(layer.directions))
    return edges if nodes is None else edges[torch.isin(edges.pairs, nodes.to(edges.pairs.device)).all(dim=0)]


def receptive_field_edges(
    field: ReceptiveField, layers: Sequence[LayerRewiring], noisy: NoisyGraph, *, nodes: Tensor | None = None
) -> NetworkEdges:
    """Collect the edges along which a receptive field grows: from each node to those one message step closer.

    Args:
        field: Receptive field of one node, before or after rewiring.
        layers: Records of the layers that the field passes through, first layer first; they provide the torque and
            the fate of each edge.
        noisy: Graph with noise, which provides the injected edges.
        nodes: If given, return only the edges between these nodes, :math:`(K,)`.

    Returns:
        The edges of the first message step, then those of the second, and so on.
    """
    num_nodes = len(field.hops)
    steps = []
    for step, (messages, record) in enumerate(zip(field.messages, reversed(layers), strict=True), start=1):
        target, source = messages
        grows = (field.hops[target] == step - 1) & (field.hops[source] == step)
        if nodes is not None:
            grows &= torch.isin(target, nodes) & torch.isin(source, nodes)
        pairs = undirected_pairs(messages[:, grows], num_nodes)
        layer = record.to("cpu")
        scored = layer_edges(layer, noisy.is_injected(layer.pairs))
        scored = scored[pair_keys(scored.pairs, num_nodes).argsort()]
        index = positions_among(pairs, scored.pairs, num_nodes)
        steps.append(scored[index[index >= 0]])
        # in a nested rewiring an earlier layer pruned these, so this layer did not score them
        unscored = pairs[:, index < 0]
        unknown = torch.full_like(unscored[0], torch.nan, dtype=torch.float)
        torque = Torque(unknown, unknown, None if layer.torque.sine is None else unknown)
        direction = None
        if layers[0].directions is not None:
            place = positions_among(unscored, layers[0].pairs.cpu(), num_nodes)
            direction = _direction(layers[0].directions.cpu()[:, place])
        steps.append(replace(_with_fate(unscored, "pruned", noisy.is_injected(unscored), torque), direction=direction))
    return _concatenate(steps)


def _with_fate(pairs: Tensor, fate: str, injected: Tensor, torque: Torque) -> NetworkEdges:
    """Edges that all have the same fate."""
    return NetworkEdges(pairs, torch.full_like(pairs[0], FATES.index(fate), dtype=torch.uint8), injected, torque)


def _concatenate(parts: Sequence[NetworkEdges]) -> NetworkEdges:
    """The edges of parts with torques, one after the other."""
    torques = [part.torque for part in parts if part.torque is not None]
    sines = [torque.sine for torque in torques if torque.sine is not None]
    directed = any(part.direction is not None for part in parts)
    directions = [
        torch.full_like(part.fate, _BOTH) if part.direction is None else part.direction for part in parts if directed
    ]
    return NetworkEdges(
        torch.cat([part.pairs for part in parts], dim=1),
        torch.cat([part.fate for part in parts]),
        torch.cat([part.injected for part in parts]),
        Torque(
            torch.cat([torque.lever for torque in torques]),
            torch.cat([torque.force for torque in torques]),
            torch.cat(sines) if sines else None,
        ),
        direction=torch.cat(directions) if directed else None,
    )


def _direction(exists: Tensor) -> Tensor | None:
    """The column of directions from a mask of those that exist, (2, P); None if all edges go both ways."""
    direction = exists[0].byte() + 2 * exists[1].byte()
    return None if bool(((direction == _BOTH) | (direction == 0)).all()) else direction
