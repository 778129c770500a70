"""Detection: how well a score tells injected edges from the graph's own."""

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Detection", "auroc", "detection"]


@dataclass(frozen=True)
class Detection:
    """How the pruned edges compare with the injected ones; a share is None where its whole is zero.

    Attributes:
        pruned: Number of edges pruned.
        injected: Number of edges injected, of those judged.
        hits: Number of edges that are both.
        precision: hits / pruned.
        recall: hits / injected.
        auroc: Area under the ROC curve of the score, see :func:`auroc`.
    """

    pruned: int
    injected: int
    hits: int
    precision: float | None
    recall: float | None
    auroc: float | None


def auroc(score: Tensor, positive: Tensor) -> float | None:
    """Probability that a positive scores above a negative, ties counted half; None if either is missing.

    The Mann-Whitney statistic :math:`U / (n_+ n_-)` from mid-ranks, which is the area under the ROC curve.

    Args:
        score: Any real score, higher meaning more suspicious, :math:`(P,)`.
        positive: Which are positive, bool, :math:`(P,)`.

    Example:
        >>> auroc(torch.tensor([0.1, 0.4, 0.4, 0.8]), torch.tensor([False, True, False, True]))
        0.875
    """
    score, positive = score.cpu(), positive.cpu()  # where float64 is always to be had
    positives = int(positive.sum())
    negatives = len(positive) - positives
    if not positives or not negatives:
        return None
    _, group, counts = torch.unique(score, return_inverse=True, return_counts=True)
    last = counts.cumsum(0).double()
    mid_rank = (last - (counts.double() - 1) / 2)[group]
    above = float(mid_rank[positive].sum()) - positives * (positives + 1) / 2
    return above / (positives * negatives)


def detection(score: Tensor, pruned: Tensor, injected: Tensor) -> Detection:
    """Compare what was pruned with what was injected.

    Args:
        score: The score that led to pruning, :math:`(P,)`.
        pruned: Which edges were pruned, bool, :math:`(P,)`.
        injected: Which edges the noise had inserted, bool, :math:`(P,)`.

    Example:
        >>> score = torch.tensor([3.0, 2.0, 1.0])
        >>> report = detection(score, pruned=score > 1.5, injected=score > 2.5)
        >>> report.precision, report.recall, report.auroc
        (0.5, 1.0, 1.0)
    """
    cut, true, hits = int(pruned.sum()), int(injected.sum()), int((pruned & injected).sum())
    return Detection(
        pruned=cut,
        injected=true,
        hits=hits,
        precision=hits / cut if cut else None,
        recall=hits / true if true else None,
        auroc=auroc(score, injected),
    )
