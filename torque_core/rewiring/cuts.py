"""Cuts: which torque is too much. Ties are always cut or kept together, so no answer depends on the edges' order."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from torque_core.rewiring.edge_confidence import EdgeConfidence
from torque_core.rewiring.gap import TorqueGap, distinct, torque_gap
from torque_core.utils.optional import require
from torque_core.utils.registry import Registry

__all__ = [
    "CUTS",
    "Cut",
    "CutInputs",
    "CutRule",
    "bernoulli_cut",
    "budget_cut",
    "fixed_cut",
    "gap_cut",
    "mixture_cut",
    "no_cut",
    "otsu_cut",
]

_MOST_FITTED = 20_000  # quantiles that stand for all torques in the mixture
_FEWEST_FITTED = 8  # distinct torques: fewer are no distribution


@dataclass(frozen=True)
class CutInputs:
    """What a cut rule may look at.

    Attributes:
        torque: Torques of the edges, :math:`(|\\mathcal{E}|,)`.
        null_torque: Torques of chance pairs, see :mod:`torque_core.scoring.null_model`, :math:`(P,)`.
        null_weight: Their weights, :math:`(P,)`.
        fraction: Share to cut, for the rule that is told one.
        budget: Number to cut, for the rule that is told one.
    """

    torque: Tensor
    null_torque: Tensor
    null_weight: Tensor
    fraction: float = 0.1
    budget: int = 100


@dataclass(frozen=True)
class Cut:
    """Where the torques were cut.

    Attributes:
        threshold: Edges of at least this torque go.
        reason: Why there, one sentence.
        gap: If the gap decided.
        trust: What the edges that stay should weigh, by their torque; None for alike.
    """

    threshold: float
    reason: str
    gap: TorqueGap | None = None
    edge_confidence: EdgeConfidence | None = None


CutRule = Callable[[CutInputs], Cut]

CUTS: Registry[CutRule] = Registry("cut")
"""Cut rules by name; ``CUTS.register(name)`` adds yours to :class:`~torque_core.rewiring.spec.RewireSpec`."""


@CUTS.register("gap")
def gap_cut(evidence: CutInputs) -> Cut:
    """As many as look like chance, by the torque gap; it may be none.

    See :func:`~torque_core.rewiring.gap.torque_gap`. What stays weighs as likely as it is more than chance, see
    :func:`~torque_core.rewiring.edge_confidence.estimate_edge_confidence`.
    """
    gap = torque_gap(evidence.torque, evidence.null_torque, evidence.null_weight)
    return Cut(gap.threshold, gap.reason, gap, gap.edge_confidence)


@CUTS.register("fixed")
def fixed_cut(evidence: CutInputs) -> Cut:
    """A fixed fraction of the edges, those of highest torque: the control for the torque gap.

    ``round(fraction * E)`` edges go; edges that tie with the first that stays, stay too.

    Example:
        >>> none = torch.empty(0)
        >>> round(fixed_cut(CutInputs(torch.tensor([0.1, 0.2, 0.3, 0.4]), none, none, fraction=0.5)).threshold, 6)
        0.3
    """
    count = round(evidence.fraction * len(evidence.torque))
    return _highest(evidence.torque, count, f"A fixed {evidence.fraction:.0%} of the edges, those of highest torque.")


@CUTS.register("budget")
def budget_cut(evidence: CutInputs) -> Cut:
    """A fixed number of edges, those of highest torque; all edges if the graph has no more.

    Edges that tie with the first that stays, stay too.
    """
    count = min(evidence.budget, len(evidence.torque))
    return _highest(evidence.torque, count, f"A budget of {evidence.budget:,} edges, those of highest torque.")


@CUTS.register("otsu")
def otsu_cut(evidence: CutInputs) -> Cut:
    """Two classes of torque that differ most (Otsu's method); none if all torques are equal.

    The threshold :math:`\\tau` with the largest variance between the classes below and from :math:`\\tau` upwards,
    :math:`w_0 w_1 (\\mu_0 - \\mu_1)^2` (Otsu, IEEE Trans. Syst. Man Cybern. 9, 1979), over all distinct torques.

    Example:
        >>> none = torch.empty(0)
        >>> otsu_cut(CutInputs(torch.tensor([0.0, 0.25, 0.25, 3.0, 4.0]), none, none)).threshold
        3.0
    """
    values, counts = distinct(evidence.torque)
    if len(values) < 2:
        return Cut(math.inf, "All edges have the same torque: nothing to tell apart.")
    below = counts.cumsum(0)[:-1] / counts.sum()
    mass = (values * counts).cumsum(0) / counts.sum()
    mean_below, mean_above = mass[:-1] / below, (mass[-1] - mass[:-1]) / (1 - below)
    best = int((below * (1 - below) * (mean_above - mean_below).square()).argmax())
    return Cut(float(values[best + 1]), "Two classes of torque that differ most (Otsu).")


@CUTS.register("mixture")
def mixture_cut(evidence: CutInputs) -> Cut:
    """The upper of two Gaussians fitted to the log torques; none if one Gaussian explains them as well.

    By the Bayesian information criterion. The cut is where, above the lower mean, an edge belongs to the upper one as
    likely as not. To each torque a hundredth of the mean is added, so that zeros have a logarithm. Of more than 20,000
    edges as many quantiles are fitted.
    """
    GaussianMixture = require("sklearn.mixture", extra="baselines").GaussianMixture  # noqa: N806
    values, counts = distinct(evidence.torque)
    if len(values) < _FEWEST_FITTED:
        return Cut(math.inf, f"{len(values)} distinct torques are too few to fit two distributions.")
    ranked = values.repeat_interleave(counts.long())
    if len(ranked) > _MOST_FITTED:
        ranked = ranked[torch.linspace(0, len(ranked) - 1, _MOST_FITTED, dtype=torch.float64).long()]
    offset = 0.01 * float((values * counts).sum() / counts.sum())
    logs = (ranked + offset).log().numpy()[:, None]
    spread = np.full((2, 1, 1), 1 / max(float(logs.var()), 1e-12))
    start = {"means_init": np.quantile(logs, [0.1, 0.9])[:, None], "precisions_init": spread, "weights_init": [0.5] * 2}
    two = GaussianMixture(2, max_iter=1000, tol=1e-5, random_state=0, **start).fit(logs)
    if GaussianMixture(1).fit(logs).bic(logs) <= two.bic(logs):
        return Cut(math.inf, "One distribution explains the torques as well as two: no cut.")
    low, high = np.argsort(two.means_[:, 0])
    above = (values + offset).log().numpy()
    likely = (two.predict_proba(above[:, None])[:, high] >= 0.5) & (above > two.means_[low, 0])
    if not likely.any():
        return Cut(math.inf, "No torque belongs to the upper distribution: no cut.")
    return Cut(float(values[int(likely.argmax())]), "The upper of two distributions of torque.")


@CUTS.register("bernoulli")
def bernoulli_cut(evidence: CutInputs) -> Cut:
    """The torque gap to start with; in training each layer learns its own threshold.

    See :class:`~torque_core.nn.TorqueGate`. If the gap is nowhere, learning starts above the highest torque.
    """
    gap = gap_cut(evidence)
    return Cut(gap.threshold, f"To be learned in training; it starts here: {gap.reason}", gap.gap)


@CUTS.register("none")
def no_cut(evidence: CutInputs) -> Cut:
    """Nothing: torque is measured only."""
    return Cut(math.inf, "Nothing is cut: torque is measured only.")


def _highest(torque: Tensor, count: int, reason: str) -> Cut:
    """Cut the ``count`` highest torques, less those that tie with the next."""
    if count == 0:
        return Cut(math.inf, "What is to be cut is less than half an edge.")
    values, counts = distinct(torque)
    whole = counts.flip(0).cumsum(0) <= count
    if not bool(whole.any()):
        return Cut(math.inf, "The highest torques tie: no cut of this size would be the torques' own.")
    return Cut(float(values[len(values) - int(whole.sum())]), reason)
