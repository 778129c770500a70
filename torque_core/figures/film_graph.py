"""The messages that can reach one node through the layers, before rewiring or after it at any threshold."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from torque_core.diagnostics.fates import FATES
from torque_core.diagnostics.receptive_field import ReceptiveField
from torque_core.graph.noise import NoisyGraph
from torque_core.graph.pairs import directed_edges, pairs_to_edge_index, positions_among, undirected_pairs
from torque_core.rewiring.record import LayerRewiring
from torque_core.scoring.torque import Torque

__all__ = ["FilmGraph", "MessageStep", "addition_limits", "film_graph"]

_PRUNED, _ADDED = FATES.index("pruned"), FATES.index("added")


@dataclass(frozen=True)
class MessageStep:
    """Messages of one layer that can reach the node, and those that its neighbours' degrees depend on.

    Attributes:
        source: Nodes that send, :math:`(M,)`.
        target: Nodes that receive, :math:`(M,)`.
        before: Mask of the messages that are sent before rewiring, bool, :math:`(M,)`.
        fate: Index into :data:`~torque_core.diagnostics.fates.FATES`: kept, pruned or added by the layer, uint8,
            :math:`(M,)`.
        injected: Mask of the messages along edges that the noise inserted, bool, :math:`(M,)`.
        torque: Torques of the edges; NaN if the layer did not score an edge because an earlier layer had pruned it.
        limit: Largest threshold, set by hand, at which an added edge remains; NaN for the other edges, :math:`(M,)`.
        weight: Weights before and after rewiring, :math:`(2, M)`; None if all are 1.
        degree: Degrees after rewiring with the self-loop, :math:`(|\\mathcal{V}|,)`; None for the last layer, in which
            all messages to the node and to its neighbours are listed.
    """

    source: Tensor
    target: Tensor
    before: Tensor
    fate: Tensor
    injected: Tensor
    torque: Torque
    limit: Tensor
    weight: Tensor | None
    degree: Tensor | None


@dataclass(frozen=True)
class FilmGraph:
    """All messages from which the receptive field of a node and the influence on it can be computed.

    Attributes:
        field: The nodes that reach the node before rewiring, or after it at some threshold of the last layer.
        steps: Messages by step, those of the last layer first.
        degree: Degrees before rewiring with the self-loop, :math:`(|\\mathcal{V}|,)`.
    """

    field: ReceptiveField
    steps: tuple[MessageStep, ...]
    degree: Tensor

    def __len__(self) -> int:
        """Number of messages."""
        return sum(len(step.source) for step in self.steps)


def film_graph(
    node: int, layers: Sequence[LayerRewiring], noisy: NoisyGraph, *, additions: float | None = None
) -> FilmGraph:
    """Collect the messages that can reach a node through some layers.

    A program that has them can compute :func:`~torque_core.diagnostics.receptive_field` and
    :func:`~torque_core.diagnostics.walk_influence` of the node by itself, before rewiring and after it, for every
    threshold of the last layer.

    Args:
        node: The node.
        layers: Records of the layers, first layer first.
        noisy: The graph with noise.
        additions: Largest number of added edges as a fraction of the pruned edges, which holds for a threshold set by
            hand, see :meth:`~torque_core.rewiring.record.LayerRewiring.recut`. By default all added edges remain.

    Example:
        >>> from torque_core import Noise, add_noise, load, rewire
        >>> noisy = add_noise(load("karate").data, Noise("insert", 0.2))
        >>> graph = film_graph(0, rewire(noisy.data, layers=2).layers, noisy)
        >>> len(graph.steps), len(graph.field.ring(1)) >= 16
        (2, True)
    """
    first, size = layers[0].to("cpu"), layers[0].num_nodes
    hops = torch.full((size,), -1, dtype=torch.long)
    hops[node] = 0
    steps, messages = [], []
    for number, layer in enumerate(reversed(layers), start=1):
        record, reached = layer.to("cpu"), hops >= 0
        targets = reached.clone()
        if number == 1:  # the degrees of the neighbours depend on the threshold, too
            for pairs in (first.pairs, record.pairs, record.added):
                targets[pairs[:, (pairs == node).any(dim=0)]] = True
        step = _step(record, first, noisy, targets, additions, last=number == 1)
        arrives = reached[step.target]
        messages.append(torch.stack([step.target[arrives], step.source[arrives]]))
        fresh = step.source[arrives]
        hops[fresh[hops[fresh] < 0]] = number
        steps.append(step)
    return FilmGraph(
        ReceptiveField(node, hops, tuple(messages)),
        tuple(steps),
        _degree(*directed_edges(first.pairs, first.direction_weight), size),
    )


def addition_limits(layer: LayerRewiring, additions: float | None) -> Tensor:
    """Compute up to which threshold, set by hand, each added edge of a layer remains.

    The fewer edges a threshold prunes, the fewer are added, those of lowest torque; an added edge is thus there up to
    some threshold.

    Args:
        layer: The layer.
        additions: See :func:`film_graph`; None for no limit.

    Returns:
        Thresholds, negative infinity for an edge that is never added, :math:`(A,)`.

    Example:
        >>> from torque_core import load, rewire
        >>> layer = rewire(load("karate").data, cut="fixed", fraction=0.1, layers=1).layers[0]
        >>> limits = addition_limits(layer, 0.25)
        >>> [layer.recut(float(limit), additions=0.25).added.size(1) for limit in limits.sort(descending=True).values]
        [1, 2]
    """
    torque = layer.torque.value
    if additions is None:
        return torch.full_like(layer.added_torque.value, math.inf)
    most = np.rint(additions * np.arange(len(torque) + 1))  # added edges by number of pruned ones, as Python rounds
    rank = layer.added_torque.value.argsort(stable=True).argsort().cpu().numpy()
    needed = np.searchsorted(most, rank, side="right")  # pruned edges; more than there are if the edge is never added
    descending = torch.cat([torque.new_tensor([math.inf]), torque.sort(descending=True).values])
    limit = descending[torch.from_numpy(needed).clamp(max=len(torque)).to(torque.device)]
    return torch.where(torch.from_numpy(needed > len(torque)).to(torque.device), -math.inf, limit)


def _step(
    record: LayerRewiring,
    first: LayerRewiring,
    noisy: NoisyGraph,
    targets: Tensor,
    additions: float | None,
    *,
    last: bool,
) -> MessageStep:
    """Messages to the given nodes in one layer; ``first`` holds the graph before rewiring."""
    size, nothing = record.num_nodes, torch.zeros(1)
    parts = (first.pairs, record.pairs, record.added)
    pairs = undirected_pairs(torch.cat([edges[:, targets[edges].any(dim=0)] for edges in parts], dim=1), size)
    before, scored, added = (positions_among(pairs, edges, size) for edges in parts)
    source, target = pairs_to_edge_index(pairs)
    received = targets[target]

    def messages(of_scored: Tensor, of_added: Tensor, missing: float) -> Tensor:
        """Values of the messages from those of the layer's edges; an earlier layer pruned those without a value."""
        values = torch.cat([of_scored, of_added, (nothing + missing).to(of_scored)])
        position = torch.where(scored >= 0, scored, torch.where(added >= 0, len(of_scored) + added, -1))
        return values[position].repeat(2)[received]

    def factor(of_scored: Tensor, of_added: Tensor) -> Tensor:
        return messages(of_scored, of_added, math.nan)

    unknown = torch.full_like(record.torque.value, math.nan)
    limits = addition_limits(record, additions) if last else torch.full_like(record.added_torque.value, math.inf)
    sines = (record.torque.sine, record.added_torque.sine)
    return MessageStep(
        source=source[received],
        target=target[received],
        before=(before >= 0).repeat(2)[received],
        fate=messages(record.pruned_mask.byte(), torch.full_like(record.added[0], _ADDED, dtype=torch.uint8), _PRUNED),
        injected=noisy.is_injected(pairs).repeat(2)[received],
        torque=Torque(
            factor(record.torque.lever, record.added_torque.lever),
            factor(record.torque.force, record.added_torque.force),
            None if sines[0] is None or sines[1] is None else factor(sines[0], sines[1]),
        ),
        limit=factor(unknown, limits),
        weight=_weights(record, first, before, scored, added, received),
        degree=None if last else _degree(record.edge_index, record.edge_weight, size),
    )


def _weights(
    record: LayerRewiring, first: LayerRewiring, before: Tensor, scored: Tensor, added: Tensor, received: Tensor
) -> Tensor | None:
    """Weights of the messages before and after rewiring, :math:`(2, M)`; None if all are 1."""
    if first.direction_weight is None and record.weight is None:
        return None
    after = torch.where(scored >= 0, scored, torch.where(added >= 0, record.pairs.size(1) + added, -1))
    columns = []
    for weight, position in ((first.direction_weight, before), (record.weight, after)):
        of_edges = torch.ones_like(position).expand(2, -1).float() if weight is None else weight[:, position]
        columns.append(torch.where(position >= 0, of_edges, 0.0).flatten()[received])
    return torch.stack(columns)


def _degree(edge_index: Tensor, edge_weight: Tensor | None, size: int) -> Tensor:
    """Weighted degrees with a self-loop of weight 1, as in a GCN, :math:`(|\\mathcal{V}|,)`."""
    return 1 + torch.bincount(edge_index[1], edge_weight, minlength=size).float()
