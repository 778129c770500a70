"""The torque gap: the torque above which most edges of a graph resemble null-model pairs, if there is one."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from torque_core.graph.pairs import ascending
from torque_core.rewiring.edge_confidence import EdgeConfidence, estimate_edge_confidence
from torque_core.utils.display import ShortRepr

__all__ = ["GapCurve", "TorqueGap", "distinct", "gap_curve", "torque_gap"]

_MAX_FRACTION = 0.75  # of edges that resemble null-model pairs, and of edges to prune
_SIGNIFICANCE = 0.05
_MOST_POINTS = 1 << 20  # of a curve; a million is a fine curve for any number of edges, and takes little memory


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
        reliability: Part in [0, 1] of the edges above the gap that is pruned, see
            :func:`~torque_core.rewiring.bounded_gap.bounded_gap`.
    """

    threshold: float
    null_fraction: float
    torques: Tensor
    heights: Tensor
    sampling_error: float
    reason: str
    edge_confidence: EdgeConfidence | None = None
    null_model: str = ""
    reliability: float = 1.0

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
    return cut_at_gap(gap_curve(torque, null_torque, null_weight), has_null=len(null_torque) > 0)


def cut_at_gap(curve: "GapCurve", *, has_null: bool, null_model: str = "", most: float = _MAX_FRACTION) -> TorqueGap:
    """Cut at the maximum of a gap curve, unless it is not significant or would prune more than ``most``."""
    values, heights, fraction = curve.values, curve.heights, curve.null_fraction
    threshold, edge_confidence = math.inf, None
    like_random = f"{fraction:.0%} of the edges resemble random pairs" + (f" sampled {null_model}" * bool(null_model))
    best = int(heights.argmax()) if len(values) else 0
    pruned_fraction = float(curve.edges_above[best]) if len(values) and has_null else 0.0
    if not len(values):
        reason = "The graph has no edges."
    elif not has_null:
        reason = "All nodes with edges are adjacent to each other, so there are no null-model pairs."
    elif fraction > most:
        reason = f"{like_random}, which is too many, so none is pruned."
    elif (height := float(heights[best])) <= curve.sampling_error:
        reason = (
            f"The largest gap, {height:.3f}, is within the sampling error of {curve.sampling_error:.3f}, "
            "so no edge is pruned."
        )
    elif pruned_fraction > most:
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

    With more than 1,048,576 edges it is evaluated at as many evenly spaced ranks, and where it can be largest.

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
        return curve_of(torque, null_torque, null_weight, 0.0)
    edges_above, null_above = survivals(torque, null_torque, null_weight)
    last = len(null_above.values) - 1
    median = null_above.values[
        torch.searchsorted(null_above.weight.cumsum(0), null_above.weight.sum()[None] / 2).clamp(max=last)
    ]
    fraction = min(1.0, float(edges_above(median) / null_above(median)))
    return curve_of(torque, null_torque, null_weight, fraction)


def curve_of(torque: Tensor, null_torque: Tensor, null_weight: Tensor, null_fraction: float) -> GapCurve:
    """The gap statistic for a given fraction of random edges, whatever its estimate."""
    ranked = ascending(torque.detach().cpu())
    values = _points(ranked, null_torque)
    error = math.sqrt(math.log(2 / _SIGNIFICANCE) / (2 * len(torque))) if len(torque) else math.inf
    if not len(values) or not len(null_torque):
        return GapCurve(values, torch.zeros_like(values), torch.zeros_like(values), 0.0, error)
    edges_above, null_above = survivals(ranked, null_torque, null_weight)
    above = edges_above(values)
    return GapCurve(values, 2 * null_fraction * null_above(values) - above, above, null_fraction, error)


def _points(ranked: Tensor, null_torque: Tensor) -> Tensor:
    """Torques at which the gap is evaluated, in ascending order, float64, (K,).

    Between two torques of null-model pairs the gap rises with each edge, so that its maximum is at the highest torque
    of an edge below one of them, or at the highest of all.
    """
    if len(ranked) > _MOST_POINTS:
        below = torch.searchsorted(ranked, null_torque.sort().values.to(ranked), right=True) - 1
        evenly = torch.linspace(0, len(ranked) - 1, _MOST_POINTS, dtype=torch.float64).long()
        ranked = ranked[torch.cat([below.clamp(min=0), evenly]).unique()]
    return ranked.unique_consecutive().double()


def distinct(torque: Tensor) -> tuple[Tensor, Tensor]:
    """Distinct torques in ascending order and the number of edges of each, float64 on the CPU, each :math:`(K,)`."""
    values, counts = ascending(torque.detach().cpu()).unique_consecutive(return_counts=True)
    return values.double(), counts.double()


def survivals(torque: Tensor, null_torque: Tensor, null_weight: Tensor) -> "tuple[_Fraction, _Survival]":
    """Fractions of edges and of null-model pairs with at least a given torque."""
    order = null_torque.argsort()
    ranked = ascending(torque.detach().cpu())
    return _Fraction(ranked), _Survival(null_torque[order].double(), null_weight[order].double())


class _Fraction:
    """Fraction of an unweighted sorted sample that is at least as large as given values."""

    def __init__(self, ranked: Tensor) -> None:
        self.ranked = ranked

    def __call__(self, at: Tensor) -> Tensor:
        position = torch.searchsorted(self.ranked, at.to(self.ranked).contiguous())
        return (len(self.ranked) - position).double() / len(self.ranked)


class _Survival:
    """Weighted fraction of a sorted sample that is at least as large as given values."""

    def __init__(self, values: Tensor, weight: Tensor) -> None:
        self.values = values.contiguous()
        self.weight = weight
        total = weight.flip(0).cumsum(0).flip(0)
        self.tail = torch.cat([total, total.new_zeros(1)]) / weight.sum()

    def __call__(self, at: Tensor) -> Tensor:
        return self.tail[torch.searchsorted(self.values, at.contiguous())]
