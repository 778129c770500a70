"""The torque gap: where a graph's edges stop looking like chance, and whether they do at all."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from torque_core.graph.pairs import ascending
from torque_core.rewiring.edge_confidence import EdgeConfidence, estimate_edge_confidence

__all__ = ["GapCurve", "TorqueGap", "distinct", "gap_curve", "torque_gap"]

_MOST = 0.75  # of the edges, to stand by chance or to be cut
_SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class TorqueGap:
    """What the torque gap found in the sorted torques.

    Attributes:
        threshold: Edges with at least this torque are to be pruned; infinity if none.
        null_fraction: Estimated share of the edges that stand there by chance, :math:`\\hat\\pi` in [0, 1].
        torques: The distinct torques in ascending order, :math:`(K,)`.
        heights: The gap at each of them, :math:`(K,)`.
        sampling_error: The height that chance alone reaches in a graph of this size.
        reason: Why the threshold is where it is, one sentence.
        trust: How likely an edge that stays is more than chance, by its torque; None if none is to be pruned.
    """

    threshold: float
    null_fraction: float
    torques: Tensor
    heights: Tensor
    sampling_error: float
    reason: str
    edge_confidence: EdgeConfidence | None = None

    @property
    def tells(self) -> bool:
        """Whether torque tells this graph's edges from chance; else the gap stands out, and yet nothing is cut."""
        stands_out = bool((self.heights > self.sampling_error).any())
        return math.isfinite(self.threshold) or not stands_out


def torque_gap(torque: Tensor, null_torque: Tensor, null_weight: Tensor) -> TorqueGap:
    """Compare the torques of a graph's edges with those of chance pairs, and cut where the gap is largest.

    With :math:`S(\\tau)` the share of edges that have at least torque :math:`\\tau`, and :math:`S_0(\\tau)` the
    same of chance pairs, edges that mean nothing make up

    .. math::
        \\hat\\pi = \\min(1, S(m) / S_0(m))

    of all, :math:`m` the median of the chance torques: hardly any other edge reaches that far up (Storey's
    estimator, J. R. Stat. Soc. B 64, 2002). Pruning from :math:`\\tau` upwards then removes
    :math:`\\hat\\pi S_0(\\tau)` chance edges and :math:`S(\\tau) - \\hat\\pi S_0(\\tau)` others; their difference

    .. math::
        g(\\tau) = 2 \\hat\\pi S_0(\\tau) - S(\\tau)

    is the gap, largest where an edge is as likely to be a chance one as not. The cut is empty if no gap exceeds
    :math:`\\sqrt{\\ln(2 / 0.05) / 2 |\\mathcal{E}|}` (the Dvoretzky-Kiefer-Wolfowitz bound: sampling alone reaches
    that), or if :math:`\\hat\\pi` or the share to be cut is above 0.75: then torque cannot tell this graph's edges from
    chance, and has no say.

    "A torque gap tells how many edges to remove" is the paper's; this definition is this project's. Ratios of
    successive torques, as in torque clustering, cut 66 to 100 % of a graph's edges, for lack of a scale.

    Args:
        torque: Torques of the edges, :math:`(|\\mathcal{E}|,)`.
        null_torque: Torques of chance pairs, :math:`(P,)`.
        null_weight: Their weights, :math:`(P,)`.

    Example:
        80 edges of low torque, 40 that look like chance:

        >>> torque = torch.cat([torch.linspace(0.0, 0.4, 80), torch.linspace(0.8, 1.2, 40)])
        >>> gap = torque_gap(torque, torch.linspace(0.8, 1.2, 1000), torch.ones(1000))
        >>> round(gap.null_fraction, 2), round(gap.threshold, 2)
        (0.33, 0.8)
    """
    curve = gap_curve(torque, null_torque, null_weight)
    values, heights, share, error = curve.values, curve.heights, curve.null_fraction, curve.sampling_error
    if not len(values):
        return TorqueGap(math.inf, 0.0, values, heights, error, "The graph has no edges.")
    if not len(null_torque):
        reason = "Every two nodes with edges are adjacent: no chance pair."
        return TorqueGap(math.inf, share, values, heights, error, reason)
    best = int(heights.argmax())
    height, cut_share = float(heights[best]), float((torque >= values[best]).double().mean())
    if share > _MOST:
        reason = f"{share:.0%} of the edges look like chance: torque cannot tell the others from them, so none is cut."
    elif height <= error:
        reason = f"The largest gap, {height:.3f}, is within the sampling error of {error:.3f}: no cut."
    elif cut_share > _MOST:
        reason = f"The cut would take {cut_share:.0%} of the edges: too many to be told apart."
    else:
        reason = f"About {share:.0%} of the edges look like chance; from here up they are the majority."
        edge_confidence = estimate_edge_confidence(values, curve.edges_above, (heights + curve.edges_above) / 2)
        return TorqueGap(float(values[best]), share, values, heights, error, reason, edge_confidence)
    return TorqueGap(math.inf, share, values, heights, error, reason)


@dataclass(frozen=True)
class GapCurve:
    """The gap at every torque, before anybody decides.

    Attributes:
        values: The distinct torques in ascending order, :math:`(K,)`.
        heights: The gap at each of them, :math:`(K,)`.
        edges_above: :math:`S` at each of them, :math:`(K,)`.
        null_fraction: :math:`\\hat\\pi`.
        sampling_error: The height that chance alone reaches with so many torques.
    """

    values: Tensor
    heights: Tensor
    edges_above: Tensor
    null_fraction: float
    sampling_error: float


def gap_curve(torque: Tensor, null_torque: Tensor, null_weight: Tensor) -> GapCurve:
    """The gap :math:`g(\\tau) = 2 \\hat\\pi S_0(\\tau) - S(\\tau)` at every torque; see :func:`torque_gap`.

    Example:
        >>> curve = gap_curve(torch.tensor([0.1, 0.2, 0.9, 1.0]), torch.tensor([0.9, 1.0]), torch.ones(2))
        >>> curve.null_fraction, curve.heights
        (0.5, tensor([0.0000, 0.2500, 0.5000, 0.2500], dtype=torch.float64))
    """
    # one number per edge: cheap on the CPU, where float64 is always to be had
    torque, null_torque, null_weight = torque.cpu(), null_torque.cpu(), null_weight.cpu()
    values, counts = distinct(torque)
    error = math.sqrt(math.log(2 / _SIGNIFICANCE) / (2 * len(torque))) if len(torque) else math.inf
    if not len(values) or not len(null_torque):
        return GapCurve(values, torch.zeros_like(values), torch.zeros_like(values), 0.0, error)
    order = null_torque.argsort()
    chance, weight = null_torque[order].double(), null_weight[order].double()
    chance_above = _Survival(chance, weight)
    edges_above = _Survival(values, counts)
    median = chance[torch.searchsorted(weight.cumsum(0), weight.sum()[None] / 2).clamp(max=len(chance) - 1)]
    share = min(1.0, float(edges_above(median) / chance_above(median)))
    above = edges_above(values)
    return GapCurve(values, 2 * share * chance_above(values) - above, above, share, error)


def distinct(torque: Tensor) -> tuple[Tensor, Tensor]:
    """Distinct torques in ascending order and how many edges have each, float64 on the CPU, each :math:`(K,)`."""
    values, counts = ascending(torque.detach().cpu()).unique_consecutive(return_counts=True)
    return values.double(), counts.double()


class _Survival:
    """Weighted share of a sorted sample that is at least as large as given values."""

    def __init__(self, values: Tensor, weight: Tensor) -> None:
        self.values = values.contiguous()
        total = weight.flip(0).cumsum(0).flip(0)
        self.tail = torch.cat([total, total.new_zeros(1)]) / weight.sum()

    def __call__(self, at: Tensor) -> Tensor:
        return self.tail[torch.searchsorted(self.values, at.contiguous())]
