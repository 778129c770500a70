"""Cuts: which torque is too much."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from torque_core.gap import TorqueGap, torque_gap

__all__ = ["CUTS", "Cut", "CutRule", "fixed_cut", "gap_cut", "no_cut"]


@dataclass(frozen=True)
class Cut:
    """Where the torques were cut: edges with at least ``threshold`` go. ``gap`` is there if the gap decided."""

    threshold: float
    reason: str
    gap: TorqueGap | None = None


CutRule = Callable[[Tensor, Tensor, Tensor, float], Cut]


def gap_cut(torque: Tensor, chance_torque: Tensor, chance_weight: Tensor, fraction: float) -> Cut:
    """Cut at the torque gap, see :func:`~torque_core.gap.torque_gap`; ``fraction`` has no say."""
    gap = torque_gap(torque, chance_torque, chance_weight)
    return Cut(gap.threshold, gap.reason, gap)


def fixed_cut(torque: Tensor, chance_torque: Tensor, chance_weight: Tensor, fraction: float) -> Cut:
    """Cut a fixed fraction of the edges, those of highest torque; the control for the torque gap.

    ``round(fraction * E)`` edges go; edges that tie with the last of them stay, so that the answer does not
    depend on the order in which edges are stored.

    Example:
        >>> import torch
        >>> fixed_cut(torch.tensor([0.1, 0.2, 0.3, 0.4]), torch.empty(0), torch.empty(0), 0.5).threshold
        0.30000001192092896
    """
    budget = round(fraction * len(torque))
    if budget == 0:
        return Cut(math.inf, "The fraction to cut is less than half an edge.")
    ranked = torque.sort(descending=True).values
    threshold = ranked[budget - 1]
    if budget < len(ranked) and ranked[budget] == threshold:  # a tie across the cut: keep all that tie
        higher = ranked[ranked > threshold]
        if not len(higher):
            return Cut(math.inf, "The highest torques tie: no cut of this size would be the torques' own.")
        threshold = higher[-1]
    return Cut(float(threshold), f"A fixed {fraction:.0%} of the edges, those of highest torque.")


def no_cut(torque: Tensor, chance_torque: Tensor, chance_weight: Tensor, fraction: float) -> Cut:
    """Cut nothing: torque is measured only."""
    return Cut(math.inf, "Nothing is cut: torque is measured only.")


CUTS: dict[str, CutRule] = {"gap": gap_cut, "fixed": fixed_cut, "none": no_cut}
"""Cut rules by name."""
