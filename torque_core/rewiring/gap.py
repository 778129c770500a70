"""The torque gap: the torque above which most edges of a graph resemble null-model pairs, if there is one."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from torque_core.graph.pairs import ascending
from torque_core.rewiring.edge_confidence import EdgeConfidence, estimate_edge_confidence
from torque_core.rewiring.separation import separation
from torque_core.utils.display import ShortRepr

__all__ = ["GapCurve", "TorqueGap", "bounded_gap", "distinct", "gap_curve", "torque_gap"]

_MAX_FRACTION = 0.75  # of edges that resemble null-model pairs, and of edges to prune
_SIGNIFICANCE = 0.05
_QUANTILES = [quantile / 100 for quantile in range(25, 100, 5)]  # of the null-model pairs, in bounded_gap
_SEPARATION = (0.75, 0.85)  # of the other edges from null-model pairs: no fraction is believed below, all of it above


@dataclass(frozen=True, repr=False)
class TorqueGap(ShortRepr):
    """The torque gap of a graph, and the threshold that follows from it.

    Attributes:
        threshold: Edges of at least this torque are pruned; infinity to prune none.
        null_fraction: Estimated fraction of random edges, :math:`\\hat\\pi` in [0, 1].
        torques: Distinct torques in ascending order, :math:`(K,)`.
        heights: The gap statistic at each of them, :math:`(K,)`.
        sampling_error: Largest gap that sampling error alone explains in a graph of this size.
        reason: The reason for the threshold, one sentence.
        edge_confidence: Confidence of the kept edges as a function of their torque; None if no edge is pruned.
        null_model: Name of the null model; empty if there is only one.
    """

    threshold: float
    null_fraction: float
    torques: Tensor
    heights: Tensor
    sampling_error: float
    reason: str
    edge_confidence: EdgeConfidence | None = None
    null_model: str = ""

    @property
    def separates(self) -> bool:
        """False if there is a significant gap but nothing is pruned, since most edges resemble null-model pairs."""
        significant = bool((self.heights > self.sampling_error).any())
        return math.isfinite(self.threshold) or not significant


def torque_gap(torque: Tensor, null_torque: Tensor, null_weight: Tensor) -> TorqueGap:
    """Compare the torques of a graph's edges with those of null-model pairs, and cut at the largest gap.

    With :math:`S(\\tau)` the fraction of edges and :math:`S_0(\\tau)` the fraction of null-model pairs whose torque
    is at least :math:`\\tau`, the estimated fraction of random edges is

    .. math::
        \\hat\\pi = \\min(1, S(m) / S_0(m)),

    where :math:`m` is the median torque of the null-model pairs, which hardly any other edge reaches (Storey's
    estimator, J. R. Stat. Soc. B 64, 2002). Pruning from :math:`\\tau` upwards removes :math:`\\hat\\pi S_0(\\tau)`
    random edges and :math:`S(\\tau) - \\hat\\pi S_0(\\tau)` others. Their difference

    .. math::
        g(\\tau) = 2 \\hat\\pi S_0(\\tau) - S(\\tau)

    is the gap statistic. It is largest where an edge is as likely to be random as not. Nothing is pruned if no gap
    exceeds :math:`\\sqrt{\\ln(2 / 0.05) / 2 |\\mathcal{E}|}` (the Dvoretzky-Kiefer-Wolfowitz bound, which sampling
    error alone reaches), or if :math:`\\hat\\pi` or the fraction to prune is above 0.75: then torque cannot separate
    the edges of this graph from null-model pairs.

    The paper states that a torque gap determines the number of edges to remove; this definition is this project's
    choice. Ratios of successive torques, as in torque clustering, prune 66 to 100 % of a graph's edges.

    Args:
        torque: Torques of the edges, :math:`(|\\mathcal{E}|,)`.
        null_torque: Torques of null-model pairs, :math:`(P,)`.
        null_weight: Weights of the null-model pairs, :math:`(P,)`.

    Example:
        80 edges of low torque, and 40 that resemble the null model:

        >>> torque = torch.cat([torch.linspace(0.0, 0.4, 80), torch.linspace(0.8, 1.2, 40)])
        >>> gap = torque_gap(torque, torch.linspace(0.8, 1.2, 1000), torch.ones(1000))
        >>> round(gap.null_fraction, 2), round(gap.threshold, 2)
        (0.33, 0.8)
    """
    return _cut_at_gap(gap_curve(torque, null_torque, null_weight), torque, has_null=len(null_torque) > 0)


def bounded_gap(torque: Tensor, null_torque: Tensor, null_weights: Mapping[str, Tensor]) -> TorqueGap:
    """The torque gap with an upper bound of the fraction of random edges, under several null models.

    Whatever the other edges are, a fraction :math:`\\pi` of random edges implies
    :math:`S(\\tau) \\ge \\pi S_0(\\tau)` at every torque. Hence the largest fraction that the edges allow is

    .. math::
        \\hat\\pi = \\min_\\tau S(\\tau) / S_0(\\tau)

    (mixture proportion, Blanchard et al., J. Mach. Learn. Res. 11, 2010), over the quantiles .25 to .95 of the
    null-model pairs. :func:`torque_gap` uses the median alone and presumes that no other edge reaches it, which
    overestimates the fraction on graphs whose edges join dissimilar nodes. Random edges may be inserted by degree or
    uniformly, so the null model with the largest :math:`\\hat\\pi` counts.

    The bound holds for any edges, but it is only tight if torque separates the others from null-model pairs. The
    probability that a null-model pair has a higher torque than one of the others does not depend on :math:`\\pi`,

    .. math::
        a = \\frac{A - \\hat\\pi / 2}{1 - \\hat\\pi},

    with :math:`A` that probability for all edges (:func:`~torque_core.rewiring.separation.separation`).
    :math:`\\hat\\pi` is multiplied by a factor that rises linearly from 0 at :math:`a = .75` to 1 at
    :math:`a = .85`. The gap and the threshold follow as in :func:`torque_gap`.

    Args:
        torque: Torques of the edges, :math:`(|\\mathcal{E}|,)`.
        null_torque: Torques of null-model pairs, :math:`(P,)`.
        null_weights: Weights of these pairs in each null model, by its name, :math:`(P,)`.

    Example:
        No edge is random, but a sixteenth of them reaches the median torque of the null-model pairs:

        >>> torque, null_torque = 1 - torch.linspace(0.0, 1.0, 10_000).sqrt(), torch.linspace(0.5, 1.0, 10_000)
        >>> round(torque_gap(torque, null_torque, torch.ones(10_000)).null_fraction, 3)
        0.125
        >>> gap = bounded_gap(torque, null_torque, {"by degree": torch.ones(10_000)})
        >>> round(gap.null_fraction, 3), gap.null_model
        (0.014, 'by degree')
    """
    torque, null_torque = torque.cpu(), null_torque.cpu()
    estimates = []
    for name, weight in null_weights.items():
        sampled = weight.cpu() > 0
        null, weight = null_torque[sampled], weight.cpu()[sampled]
        estimates.append((_bounded_fraction(torque, null, weight), name, null, weight))
    fraction, name, null, weight = max(estimates, key=lambda estimate: estimate[0])
    others = (separation(torque, null, weight) - fraction / 2) / max(1 - fraction, 1e-9)
    low, high = _SEPARATION
    fraction *= min(1.0, max(0.0, (others - low) / (high - low)))
    if others < low and len(null) and len(torque):
        reason = "Torque hardly separates the edges of this graph from random pairs, so none is pruned."
        curve = _curve(torque, null, weight, 0.0)
        return TorqueGap(math.inf, 0.0, curve.values, curve.heights, curve.sampling_error, reason, null_model=name)
    return _cut_at_gap(_curve(torque, null, weight, fraction), torque, has_null=len(null) > 0, null_model=name)


def _bounded_fraction(torque: Tensor, null_torque: Tensor, null_weight: Tensor) -> float:
    """Smallest ratio of edges to null-model pairs above the quantiles of the null-model pairs, at most 1."""
    if not len(torque) or not len(null_torque):
        return 0.0
    edges_above, null_above = _survivals(torque, null_torque, null_weight)
    rank = null_above.values.new_tensor(_QUANTILES).double() * float(null_above.weight.sum())
    at = null_above.values[torch.searchsorted(null_above.weight.cumsum(0), rank).clamp(max=len(null_torque) - 1)]
    return min(1.0, float((edges_above(at) / null_above(at)).min()))


def _cut_at_gap(curve: "GapCurve", torque: Tensor, *, has_null: bool, null_model: str = "") -> TorqueGap:
    """Cut at the maximum of the gap, unless it is not significant or would prune too much."""
    values, heights, fraction = curve.values, curve.heights, curve.null_fraction
    threshold, edge_confidence = math.inf, None
    like_random = f"{fraction:.0%} of the edges resemble random pairs" + (f" sampled {null_model}" * bool(null_model))
    best = int(heights.argmax()) if len(values) else 0
    pruned_fraction = float((torque >= values[best]).double().mean()) if len(values) else 0.0
    if not len(values):
        reason = "The graph has no edges."
    elif not has_null:
        reason = "All nodes with edges are adjacent to each other, so there are no null-model pairs."
    elif fraction > _MAX_FRACTION:
        reason = f"{like_random}, which is too many, so none is pruned."
    elif (height := float(heights[best])) <= curve.sampling_error:
        reason = (
            f"The largest gap, {height:.3f}, is within the sampling error of {curve.sampling_error:.3f}, "
            "so no edge is pruned."
        )
    elif pruned_fraction > _MAX_FRACTION:
        reason = f"The gap would prune {pruned_fraction:.0%} of the edges, which is too many, so none is pruned."
    else:
        reason = f"About {like_random}; above the threshold they are the majority."
        threshold = float(values[best])
        edge_confidence = estimate_edge_confidence(values, curve.edges_above, (heights + curve.edges_above) / 2)
    return TorqueGap(
        threshold, fraction, values, heights, curve.sampling_error, reason, edge_confidence, null_model=null_model
    )


@dataclass(frozen=True)
class GapCurve:
    """The gap statistic evaluated at every distinct torque value.

    Attributes:
        values: Distinct torques in ascending order, :math:`(K,)`.
        heights: The gap statistic at each of them, :math:`(K,)`.
        edges_above: :math:`S` at each of them, :math:`(K,)`.
        null_fraction: :math:`\\hat\\pi`.
        sampling_error: Largest gap that sampling error alone explains with this number of torques.
    """

    values: Tensor
    heights: Tensor
    edges_above: Tensor
    null_fraction: float
    sampling_error: float


def gap_curve(torque: Tensor, null_torque: Tensor, null_weight: Tensor) -> GapCurve:
    """The gap statistic :math:`g(\\tau) = 2 \\hat\\pi S_0(\\tau) - S(\\tau)` at every torque; see :func:`torque_gap`.

    Example:
        >>> curve = gap_curve(torch.tensor([0.1, 0.2, 0.9, 1.0]), torch.tensor([0.9, 1.0]), torch.ones(2))
        >>> curve.null_fraction, curve.heights
        (0.5, tensor([0.0000, 0.2500, 0.5000, 0.2500], dtype=torch.float64))
    """
    # one number per edge: cheap on the CPU, which always supports float64
    torque, null_torque, null_weight = torque.cpu(), null_torque.cpu(), null_weight.cpu()
    if not len(torque) or not len(null_torque):
        return _curve(torque, null_torque, null_weight, 0.0)
    edges_above, null_above = _survivals(torque, null_torque, null_weight)
    last = len(null_above.values) - 1
    median = null_above.values[
        torch.searchsorted(null_above.weight.cumsum(0), null_above.weight.sum()[None] / 2).clamp(max=last)
    ]
    fraction = min(1.0, float(edges_above(median) / null_above(median)))
    return _curve(torque, null_torque, null_weight, fraction)


def _curve(torque: Tensor, null_torque: Tensor, null_weight: Tensor, null_fraction: float) -> GapCurve:
    """The gap statistic for a given fraction of random edges."""
    values, _ = distinct(torque)
    error = math.sqrt(math.log(2 / _SIGNIFICANCE) / (2 * len(torque))) if len(torque) else math.inf
    if not len(values) or not len(null_torque):
        return GapCurve(values, torch.zeros_like(values), torch.zeros_like(values), 0.0, error)
    edges_above, null_above = _survivals(torque, null_torque, null_weight)
    above = edges_above(values)
    return GapCurve(values, 2 * null_fraction * null_above(values) - above, above, null_fraction, error)


def distinct(torque: Tensor) -> tuple[Tensor, Tensor]:
    """Distinct torques in ascending order and the number of edges of each, float64 on the CPU, each :math:`(K,)`."""
    values, counts = ascending(torque.detach().cpu()).unique_consecutive(return_counts=True)
    return values.double(), counts.double()


def _survivals(torque: Tensor, null_torque: Tensor, null_weight: Tensor) -> "tuple[_Survival, _Survival]":
    """Fractions of edges and of null-model pairs with at least a given torque."""
    order = null_torque.argsort()
    return _Survival(*distinct(torque)), _Survival(null_torque[order].double(), null_weight[order].double())


class _Survival:
    """Weighted fraction of a sorted sample that is at least as large as given values."""

    def __init__(self, values: Tensor, weight: Tensor) -> None:
        self.values = values.contiguous()
        self.weight = weight
        total = weight.flip(0).cumsum(0).flip(0)
        self.tail = torch.cat([total, total.new_zeros(1)]) / weight.sum()

    def __call__(self, at: Tensor) -> Tensor:
        return self.tail[torch.searchsorted(self.values, at.contiguous())]
