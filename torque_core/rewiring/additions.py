"""Additions: which candidate links are of so low a torque that they are worth having."""

from collections.abc import Callable

import torch
from torch import Tensor

from torque_core.rewiring.gap import gap_curve
from torque_core.utils.registry import Registry

__all__ = ["ADDITIONS", "AdditionRule", "bernoulli_additions", "budget_additions", "gap_additions"]

AdditionRule = Callable[[Tensor, Tensor, int], Tensor]

ADDITIONS: Registry[AdditionRule] = Registry("add")
"""Rules by name; ``ADDITIONS.register(name)`` adds yours to :class:`~torque_core.rewiring.spec.RewireSpec`."""

_AS_LOW_AS = 0.25


@ADDITIONS.register("budget")
def budget_additions(candidate_torque: Tensor, kept_torque: Tensor, budget: int) -> Tensor:
    """The lowest torques, as many as the budget allows, if lower than three quarters of the kept edges.

    Lowest torque first, ties by candidate id.

    Args:
        candidate_torque: :math:`(P,)`.
        kept_torque: Torques of the edges that stay, :math:`(K,)`.
        budget: The most links to add.

    Returns:
        Indices into the candidates, :math:`(A,)` with :math:`A \\le` ``budget``, ascending.

    Example:
        >>> budget_additions(torch.tensor([0.1, 0.9, 0.05]), torch.tensor([0.2, 0.5, 0.7]), 5)
        tensor([0, 2])
    """
    if not len(kept_torque):
        return _lowest(candidate_torque, candidate_torque < -torch.inf, budget)
    rank = int(_AS_LOW_AS * (len(kept_torque) - 1))
    return _lowest(candidate_torque, candidate_torque < kept_torque.kthvalue(rank + 1).values, budget)


@ADDITIONS.register("gap")
def gap_additions(candidate_torque: Tensor, kept_torque: Tensor, budget: int) -> Tensor:
    """The lowest torques, as far as candidates look like kept edges: the torque gap at the low end.

    The torque gap seen from below, kept edges in the place of chance pairs: below the median of the kept edges' torques
    hardly any candidate is of another kind, which gives the share of candidates that are like kept edges; the bar is
    where such candidates cease to be the majority. None is added if that gap is within sampling error. See
    :func:`~torque_core.rewiring.gap.torque_gap` for the formulas and :func:`budget_additions` for the arguments.
    """
    if not len(kept_torque) or not len(candidate_torque):
        return _lowest(candidate_torque, candidate_torque < -torch.inf, budget)
    curve = gap_curve(-candidate_torque, -kept_torque, torch.ones_like(kept_torque))
    best = int(curve.heights.argmax())
    found = float(curve.heights[best]) > curve.sampling_error
    bar = -float(curve.values[best]) if found else -torch.inf
    return _lowest(candidate_torque, candidate_torque <= bar, budget)


@ADDITIONS.register("bernoulli")
def bernoulli_additions(candidate_torque: Tensor, kept_torque: Tensor, budget: int) -> Tensor:
    """The lowest torques within the budget, as proposals; in training each layer learns which to keep.

    See :class:`~torque_core.nn.TorqueGate`, and :func:`budget_additions` for the arguments.
    """
    return budget_additions(candidate_torque, kept_torque, budget)


def _lowest(torque: Tensor, eligible: Tensor, budget: int) -> Tensor:
    """Indices of the eligible of lowest torque, at most ``budget``, ascending."""
    at = eligible.nonzero().flatten()
    return at[torch.argsort(torque[at], stable=True)[:budget]].sort().values
