"""Detection: how well a score tells injected edges from the graph's own."""

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Detection", "RocCurve", "RocPoint", "auroc", "detection", "roc_curve"]


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


@dataclass(frozen=True)
class RocPoint:
    """What one threshold does.

    Attributes:
        false_positive_rate: Share of the negatives that score at least the threshold.
        true_positive_rate: The same share of the positives.
    """

    false_positive_rate: float
    true_positive_rate: float


@dataclass(frozen=True)
class RocCurve:
    """What every threshold does, from the highest to the lowest.

    Attributes:
        false_positive_rate: Ascending from 0 to 1, :math:`(K,)`.
        true_positive_rate: Ascending from 0 to 1, :math:`(K,)`.
        auroc: Area under the whole curve, see :func:`auroc`.
        cut: Where the threshold lies that is in use; None if nobody asked.
    """

    false_positive_rate: Tensor
    true_positive_rate: Tensor
    auroc: float
    cut: RocPoint | None = None


def roc_curve(score: Tensor, positive: Tensor, *, threshold: float | None = None, most: int = 500) -> RocCurve | None:
    """Receiver operating characteristic of a score; None if there is no positive, or no negative.

    One point for each distinct score :math:`t`, and the origin,

    .. math::
        \\Big( \\frac{|\\{ p : s_p \\ge t, p \\in - \\}|}{n_-}, \\frac{|\\{ p : s_p \\ge t, p \\in + \\}|}{n_+} \\Big)

    (Fawcett, Pattern Recognition Letters 27, 2006). Scores that tie pass a threshold together, so the curve goes
    straight across them, and the area under it is that of :func:`auroc`. Of more than ``most`` points those are given
    that lie evenly along the curve, both ends among them; ``auroc`` and ``cut`` are of the whole one.

    Args:
        score: Any real score, higher meaning more suspicious, :math:`(P,)`.
        positive: Which are positive, bool, :math:`(P,)`.
        threshold: The one in use, for ``cut``; infinity if nothing passes.
        most: Number of points to give at most, 2 or more.

    Example:
        >>> score, positive = torch.tensor([0.9, 0.5, 0.5, 0.1]), torch.tensor([True, True, False, False])
        >>> curve = roc_curve(score, positive, threshold=0.9)
        >>> curve.false_positive_rate.tolist(), curve.true_positive_rate.tolist()
        ([0.0, 0.0, 0.5, 1.0], [0.0, 0.5, 1.0, 1.0])
        >>> curve.auroc, curve.cut
        (0.875, RocPoint(false_positive_rate=0.0, true_positive_rate=0.5))
    """
    score, positive = score.detach().cpu(), positive.cpu()
    area = auroc(score, positive)
    if area is None:
        return None
    _, group = torch.unique(score, return_inverse=True)
    positives, negatives = (
        torch.bincount(group[chosen], minlength=int(group.max()) + 1) for chosen in (positive, ~positive)
    )
    # from the highest score down; whole numbers until here, so that no rounding adds up
    true, false = (
        torch.cat([counts.new_zeros(1), counts.flip(0).cumsum(0)]).double() / counts.sum()
        for counts in (positives, negatives)
    )
    if len(true) > most:
        along = torch.linspace(0, 2, most, dtype=torch.float64)
        chosen = torch.searchsorted(true + false, along).clamp(max=len(true) - 1).unique()
        true, false = true[chosen], false[chosen]
    cut = None
    if threshold is not None:
        passes = score >= threshold
        cut = RocPoint(*(int((passes & kind).sum()) / int(kind.sum()) for kind in (~positive, positive)))
    return RocCurve(false, true, area, cut)
