"""Detection of injected edges by a score."""

from dataclasses import dataclass

import torch
from torch import Tensor

from torque_core.graph.pairs import ascending

__all__ = ["DetectionReport", "RocCurve", "RocPoint", "auroc", "detection", "roc_curve"]


@dataclass(frozen=True)
class DetectionReport:
    """Comparison of the pruned edges with the injected ones; a ratio is None if its denominator is zero.

    Attributes:
        pruned: Number of pruned edges.
        injected: Number of injected edges among the judged ones.
        hits: Number of edges that are pruned and injected.
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
    """Compute the probability that a positive scores above a negative, with ties counted half.

    This is the Mann-Whitney statistic :math:`U / (n_+ n_-)`, computed from mid-ranks, and equals the area under the ROC
    curve.

    Args:
        score: A score, higher for suspicious edges, :math:`(P,)`.
        positive: Mask of the positives, bool, :math:`(P,)`.

    Returns:
        A probability in [0, 1]; None if there are no positives or no negatives.

    Example:
        >>> auroc(torch.tensor([0.1, 0.4, 0.4, 0.8]), torch.tensor([False, True, False, True]))
        0.875
    """
    score, positive = score.cpu(), positive.cpu()  # some devices lack float64
    positives = int(positive.sum())
    negatives = len(positive) - positives
    if not positives or not negatives:
        return None
    ranked, of_positives = ascending(score), ascending(score[positive])
    below, upto = (torch.searchsorted(ranked, of_positives, right=right) for right in (False, True))
    mid_ranks = float((below + upto + 1).sum()) / 2
    return (mid_ranks - positives * (positives + 1) / 2) / (positives * negatives)


def detection(score: Tensor, pruned: Tensor, injected: Tensor) -> DetectionReport:
    """Compare the pruned edges with the injected edges.

    Args:
        score: The score by which edges were pruned, :math:`(P,)`.
        pruned: Mask of the pruned edges, bool, :math:`(P,)`.
        injected: Mask of the edges that the noise inserted, bool, :math:`(P,)`.

    Example:
        >>> score = torch.tensor([3.0, 2.0, 1.0])
        >>> report = detection(score, pruned=score > 1.5, injected=score > 2.5)
        >>> report.precision, report.recall, report.auroc
        (0.5, 1.0, 1.0)
    """
    cut, true, hits = int(pruned.sum()), int(injected.sum()), int((pruned & injected).sum())
    return DetectionReport(
        pruned=cut,
        injected=true,
        hits=hits,
        precision=hits / cut if cut else None,
        recall=hits / true if true else None,
        auroc=auroc(score, injected),
    )


@dataclass(frozen=True)
class RocPoint:
    """A point of an ROC curve, which belongs to one threshold.

    Attributes:
        false_positive_rate: Fraction of the negatives that score at least the threshold.
        true_positive_rate: Fraction of the positives that score at least the threshold.
    """

    false_positive_rate: float
    true_positive_rate: float


@dataclass(frozen=True)
class RocCurve:
    """ROC curve, from the highest threshold to the lowest.

    Attributes:
        false_positive_rate: Ascending from 0 to 1, :math:`(K,)`.
        true_positive_rate: Ascending from 0 to 1, :math:`(K,)`.
        auroc: Area under the whole curve, see :func:`auroc`.
        cut: The point of the current threshold; None if no threshold was passed.
    """

    false_positive_rate: Tensor
    true_positive_rate: Tensor
    auroc: float
    cut: RocPoint | None = None


def roc_curve(score: Tensor, positive: Tensor, *, threshold: float | None = None, most: int = 500) -> RocCurve | None:
    """Compute the receiver operating characteristic (ROC) of a score.

    The curve consists of the origin and one point for each distinct score :math:`t`,

    .. math::
        \\Big( \\frac{|\\{ p : s_p \\ge t, p \\in - \\}|}{n_-}, \\frac{|\\{ p : s_p \\ge t, p \\in + \\}|}{n_+} \\Big)

    (Fawcett, Pattern Recognition Letters 27, 2006). Tied scores pass a threshold together, so the curve is
    linear across them, and the area under it equals :func:`auroc`. If there are more than ``most`` points, only points
    evenly spaced along the curve are returned, including both ends; ``auroc`` and ``cut`` refer to the whole curve.

    Args:
        score: A score, higher for suspicious edges, :math:`(P,)`.
        positive: Mask of the positives, bool, :math:`(P,)`.
        threshold: The current threshold, for ``cut``; infinity if nothing passes.
        most: Maximum number of points, at least 2.

    Returns:
        The curve; None if there are no positives or no negatives.

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
    # from the highest score down; counts are integers, so that no rounding errors accumulate
    true, false = (
        torch.cat([counts.new_zeros(1), counts.flip(0).cumsum(0)]).double() / counts.sum()
        for counts in (positives, negatives)
    )
    if len(true) > most:
        along = torch.linspace(0, 2, most, dtype=torch.float64)
        shown = torch.searchsorted(true + false, along).clamp(max=len(true) - 1).unique()
        true, false = true[shown], false[shown]
    cut = None
    if threshold is not None:
        passes = score >= threshold
        cut = RocPoint(*(int((passes & kind).sum()) / int(kind.sum()) for kind in (~positive, positive)))
    return RocCurve(false, true, area, cut)
