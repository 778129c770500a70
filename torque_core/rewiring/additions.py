"""Addition rules: select the candidate edges to add, by their torque."""

from collections.abc import Callable

import torch
from torch import Tensor

from torque_core.rewiring.gap import gap_curve
from torque_core.utils.rules import RuleRegistry

__all__ = ["ADDITIONS", "AdditionRule", "bernoulli_additions", "budget_additions", "gap_additions"]

AdditionRule = Callable[[Tensor, Tensor, int], Tensor]

ADDITIONS: RuleRegistry[AdditionRule] = RuleRegistry("add")
"""Addition rules by name; ``ADDITIONS.register(name)`` makes yours available in
:class:`~torque_core.rewiring.spec.RewireSpec`."""

_KEPT_QUANTILE = 0.25  # added edges have a lower torque than this quantile of the kept edges


@ADDITIONS.register("budget")
def budget_additions(candidate_torque: Tensor, kept_torque: Tensor, budget: int) -> Tensor:
    """Add the candidates of lowest torque within the budget, if lower than three quarters of the kept edges.

    Candidates of equal torque are ranked by their index.

    Args:
        candidate_torque: Torques of the candidate edges, :math:`(P,)`.
        kept_torque: Torques of the kept edges, :math:`(K,)`.
        budget: Largest number of edges to add.

    Returns:
        Indices into the candidates, :math:`(A,)` with :math:`A \\le` ``budget``, ascending.

    Example:
        >>> budget_additions(torch.tensor([0.1, 0.9, 0.05]), torch.tensor([0.2, 0.5, 0.7]), 5)
        tensor([0, 2])
    """
    if not len(kept_torque):
        return _lowest(candidate_torque, candidate_torque < -torch.inf, budget)
    rank = int(_KEPT_QUANTILE * (len(kept_torque) - 1))
    return _lowest(candidate_torque, candidate_torque < kept_torque.kthvalue(rank + 1).values, budget)


@ADDITIONS.register("gap")
def gap_additions(candidate_torque: Tensor, kept_torque: Tensor, budget: int) -> Tensor:
    """Add the candidates below the torque gap between candidates and kept edges, within the budget.

    This is the torque gap with negated torques, with the kept edges in place of the null-model pairs. Below the median
    torque of the kept edges nearly all candidates resemble kept edges, which estimates their fraction among all
    candidates; the threshold is the torque above which they are no longer the majority. If that gap is within the
    sampling error, no edge is added. See :func:`~torque_core.rewiring.gap.torque_gap` for the formulas and
    :func:`budget_additions` for the arguments.
    """
    if not len(kept_torque) or not len(candidate_torque):
        return _lowest(candidate_torque, candidate_torque < -torch.inf, budget)
    curve = gap_curve(-candidate_torque, -kept_torque, torch.ones_like(kept_torque))
    best = int(curve.heights.argmax())
    significant = float(curve.heights[best]) > curve.sampling_error
    threshold = -float(curve.values[best]) if significant else -torch.inf
    return _lowest(candidate_torque, candidate_torque <= threshold, budget)


@ADDITIONS.register("bernoulli", learned=True)
def bernoulli_additions(candidate_torque: Tensor, kept_torque: Tensor, budget: int) -> Tensor:
    """Propose the candidates of lowest torque within the budget; each layer learns in training which to keep.

    See :class:`~torque_core.nn.TorqueGate`, and :func:`budget_additions` for the arguments.
    """
    return budget_additions(candidate_torque, kept_torque, budget)


def _lowest(torque: Tensor, eligible: Tensor, budget: int) -> Tensor:
    """Indices of the eligible candidates of lowest torque, at most ``budget``, ascending."""
    at = eligible.nonzero().flatten()
    return at[torch.argsort(torque[at], stable=True)[:budget]].sort().values
