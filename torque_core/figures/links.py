"""The links of a layer, or of one node's receptive field, as the network figure wants them."""

from collections.abc import Sequence

import torch
from torch import Tensor

from torque_core.diagnostics.receptive_field import ReceptiveField
from torque_core.figures.network import Link
from torque_core.graph import pair_keys
from torque_core.noise import NoisyGraph
from torque_core.record import LayerRewiring
from torque_core.torque import Torque

__all__ = ["field_links", "layer_links"]


def layer_links(layer: LayerRewiring, injected: Tensor, nodes: Tensor | None = None) -> list[Link]:
    """Kept, pruned and added links of a layer, among the given nodes only if they are given.

    Args:
        layer: What happened.
        injected: Which of ``layer.pairs`` the noise inserted, bool, :math:`(|\\mathcal{E}|,)`.
        nodes: Nodes to stay among, :math:`(K,)`.
    """
    links = []
    for pairs, torque, fates, noisy in (
        (layer.pairs, layer.torque, layer.pruned_mask, injected),
        (layer.added, layer.added_torque, None, None),
    ):
        shown = torch.arange(pairs.size(1))
        if nodes is not None:
            shown = torch.isin(pairs, nodes.to(pairs.device)).all(dim=0).nonzero().flatten()
        for column in shown.tolist():
            fate = "added" if fates is None else "pruned" if bool(fates[column]) else "kept"
            from_noise = noisy is not None and bool(noisy[column])
            i, j = pairs[:, column].tolist()
            links.append(_link(i, j, fate, from_noise, torque, column))
    return links


def field_links(
    field: ReceptiveField, layers: Sequence[LayerRewiring], noisy: NoisyGraph, *, nodes: Tensor | None = None
) -> list[Link]:
    """The links along which a receptive field grows: from each node to those that are one step nearer.

    Args:
        field: Of one node, before or after rewiring.
        layers: The layers that it passes through, first layer first; they say each link's torque and fate.
        noisy: Says which links the noise inserted.
        nodes: Nodes to stay among, :math:`(K,)`.
    """
    links = []
    for step, (carried, layer) in enumerate(zip(field.links, reversed(layers), strict=True), start=1):
        listener, speaker = carried
        nearer = (field.hops[listener] == step - 1) & (field.hops[speaker] == step)
        if nodes is not None:
            nearer &= torch.isin(listener, nodes) & torch.isin(speaker, nodes)
        pairs = torch.unique(carried[:, nearer].sort(dim=0).values, dim=1)
        from_noise = noisy.is_injected(pairs).tolist()
        judged, added = _columns(pairs, layer.pairs, field), _columns(pairs, layer.added, field)
        for (i, j), column, extra, injected in zip(pairs.T.tolist(), judged, added, from_noise, strict=True):
            if column >= 0:
                fate = "pruned" if bool(layer.pruned_mask[column]) else "kept"
                links.append(_link(i, j, fate, injected, layer.torque, column))
            elif extra >= 0:
                links.append(_link(i, j, "added", False, layer.added_torque, extra))
            else:  # nested: an earlier layer cut it, so this one did not judge it
                links.append(Link(i, j, "pruned", injected, f"{i} – {j}: pruned in an earlier layer"))
    return links


def _columns(pairs: Tensor, among: Tensor, field: ReceptiveField) -> list[int]:
    """Where each pair stands in ``among``, -1 if nowhere."""
    size = len(field.hops)
    place = {key: column for column, key in enumerate(pair_keys(among, size).tolist())}
    return [place.get(key, -1) for key in pair_keys(pairs, size).tolist()]


def _link(i: int, j: int, fate: str, injected: bool, torque: Torque, column: int) -> Link:
    product = " × ".join(f"{name} {float(factor[column]):.3f}" for name, factor in torque.factors.items())
    title = (
        f"{i} – {j}: {fate}{', injected by the noise' if injected else ''}\n"
        f"torque {float(torque.value[column]):.3f} = {product}"
    )
    return Link(i, j, fate, injected, title)
