"""The torque gap: where a graph's edges stop looking like chance, and whether they do at all."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["TorqueGap", "torque_gap"]

_MOST = 0.75  # of the edges, to stand by chance or to be cut
_SIGNIFICANCE = 0.05


@dataclass(frozen=True)
class TorqueGap:
    """What the torque gap found in the sorted torques.

    Attributes:
        threshold: Edges with at least this torque are to be pruned; infinity if none.
        chance_share: Estimated share of the edges that stand there by chance, :math:`\\hat\\pi` in [0, 1].
        torques: The distinct torques in ascending order, :math:`(K,)`.
        heights: The gap at each of them, :math:`(K,)`.
        sampling_error: The height that chance alone reaches in a graph of this size.
        reason: Why the threshold is where it is, one sentence.
    """

    threshold: float
    chance_share: float
    torques: Tensor
    heights: Tensor
    sampling_error: float
    reason: str


def torque_gap(torque: Tensor, chance_torque: Tensor, chance_weight: Tensor) -> TorqueGap:
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
        chance_torque: Torques of chance pairs, :math:`(P,)`.
        chance_weight: Their weights, :math:`(P,)`.

    Example:
        80 edges of low torque, 40 that look like chance:

        >>> torque = torch.cat([torch.linspace(0.0, 0.4, 80), torch.linspace(0.8, 1.2, 40)])
        >>> gap = torque_gap(torque, torch.linspace(0.8, 1.2, 1000), torch.ones(1000))
        >>> round(gap.chance_share, 2), round(gap.threshold, 2)
        (0.33, 0.8)
    """
    # one number per edge: cheap on the CPU, where float64 is always to be had
    torque, chance_torque, chance_weight = torque.cpu(), chance_torque.cpu(), chance_weight.cpu()
    values, counts = torch.unique(torque, return_counts=True)  # ascending; ties are cut or kept together
    empty = torque.new_empty(0)
    if not len(values):
        return TorqueGap(math.inf, 0.0, empty, empty, math.inf, "The graph has no edges.")
    error = math.sqrt(math.log(2 / _SIGNIFICANCE) / (2 * len(torque)))
    if not len(chance_torque):
        flat = torch.zeros_like(values)
        return TorqueGap(math.inf, 0.0, values, flat, error, "Every two nodes with edges are adjacent: no chance pair.")
    order = chance_torque.argsort()
    chance, weight = chance_torque[order], chance_weight[order].double()
    chance_above = _Survival(chance, weight)
    edges_above = _Survival(values, counts.double())

    median = chance[torch.searchsorted(weight.cumsum(0), weight.sum()[None] / 2).clamp(max=len(chance) - 1)]
    share = min(1.0, float(edges_above(median) / chance_above(median)))

    heights = 2 * share * chance_above(values) - edges_above(values)
    best = int(heights.argmax())
    if share > _MOST:
        reason = f"{share:.0%} of the edges look like chance: torque cannot tell the others from them, so none is cut."
    elif float(heights[best]) <= error:
        reason = f"The largest gap, {float(heights[best]):.3f}, is within the sampling error of {error:.3f}: no cut."
    elif float(edges_above(values[best])) > _MOST:
        reason = f"The cut would take {float(edges_above(values[best])):.0%} of the edges: too many to be told apart."
    else:
        reason = f"About {share:.0%} of the edges look like chance; from here up they are the majority."
        return TorqueGap(float(values[best]), share, values, heights.to(torque.dtype), error, reason)
    return TorqueGap(math.inf, share, values, heights.to(torque.dtype), error, reason)


class _Survival:
    """Weighted share of a sorted sample that is at least as large as given values."""

    def __init__(self, values: Tensor, weight: Tensor) -> None:
        self.values = values.contiguous()
        total = weight.flip(0).cumsum(0).flip(0)
        self.tail = torch.cat([total, total.new_zeros(1)]) / weight.sum()

    def __call__(self, at: Tensor) -> Tensor:
        return self.tail[torch.searchsorted(self.values, at.contiguous())]
