"""Calibration: whether a model is as sure as it is right."""

from dataclasses import dataclass

import torch
from torch import Tensor

from torque_core.errors import BadConfig, BadGraph

__all__ = ["Calibration", "calibration"]

_ROUNDING = 1e-3  # by which the probabilities of a row may miss the sum 1


@dataclass(frozen=True)
class Calibration:
    """How sure predictions are against how often they are right; bin :math:`b` of :math:`B` is a bar of a diagram.

    Attributes:
        error: Expected calibration error, in [0, 1].
        confidence: Mean confidence of each bin, NaN where it is empty, :math:`(B,)`.
        accuracy: Share of right predictions in each bin, NaN where it is empty, :math:`(B,)`.
        count: Number of predictions in each bin, :math:`(B,)`.
        brier: Brier score, in [0, 2].
        nll: Negative log-likelihood in nats; infinity if a true class was held impossible.
    """

    error: float
    confidence: Tensor
    accuracy: Tensor
    count: Tensor
    brier: float
    nll: float


def calibration(probabilities: Tensor, y: Tensor, *, bins: int = 15) -> Calibration:
    """Compare the confidence of predictions with their accuracy, and score the probabilities as a whole.

    A prediction is the likeliest class, its confidence :math:`\\hat p_i` that class's probability. In :math:`B` bins of
    equal width, with :math:`\\hat p_i \\in ((b - 1) / B, b / B]` in bin :math:`b`, the expected calibration error (Guo
    et al., ICML 2017, arXiv 1706.04599), the Brier score (Brier, Monthly Weather Review 78, 1950) and the negative
    log-likelihood are

    .. math::
        \\mathrm{ECE} = \\sum_b \\frac{n_b}{n} \\, | \\mathrm{acc}_b - \\mathrm{conf}_b |, \\qquad
        \\mathrm{BS} = \\frac{1}{n} \\sum_i \\sum_c (p_{ic} - [c = y_i])^2, \\qquad
        \\mathrm{NLL} = -\\frac{1}{n} \\sum_i \\log p_{i y_i} .

    Args:
        probabilities: Class probabilities, rows sum to 1, :math:`(P, C)`.
        y: True classes, -1 where unknown: such rows are left out, :math:`(P,)`.
        bins: :math:`B`, 1 or more.

    Raises:
        BadConfig: There is no bin.
        BadGraph: Probabilities and labels do not fit each other, rows are no probabilities, or no label is known.

    Example:
        >>> found = calibration(torch.tensor([[0.9, 0.1], [0.2, 0.8]]), torch.tensor([0, 0]), bins=2)
        >>> found.count, round(found.error, 4), round(found.brier, 4)
        (tensor([0, 2]), 0.35, 0.65)
    """
    if type(bins) is not int or bins < 1:
        raise BadConfig(f"bins must be an integer of at least 1, got {bins!r}")
    _check(probabilities, y)
    rows, label = probabilities[y >= 0].cpu(), y[y >= 0].cpu()
    highest, predicted = rows.max(dim=1)
    # in the type of the probabilities, so that 0.6 lies on the border that is called 0.6
    borders = torch.arange(1, bins, dtype=rows.dtype) / bins
    at = torch.bucketize(highest, borders)  # a border belongs to the bin below it
    count = at.bincount(minlength=bins)  # (B,)
    sure, right = highest.double(), (predicted == label).double()
    confidence, accuracy = (at.bincount(values, minlength=bins) / count for values in (sure, right))
    gap = (accuracy - confidence).abs().nan_to_num()  # of an empty bin: none
    own = rows.double()[torch.arange(len(label)), label]
    # sum of (p - [c = y])^2, its square multiplied out
    brier = rows.double().square().sum(dim=1) - 2 * own + 1
    return Calibration(
        error=float((count / len(label) * gap).sum()),
        confidence=confidence,
        accuracy=accuracy,
        count=count,
        brier=float(brier.mean()),
        nll=float(-own.log().mean()),
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
        raise BadGraph(f"y holds class {int(y.max())}, but probabilities are of {probabilities.size(1)} classes")
    fit = ((probabilities >= 0).all(dim=1) & ((probabilities.sum(dim=1) - 1).abs() <= _ROUNDING)) | (y < 0)
    if not bool(fit.all()):
        row = int((~fit).nonzero()[0])
        raise BadGraph(f"row {row} is no distribution: entries must be 0 or more with the sum 1; take a softmax first")
