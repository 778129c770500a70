"""The edges of a layer that tell most about its decisions: a right one, a wrong one, and what misled torque."""

from dataclasses import dataclass

import torch
from torch import Tensor

from torque_core.rewiring.record import LayerRewiring

__all__ = ["TellingEdges", "factor_ranks", "telling_edges"]


@dataclass(frozen=True)
class TellingEdges:
    """Columns of a layer's scored pairs; None if there is no such edge.

    Attributes:
        caught: The misleading edge of highest torque that is pruned.
        mistaken: The helpful edge of highest torque that is pruned; if there is none, the misleading edge of lowest
            torque that is kept.
    """

    caught: int | None
    mistaken: int | None


def telling_edges(layer: LayerRewiring, injected: Tensor, y: Tensor) -> TellingEdges:
    """Find one edge that a layer judged rightly, and one that it judged wrongly.

    An edge is misleading if the noise injected it. In a graph without injected edges, it is misleading if its ends have
    different classes, and edges with an unknown class are not considered.

    Args:
        layer: Record of the layer.
        injected: Mask of the injected edges in ``layer.pairs``, bool, :math:`(|\\mathcal{E}|,)`.
        y: Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`.

    Example:
        >>> from torque_core import RewireSpec, add_noise, load, Noise, rewire
        >>> noisy = add_noise(load("karate").data, Noise("insert", 0.5))
        >>> layer = rewire(noisy.data, RewireSpec(layers=1)).layers[0]
        >>> edges = telling_edges(layer, noisy.is_injected(layer.pairs), noisy.data.y)
        >>> layer.pairs[:, edges.caught].tolist(), layer.pairs[:, edges.mistaken].tolist()
        ([16, 31], [0, 31])
    """
    if bool(injected.any()):
        misleading, helpful = injected, ~injected
    else:
        source, target = y[layer.pairs]
        known = (source >= 0) & (target >= 0)
        misleading, helpful = known & (source != target), known & (source == target)
    pruned, torque = layer.pruned_mask, layer.torque.value
    mistaken = _first(torque, pruned & helpful)
    if mistaken is None:
        mistaken = _first(-torque, ~pruned & misleading)
    return TellingEdges(_first(torque, pruned & misleading), mistaken)


def factor_ranks(layer: LayerRewiring, column: int) -> dict[str, float]:
    """Return the mid-rank of an edge by each factor of its torque, as a fraction in [0, 1].

    It is the fraction of the layer's scored edges that have a smaller value; equal values count one half.

    Args:
        layer: Record of the layer.
        column: Column of an edge in ``layer.pairs``.

    Example:
        >>> from torque_core import RewireSpec, load, rewire
        >>> layer = rewire(load("karate").data, RewireSpec(layers=1)).layers[0]
        >>> ranks = factor_ranks(layer, int(layer.torque.lever.argmax()))
        >>> round(ranks["lever arm"], 2)
        0.99
    """

    def rank(values: Tensor) -> float:
        return float(((values < values[column]).double() + (values <= values[column]).double()).mean()) / 2

    return {name: rank(values) for name, values in layer.torque.factors.items()}


def _first(score: Tensor, mask: Tensor) -> int | None:
    """Column of the highest score within a mask; ties break by column."""
    return int(score.where(mask, -torch.inf).argmax()) if bool(mask.any()) else None
