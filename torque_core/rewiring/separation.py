"""Separation: how well torque tells the edges of a graph from null-model pairs."""

import torch
from torch import Tensor

__all__ = ["separation"]

_BLOCK_EDGES = 1 << 18


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
    null, order = null_torque.cpu().sort()
    cumulative = torch.nn.functional.pad(null_weight.cpu()[order].double().cumsum(0), (1, 0))
    total = 0.0
    for part in torque.cpu().split(_BLOCK_EDGES):
        below, upto = (cumulative[torch.searchsorted(null, part, right=right)] for right in (False, True))
        total += float((below + upto).sum())
    return 1 - total / float(2 * cumulative[-1]) / len(torque)
