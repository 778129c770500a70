"""The bounded torque gap: a fraction of random edges that the torques allow, and less pruning where it is uncertain."""

import math
from collections.abc import Mapping
from dataclasses import replace

import torch
from torch import Tensor

from torque_core.graph.pairs import ascending
from torque_core.rewiring.class_agreement import class_agreement
from torque_core.rewiring.edge_confidence import estimate_edge_confidence
from torque_core.rewiring.gap import GapCurve, TorqueGap, curve_of, cut_at_gap, survivals
from torque_core.rewiring.separation import separation

__all__ = ["bounded_gap"]

_QUANTILES = [quantile / 100 for quantile in range(25, 80, 5)]  # of the null-model pairs
_SEPARATION = (0.7, 0.75)  # an estimate is unreliable below, fully reliable above
_FRACTIONS = (0.65, 0.8)  # of random edges: less is pruned above the first, nothing above the second


def bounded_gap(
    torque: Tensor,
    null_torque: Tensor,
    null_weights: Mapping[str, Tensor],
    *,
    reliability: float = 1.0,
    classes: Tensor | None = None,
) -> TorqueGap:
    """The torque gap with a fraction of random edges that the torques allow, under several null models.

    Whatever the other edges are, a fraction :math:`\\pi` of random edges implies
    :math:`S(\\tau) \\ge \\pi S_0(\\tau)` at every torque. Hence the largest fraction that the edges allow is

    .. math::
        \\hat\\pi = \\min_\\tau \\frac{S(\\tau) + \\sqrt{S(\\tau) (1 - S(\\tau)) / |\\mathcal{E}|}}{S_0(\\tau)}

    (mixture proportion, Blanchard et al., J. Mach. Learn. Res. 11, 2010), over the quantiles .25 to .75 of the
    null-model pairs. The standard error of :math:`S` keeps the minimum from being too low on small graphs.
    :func:`~torque_core.rewiring.gap.torque_gap` uses the median alone and presumes that no other edge reaches it, which
    overestimates the fraction on graphs whose edges join dissimilar nodes. Random edges may be inserted by degree or
    uniformly, so the null model with the largest :math:`\\hat\\pi` counts.

    The estimate is only reliable if torque separates the other edges from null-model pairs. The probability that a
    null-model pair has a higher torque than one of the others does not depend on :math:`\\pi`,

    .. math::
        a = \\frac{A - \\hat\\pi / 2}{1 - \\hat\\pi},

    with :math:`A` that probability for all edges (:func:`~torque_core.rewiring.separation.separation`). The reliability
    is the smallest of four numbers: one that rises from 0 at :math:`a = .70` to 1 at :math:`a = .75`; one that
    falls from 1 to 0 while .65 to .80 of the edges are random or above the gap; the agreement of training labels along
    the edges below the gap (:func:`~torque_core.rewiring.class_agreement.class_agreement`); and the reliability of the
    previous layer. The gap follows as in :func:`~torque_core.rewiring.gap.torque_gap`, but of the edges above it only
    this part is pruned, those of highest torque. So there is no amount of noise at which a little more changes the
    pruning much.

    Args:
        torque: Torques of the edges, :math:`(|\\mathcal{E}|,)`.
        null_torque: Torques of null-model pairs, :math:`(P,)`.
        null_weights: Weights of these pairs in each null model, by its name, :math:`(P,)`.
        reliability: Largest reliability, in [0, 1]. In a rewiring it is that of the previous layer: the features of a
            later layer are propagated over the edges themselves, which separates any edges from random pairs.
        classes: Classes of both ends of each edge, -1 where unknown, :math:`(2, |\\mathcal{E}|)`; None without labels.

    Example:
        No edge is random, but a sixteenth of them reaches the median torque of the null-model pairs:

        >>> from torque_core.rewiring.gap import torque_gap
        >>> torque, null_torque = 1 - torch.linspace(0.0, 1.0, 10_000).sqrt(), torch.linspace(0.5, 1.0, 10_000)
        >>> round(torque_gap(torque, null_torque, torch.ones(10_000)).null_fraction, 3)
        0.125
        >>> gap = bounded_gap(torque, null_torque, {"by degree": torch.ones(10_000)})
        >>> round(gap.null_fraction, 3), gap.null_model, gap.reliability
        (0.068, 'by degree', 1.0)
    """
    of_edges = torque.detach().cpu()
    torque, null_torque = ascending(of_edges), null_torque.cpu()  # sorted once, as it is quick then
    estimates = []
    for name, weight in null_weights.items():
        sampled = weight.cpu() > 0
        null, weight = null_torque[sampled], weight.cpu()[sampled]
        estimates.append((_largest_fraction(torque, null, weight), name, null, weight))
    fraction, name, null, weight = max(estimates, key=lambda estimate: estimate[0])
    others = (separation(torque, null, weight) - fraction / 2) / max(1 - fraction, 1e-9)
    curve = curve_of(torque, null, weight, fraction)
    gap = cut_at_gap(curve, has_null=len(null) > 0, null_model=name, most=1.0)
    above = 0.0 if math.isinf(gap.threshold) else int((torque >= gap.threshold).sum()) / len(torque)
    seemingly_random, (few, many) = max(fraction, above), _FRACTIONS
    causes = {
        "The estimate of an earlier layer, or of the features alone, is not reliable": reliability,
        "Torque hardly separates the edges of this graph from random pairs": _ramp(others, *_SEPARATION),
        f"{seemingly_random:.0%} of the edges resemble random pairs, which is too many": _ramp(
            -seemingly_random, -many, -few
        ),
    }
    if classes is not None and above:
        unrelated = "Edges say little about whether training nodes have the same class"
        causes[unrelated] = class_agreement(classes.cpu(), of_edges < gap.threshold)
    cause = min(causes, key=causes.__getitem__)
    gap = replace(gap, reliability=causes[cause])
    return gap if math.isinf(gap.threshold) or gap.reliability == 1 else _reduced(gap, curve, above, cause)


def _reduced(gap: TorqueGap, curve: GapCurve, above: float, cause: str) -> TorqueGap:
    """Prune only the reliable part of the edges above the gap, those of highest torque.

    Args:
        gap: The gap, with the edges above it pruned.
        curve: Its curve.
        above: Fraction of the edges above the gap.
        cause: The reason for the reliability, the beginning of a sentence.
    """
    allowed = curve.edges_above <= gap.reliability * above
    if not bool(allowed.any()):
        return replace(gap, threshold=math.inf, edge_confidence=None, reason=f"{cause}, so none is pruned.")
    null_above = gap.reliability * (curve.heights + curve.edges_above) / 2
    return replace(
        gap,
        threshold=float(curve.values[int(allowed.int().argmax())]),
        edge_confidence=estimate_edge_confidence(curve.values, curve.edges_above, null_above),
        reason=f"{gap.reason.removesuffix('.')}. {cause}, so only {gap.reliability:.0%} of them are pruned.",
    )


def _largest_fraction(torque: Tensor, null_torque: Tensor, null_weight: Tensor) -> float:
    """Largest fraction of random edges that the torques allow, at most 1."""
    if not len(torque) or not len(null_torque):
        return 0.0
    edges_above, null_above = survivals(torque, null_torque, null_weight)
    rank = null_above.values.new_tensor(_QUANTILES) * float(null_above.weight.sum())
    at = null_above.values[
        torch.searchsorted(null_above.weight.cumsum(0).double(), rank).clamp(max=len(null_torque) - 1)
    ]
    above = edges_above(at)
    error = (above * (1 - above) / len(torque)).sqrt()
    return min(1.0, float(((above + error) / null_above(at)).min()))


def _ramp(value: float, low: float, high: float) -> float:
    """0 up to ``low``, 1 from ``high``, and linear between."""
    return min(1.0, max(0.0, (value - low) / (high - low)))
