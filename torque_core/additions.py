"""Additions: which candidate links are of so low a torque that they are worth having."""

import torch
from torch import Tensor

__all__ = ["lowest_torques"]

_AS_LOW_AS = 0.25


def lowest_torques(candidate_torque: Tensor, kept_torque: Tensor, budget: int) -> Tensor:
    """Indices of the candidates to add: of lower torque than the best quarter of the kept edges, ``budget`` at most.

    So a link is added only where it fits better than three quarters of the edges that were thought worth keeping.
    Lowest torque first, ties by candidate id.

    Args:
        candidate_torque: :math:`(P,)`.
        kept_torque: Torques of the edges that stay, :math:`(K,)`.
        budget: The most links to add.

    Returns:
        Indices into the candidates, :math:`(A,)` with :math:`A \\le` ``budget``, ascending.

    Example:
        >>> lowest_torques(torch.tensor([0.1, 0.9, 0.05]), torch.tensor([0.2, 0.5, 0.7]), budget=5)
        tensor([0, 2])
    """
    if not len(kept_torque) or budget <= 0:
        return torch.empty(0, dtype=torch.long, device=candidate_torque.device)
    rank = int(_AS_LOW_AS * (len(kept_torque) - 1))
    bar = kept_torque.sort().values[rank]
    order = torch.argsort(candidate_torque, stable=True)[:budget]
    return order[candidate_torque[order] < bar].sort().values
