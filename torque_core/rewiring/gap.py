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
    """

    threshold: float
    null_fraction: float
    torques: Tensor
    heights: Tensor
    sampling_error: float
    reason: str
    edge_confidence: EdgeConfidence | None = None

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
    curve = gap_curve(torque, null_torque, null_weight)
    values, heights, null_fraction, error = curve.values, curve.heights, curve.null_fraction, curve.sampling_error
    if not len(values):
        return TorqueGap(math.inf, 0.0, values, heights, error, "The graph has no edges.")
    if not len(null_torque):
        reason = "All nodes with edges are adjacent to each other, so there are no null-model pairs."
        return TorqueGap(math.inf, null_fraction, values, heights, error, reason)
    best = int(heights.argmax())
    height, pruned_fraction = float(heights[best]), float((torque >= values[best]).double().mean())
    if null_fraction > _MAX_FRACTION:
        reason = f"{null_fraction:.0%} of the edges resemble random pairs, which is too many, so none is pruned."
    elif height <= error:
        reason = f"The largest gap, {height:.3f}, is within the sampling error of {error:.3f}, so no edge is pruned."
    elif pruned_fraction > _MAX_FRACTION:
        reason = f"The gap would prune {pruned_fraction:.0%} of the edges, which is too many, so none is pruned."
    else:
        reason = (
            f"About {null_fraction:.0%} of the edges resemble random pairs; above the threshold they are the majority."
        )
        edge_confidence = estimate_edge_confidence(values, curve.edges_above, (heights + curve.edges_above) / 2)
        return TorqueGap(float(values[best]), null_fraction, values, heights, error, reason, edge_confidence)
    return TorqueGap(math.inf, null_fraction, values, heights, error, reason)


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
    values, counts = distinct(torque)
    error = math.sqrt(math.log(2 / _SIGNIFICANCE) / (2 * len(torque))) if len(torque) else math.inf
    if not len(values) or not len(null_torque):
        return GapCurve(values, torch.zeros_like(values), torch.zeros_like(values), 0.0, error)
    order = null_torque.argsort()
    null, weight = null_torque[order].double(), null_weight[order].double()
    null_above = _Survival(null, weight)
    edges_above = _Survival(values, counts)
    median = null[torch.searchsorted(weight.cumsum(0), weight.sum()[None] / 2).clamp(max=len(null) - 1)]
    null_fraction = min(1.0, float(edges_above(median) / null_above(median)))
    above = edges_above(values)
    return GapCurve(values, 2 * null_fraction * null_above(values) - above, above, null_fraction, error)


def distinct(torque: Tensor) -> tuple[Tensor, Tensor]:
    """Distinct torques in ascending order and the number of edges of each, float64 on the CPU, each :math:`(K,)`."""
    values, counts = ascending(torque.detach().cpu()).unique_consecutive(return_counts=True)
    return values.double(), counts.double()


class _Survival:
    """Weighted fraction of a sorted sample that is at least as large as given values."""

    def __init__(self, values: Tensor, weight: Tensor) -> None:
        self.values = values.contiguous()
        total = weight.flip(0).cumsum(0).flip(0)
        self.tail = torch.cat([total, total.new_zeros(1)]) / weight.sum()

    def __call__(self, at: Tensor) -> Tensor:
        return self.tail[torch.searchsorted(self.values, at.contiguous())]
