"""Evidence of the training labels for pruning: do the edges that remain join nodes of the same class?"""

import torch
from torch import Tensor

__all__ = ["class_agreement"]

_ASSORTATIVITY = (0.05, 0.1)  # of the kept edges: none is pruned below, and labels are no objection above


def class_agreement(classes: Tensor, kept_mask: Tensor) -> float:
    """Return how far the classes of training nodes support pruning the other edges, in [0, 1].

    An edge between dissimilar nodes does harm where a node resembles its neighbours. Where the classes of neighbours
    are unrelated, or differ, dissimilar ends are the rule, and an edge that resembles a random pair need not be noise.
    The measure is the assortativity of the edges between training nodes that are kept,

    .. math::
        r = \\frac{h - c}{1 - c} ,

    with :math:`h` the fraction of them within a class, and :math:`c` the probability that two random ends of edges,
    kept or not, have the same class (Newman, Phys. Rev. E 67, 026126, 2003). Two standard errors of :math:`r` are
    added, so that few labels are no objection. The result rises from 0 to 1 while the sum rises from .05 to .1. On
    clean Squirrel the sum is at most .03, on Cora and PubMed with noise or attacks at least .8.

    Args:
        classes: Classes of both ends of each edge, -1 where unknown, :math:`(2, |\\mathcal{E}|)`.
        kept_mask: The edges that are kept, bool, :math:`(|\\mathcal{E}|,)`.

    Example:
        Half of the edges are within a class, the others in a cycle of three classes:

        >>> classes = torch.tensor([[0, 1, 2, 0, 1, 2], [0, 1, 2, 1, 2, 0]]).repeat(1, 60)
        >>> within = classes[0] == classes[1]
        >>> class_agreement(classes, within), class_agreement(classes, ~within)
        (1.0, 0.0)
    """
    labelled = (classes >= 0).all(dim=0)
    first, second = classes[:, labelled & kept_mask]
    edges = len(first)
    _, counts = torch.unique(classes[:, labelled], return_counts=True)
    if not edges or len(counts) == 1:
        return 1.0
    chance = float((counts / counts.sum()).square().sum())
    agreement = float((first == second).float().mean())
    bound = (agreement - chance + 2 * (chance * (1 - chance) / edges) ** 0.5) / (1 - chance)
    low, high = _ASSORTATIVITY
    return min(1.0, max(0.0, (bound - low) / (high - low)))
