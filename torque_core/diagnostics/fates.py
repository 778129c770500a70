"""Fate of every edge in every layer of a rewiring."""

from dataclasses import dataclass

import torch
from torch import Tensor

from torque_core.graph.pairs import pair_keys, positions_among
from torque_core.rewiring.record import Rewiring

__all__ = ["FATES", "EdgeFates", "edge_fates"]

FATES = ("kept", "pruned", "added", "gone", "not yet")
"""Possible fates of an edge in a layer, see :func:`edge_fates`."""

_KEPT, _PRUNED, _ADDED, _GONE, _NOT_YET = range(len(FATES))


@dataclass(frozen=True)
class EdgeFates:
    """All edges that occur in any layer, with their fate in each layer.

    Attributes:
        pairs: The edges, sorted, :math:`(2, U)`.
        fates: Indices into :data:`FATES`, one row per layer, :math:`(L, U)`.
        origin: Mask of the edges in the input graph, bool, :math:`(U,)`.
        injected: Mask of the edges that the noise inserted, a subset of ``origin``, bool, :math:`(U,)`.
    """

    pairs: Tensor
    fates: Tensor
    origin: Tensor
    injected: Tensor

    def count(self, layer: int) -> dict[str, int]:
        """Count the edges with each fate in a layer, from 0."""
        return dict(zip(FATES, torch.bincount(self.fates[layer], minlength=len(FATES)).tolist(), strict=True))


def edge_fates(rewiring: Rewiring, injected: Tensor | None = None) -> EdgeFates:
    """Follow every edge that is scored or added in any layer through all of them.

    In a layer, an edge is ``kept`` or ``pruned`` if the layer scores it, and ``added`` if the layer adds it. Otherwise
    it is ``gone`` if an earlier layer scored or added it, and ``not yet`` present if no earlier layer did. In a nested
    rewiring an edge is gone from the layer after the one that prunes it, unless it is added again. In an independent
    rewiring every layer scores the edges of the input graph, and an edge that one layer adds is gone in the next.

    Args:
        rewiring: The rewiring.
        injected: Mask of the edges in the first layer that the noise inserted, bool, :math:`(|\\mathcal{E}|,)`;
            by default none.

    Example:
        >>> from torque_core import RewireSpec, load, rewire
        >>> rewiring = rewire(load("karate").data, RewireSpec(cut="fixed", hierarchy="nested"))
        >>> fates = edge_fates(rewiring)
        >>> fates.count(0)
        {'kept': 70, 'pruned': 8, 'added': 2, 'gone': 0, 'not yet': 2}
        >>> fates.count(1)
        {'kept': 65, 'pruned': 7, 'added': 2, 'gone': 8, 'not yet': 0}
    """
    size, first = rewiring.num_nodes, rewiring.layers[0]
    occurring = torch.cat([edges for layer in rewiring.layers for edges in (layer.pairs, layer.added)], dim=1)
    keys = pair_keys(occurring, size).unique()
    pairs = torch.stack([keys // size, keys % size])

    def columns(edges: Tensor) -> Tensor:
        return positions_among(edges, pairs, size)

    fates = torch.empty(len(rewiring.layers), len(keys), dtype=torch.long, device=keys.device)
    absent = torch.full_like(keys, _NOT_YET)
    for row, layer in zip(fates, rewiring.layers, strict=True):
        row.copy_(absent)
        row[columns(layer.kept)], row[columns(layer.pruned)], row[columns(layer.added)] = _KEPT, _PRUNED, _ADDED
        absent[row != _NOT_YET] = _GONE
    origin, noisy = torch.zeros(2, len(keys), dtype=torch.bool, device=keys.device)
    origin[columns(first.pairs)] = True
    if injected is not None:
        noisy[columns(first.pairs[:, injected])] = True
    return EdgeFates(pairs, fates, origin, noisy)
