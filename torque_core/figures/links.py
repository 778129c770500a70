"""The links of a layer, or of one node's receptive field, as the network figure wants them."""

from collections.abc import Sequence

import torch
from torch import Tensor

from torque_core.diagnostics.receptive_field import ReceptiveField
from torque_core.figures.network import FATES, NetworkLinks
from torque_core.graph.noise import NoisyGraph
from torque_core.graph.pairs import pair_keys, positions_among, undirected_pairs
from torque_core.rewiring.record import LayerRewiring
from torque_core.scoring.torque import Torque

__all__ = ["field_links", "layer_links"]


def layer_links(layer: LayerRewiring, injected: Tensor, nodes: Tensor | None = None) -> NetworkLinks:
    """Kept, pruned and added links of a layer, among the given nodes only if they are given.

    Args:
        layer: What happened.
        injected: Which of ``layer.pairs`` the noise inserted, bool, :math:`(|\\mathcal{E}|,)`.
        nodes: Nodes to stay among, :math:`(K,)`.

    Returns:
        The judged links in their order, then the added ones.
    """
    links = _joined(
        [
            NetworkLinks(layer.pairs, layer.pruned_mask.byte(), injected, layer.torque),  # FATES begins: kept, pruned
            _alike(layer.added, "added", torch.zeros_like(layer.added[0], dtype=torch.bool), layer.added_torque),
        ]
    )
    return links if nodes is None else links[torch.isin(links.pairs, nodes.to(links.pairs.device)).all(dim=0)]


def field_links(
    field: ReceptiveField, layers: Sequence[LayerRewiring], noisy: NoisyGraph, *, nodes: Tensor | None = None
) -> NetworkLinks:
    """The links along which a receptive field grows: from each node to those that are one step nearer.

    Args:
        field: Of one node, before or after rewiring.
        layers: The layers that it passes through, first layer first; they say each link's torque and fate.
        noisy: Says which links the noise inserted.
        nodes: Nodes to stay among, :math:`(K,)`.

    Returns:
        The links of the first step, then of the second, and so on.
    """
    size = len(field.hops)
    steps = []
    for step, (carried, record) in enumerate(zip(field.links, reversed(layers), strict=True), start=1):
        listener, speaker = carried
        nearer = (field.hops[listener] == step - 1) & (field.hops[speaker] == step)
        if nodes is not None:
            nearer &= torch.isin(listener, nodes) & torch.isin(speaker, nodes)
        pairs = undirected_pairs(carried[:, nearer], size)
        layer = record.to("cpu")
        known = layer_links(layer, noisy.is_injected(layer.pairs))
        known = known[pair_keys(known.pairs, size).argsort()]
        at = positions_among(pairs, known.pairs, size)
        steps.append(known[at[at >= 0]])
        # nested: an earlier layer cut these, so this one did not judge them
        gone = pairs[:, at < 0]
        unknown = torch.full_like(gone[0], torch.nan, dtype=torch.float)
        torque = Torque(unknown, unknown, None if layer.torque.sine is None else unknown)
        steps.append(_alike(gone, "pruned", noisy.is_injected(gone), torque))
    return _joined(steps)


def _alike(pairs: Tensor, fate: str, injected: Tensor, torque: Torque) -> NetworkLinks:
    """Links of one fate."""
    return NetworkLinks(pairs, torch.full_like(pairs[0], FATES.index(fate), dtype=torch.uint8), injected, torque)


def _joined(parts: Sequence[NetworkLinks]) -> NetworkLinks:
    """One after the other."""
    sines = [part.torque.sine for part in parts if part.torque.sine is not None]
    torque = Torque(
        torch.cat([part.torque.lever for part in parts]),
        torch.cat([part.torque.force for part in parts]),
        torch.cat(sines) if sines else None,
    )
    return NetworkLinks(
        torch.cat([part.pairs for part in parts], dim=1),
        torch.cat([part.fate for part in parts]),
        torch.cat([part.injected for part in parts]),
        torque,
    )
