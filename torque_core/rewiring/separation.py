"""Separation: how well torque tells the edges of a graph from null-model pairs."""

import torch
from torch import Tensor

from torque_core.graph.pairs import ascending

__all__ = ["separation"]


def separation(torque: Tensor, null_torque: Tensor, null_weight: Tensor) -> float:
    """Probability that a null-model pair has a higher torque than an edge, with ties counted half (AUROC).

    It is 0.5 if there are no edges or no null-model pairs.

    Args:
        torque: Torques of the edges, :math:`(|\\mathcal{E}|,)`.
        null_torque: Torques of the null-model pairs, :math:`(P,)`.
        null_weight: Weights of the null-model pairs, :math:`(P,)`.

    Example:
        >>> separation(torch.tensor([1.0, 2.0]), torch.tensor([2.0, 3.0]), torch.ones(2))
        0.875
    """
    if not len(torque) or not len(null_torque):
        return 0.5
    ranked, null = ascending(torque.cpu()), null_torque.cpu()
    below, upto = (torch.searchsorted(ranked, null.to(ranked), right=right) for right in (False, True))
    weight = null_weight.cpu().double()
    return float((weight * (below + upto)).sum() / (2 * weight.sum())) / len(torque)
