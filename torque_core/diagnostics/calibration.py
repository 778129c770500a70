"""Calibration: agreement of the confidence of a model with its accuracy."""

from dataclasses import dataclass

import torch
from torch import Tensor

from torque_core.errors import BadConfig, BadGraph
from torque_core.graph.labels import class_labels

__all__ = ["Calibration", "calibration"]

_TOLERANCE = 1e-3  # for the sum of the probabilities in a row


@dataclass(frozen=True)
class Calibration:
    """Confidence and accuracy of predictions in :math:`B` bins, the bars of a reliability diagram, and scores.

    Attributes:
        error: Expected calibration error, in [0, 1].
        confidence: Mean confidence in each bin, NaN if it is empty, :math:`(B,)`.
        accuracy: Fraction of correct predictions in each bin, NaN if it is empty, :math:`(B,)`.
        count: Number of predictions in each bin, :math:`(B,)`.
        brier: Brier score, in [0, 2].
        nll: Negative log-likelihood in nats; infinite if a true class has probability 0.
    """

    error: float
    confidence: Tensor
    accuracy: Tensor
    count: Tensor
    brier: float
    nll: float


def calibration(probabilities: Tensor, y: Tensor, *, bins: int = 15) -> Calibration:
    """Compare the confidence of predictions with their accuracy, and score the probabilities as a whole.

    The prediction is the most likely class, and its confidence :math:`\\hat p_i` is the probability of that class. With
    :math:`B` bins of equal width, and :math:`\\hat p_i \\in ((b - 1) / B, b / B]` in bin :math:`b`, the expected
    calibration error (Guo et al., ICML 2017, arXiv 1706.04599), the Brier score (Brier, Monthly Weather Review 78,
    1950) and the negative log-likelihood are

    .. math::
        \\mathrm{ECE} = \\sum_b \\frac{n_b}{n} \\, | \\mathrm{acc}_b - \\mathrm{conf}_b |, \\qquad
        \\mathrm{BS} = \\frac{1}{n} \\sum_i \\sum_c (p_{ic} - [c = y_i])^2, \\qquad
        \\mathrm{NLL} = -\\frac{1}{n} \\sum_i \\log p_{i y_i} .

    Args:
        probabilities: Class probabilities, rows sum to 1, :math:`(P, C)`.
        y: True classes, -1 where unknown; such rows are ignored, :math:`(P,)`.
        bins: Number of bins :math:`B`, at least 1.

    Raises:
        BadConfig: If ``bins`` is not a positive integer.
        BadGraph: If probabilities and labels do not match, a row is not a distribution, or no label is known.

    Example:
        >>> result = calibration(torch.tensor([[0.9, 0.1], [0.2, 0.8]]), torch.tensor([0, 0]), bins=2)
        >>> result.count, round(result.error, 4), round(result.brier, 4)
        (tensor([0, 2]), 0.35, 0.65)
    """
    if type(bins) is not int or bins < 1:
        raise BadConfig(f"bins must be an integer of at least 1, got {bins!r}")
    y = class_labels(y)
    _check(probabilities, y)
    rows, label = probabilities[y >= 0].cpu(), y[y >= 0].cpu()
    highest, predicted = rows.max(dim=1)
    # in the dtype of the probabilities, so that 0.6 lies exactly on the border 0.6
    borders = torch.arange(1, bins, dtype=rows.dtype) / bins
    at = torch.bucketize(highest, borders)  # a border belongs to the bin below
    count = at.bincount(minlength=bins)  # (B,)
    confident, correct = highest.double(), (predicted == label).double()
    confidence, accuracy = (at.bincount(values, minlength=bins) / count for values in (confident, correct))
    gap = (accuracy - confidence).abs().nan_to_num()  # 0 for an empty bin
    true_class = rows.double()[torch.arange(len(label)), label]
    # sum of (p - [c = y])^2, expanded
    brier = rows.double().square().sum(dim=1) - 2 * true_class + 1
    return Calibration(
        error=float((count / len(label) * gap).sum()),
        confidence=confidence,
        accuracy=accuracy,
        count=count,
        brier=float(brier.mean()),
        nll=float(-true_class.log().mean()),
    )


def _check(probabilities: Tensor, y: Tensor) -> None:
    if probabilities.dim() != 2 or y.shape != probabilities.shape[:1]:
        raise BadGraph(
            f"probabilities must have shape (nodes, classes) and y (nodes,), got {tuple(probabilities.shape)} "
            f"and {tuple(y.shape)}"
        )
    if not bool((y >= 0).any()):
        raise BadGraph("no label is known (y is -1 everywhere); calibration needs some")
    if int(y.max()) >= probabilities.size(1):
        raise BadGraph(f"y holds class {int(y.max())}, but probabilities has {probabilities.size(1)} columns")
    valid = ((probabilities >= 0).all(dim=1) & ((probabilities.sum(dim=1) - 1).abs() <= _TOLERANCE)) | (y < 0)
    if not bool(valid.all()):
        row = int((~valid).nonzero()[0])
        raise BadGraph(
            f"row {row} is not a distribution: entries must be at least 0 and sum to 1; apply a softmax first"
        )
