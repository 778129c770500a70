"""Cut rules: choose the torque from which edges are pruned.

Edges of equal torque are pruned or kept together, so the result does not depend on the order of the edges.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from torque_core.rewiring.bounded_gap import bounded_gap
from torque_core.rewiring.edge_confidence import EdgeConfidence
from torque_core.rewiring.gap import TorqueGap, distinct, torque_gap
from torque_core.scoring.null_model import null_weights
from torque_core.utils.optional import require
from torque_core.utils.rules import RuleRegistry

__all__ = [
    "CUTS",
    "Cut",
    "CutInputs",
    "CutRule",
    "bernoulli_cut",
    "bounded_gap_cut",
    "budget_cut",
    "fixed_cut",
    "gap_cut",
    "mixture_cut",
    "no_cut",
    "otsu_cut",
]

_MOST_FITTED = 20_000  # torques or quantiles of them, in the mixture
_FEWEST_FITTED = 8  # distinct torques, in the mixture


@dataclass(frozen=True)
class CutInputs:
    """Inputs available to a cut rule.

    Attributes:
        torque: Torques of the edges, :math:`(|\\mathcal{E}|,)`.
        null_torque: Torques of the null-model pairs, see :mod:`torque_core.scoring.null_model`, :math:`(P,)`.
        null_weight: Weights of the null-model pairs, :math:`(P,)`.
        fraction: Fraction of the edges to prune, for rules with such an option.
        budget: Number of edges to prune, for rules with such an option.
        uniform_weight: Weights of the null-model pairs in the second null model, whose ends are sampled uniformly,
            :math:`(P,)`; None if the rule was not registered with ``uniform_null``.
        reliability: Reliability of the previous layer's cut, see
            :func:`~torque_core.rewiring.bounded_gap.bounded_gap`; 1 in the first layer.
        classes: Classes of both ends of each edge if they are training nodes, otherwise -1,
            :math:`(2, |\\mathcal{E}|)`; None if the graph has no training labels.
    """

    torque: Tensor
    null_torque: Tensor
    null_weight: Tensor
    fraction: float = 0.1
    budget: int = 100
    uniform_weight: Tensor | None = None
    reliability: float = 1.0
    classes: Tensor | None = None


@dataclass(frozen=True)
class Cut:
    """The threshold chosen by a cut rule, with the reason for the choice.

    Attributes:
        threshold: Edges of at least this torque are pruned; infinity to prune none.
        reason: The reason for the threshold, one sentence.
        gap: The torque gap, if the rule is based on it.
        edge_confidence: Confidence of the kept edges as a function of their torque; None if the rule estimates none.
    """

    threshold: float
    reason: str
    gap: TorqueGap | None = None
    edge_confidence: EdgeConfidence | None = None


CutRule = Callable[[CutInputs], Cut]

CUTS: RuleRegistry[CutRule] = RuleRegistry("cut")
"""Cut rules by name; ``CUTS.register(name)`` makes yours available in
:class:`~torque_core.rewiring.spec.RewireSpec`."""


@CUTS.register("gap", keeps_confidence=True)
def gap_cut(inputs: CutInputs) -> Cut:
    """Prune edges above the torque gap. If no significant gap is found, prune nothing.

    See :func:`~torque_core.rewiring.gap.torque_gap`. Kept edges are weighted by their confidence, see
    :func:`~torque_core.rewiring.edge_confidence.estimate_edge_confidence`.
    """
    gap = torque_gap(inputs.torque, inputs.null_torque, inputs.null_weight)
    return Cut(gap.threshold, gap.reason, gap, gap.edge_confidence)


@CUTS.register("bounded_gap", keeps_confidence=True, uniform_null=True, estimates_reliability=True)
def bounded_gap_cut(inputs: CutInputs) -> Cut:
    """Prune edges above the torque gap, with the largest number of random edges that all torques allow.

    See :func:`~torque_core.rewiring.bounded_gap.bounded_gap`. If torque hardly separates the edges from null-model
    pairs, or the classes of training nodes hardly agree along the edges, nothing is pruned. Kept edges are weighted by
    their confidence.
    """
    weights = null_weights(inputs.null_weight, inputs.uniform_weight)
    gap = bounded_gap(
        inputs.torque, inputs.null_torque, weights, reliability=inputs.reliability, classes=inputs.classes
    )
    return Cut(gap.threshold, gap.reason, gap, gap.edge_confidence)


@CUTS.register("fixed", options=("fraction",))
def fixed_cut(inputs: CutInputs) -> Cut:
    """Prune a fixed fraction of the edges, those of highest torque.

    At most ``round(fraction * E)`` edges are pruned; edges that tie with a kept edge are kept. It is the control for
    the torque gap.

    Example:
        >>> none = torch.empty(0)
        >>> round(fixed_cut(CutInputs(torch.tensor([0.1, 0.2, 0.3, 0.4]), none, none, fraction=0.5)).threshold, 6)
        0.3
    """
    count = round(inputs.fraction * len(inputs.torque))
    return _highest(inputs.torque, count, f"A fixed fraction of {inputs.fraction:.0%} of the edges is pruned.")


@CUTS.register("budget", options=("budget",))
def budget_cut(inputs: CutInputs) -> Cut:
    """Prune a fixed number of edges, those of highest torque; all edges if there are fewer.

    Edges that tie with a kept edge are kept.
    """
    count = min(inputs.budget, len(inputs.torque))
    return _highest(inputs.torque, count, f"A fixed number of {inputs.budget:,} edges is pruned.")


@CUTS.register("otsu")
def otsu_cut(inputs: CutInputs) -> Cut:
    """Separate the torques into two classes that differ most (Otsu's method); prune nothing if all are equal.

    The threshold :math:`\\tau` maximises the variance between the torques below :math:`\\tau` and those from
    :math:`\\tau` upwards, :math:`w_0 w_1 (\\mu_0 - \\mu_1)^2` (Otsu, IEEE Trans. Syst. Man Cybern. 9, 1979), over all
    distinct torques.

    Example:
        >>> none = torch.empty(0)
        >>> otsu_cut(CutInputs(torch.tensor([0.0, 0.25, 0.25, 3.0, 4.0]), none, none)).threshold
        3.0
    """
    values, counts = distinct(inputs.torque)
    if len(values) < 2:
        return Cut(math.inf, "All edges have the same torque, so none is pruned.")
    below = counts.cumsum(0)[:-1] / counts.sum()
    total = (values * counts).cumsum(0) / counts.sum()
    mean_below, mean_above = total[:-1] / below, (total[-1] - total[:-1]) / (1 - below)
    best = int((below * (1 - below) * (mean_above - mean_below).square()).argmax())
    return Cut(float(values[best + 1]), "The threshold separates the two classes of torque that differ most (Otsu).")


@CUTS.register("mixture")
def mixture_cut(inputs: CutInputs) -> Cut:
    """Prune the upper of two Gaussians fitted to the log torques; prune nothing if one Gaussian fits as well.

    The number of Gaussians is chosen by the Bayesian information criterion. The threshold is the lowest torque above
    the lower mean whose probability to belong to the upper Gaussian is at least one half. A hundredth of the mean is
    added to every torque, so that zeros have a logarithm. If there are more than 20,000 edges, 20,000 quantiles are
    fitted.
    """
    GaussianMixture = require("sklearn.mixture", extra="baselines").GaussianMixture  # noqa: N806

    values, counts = distinct(inputs.torque)
    if len(values) < _FEWEST_FITTED:
        return Cut(math.inf, f"{len(values)} distinct torques are too few to fit two distributions.")
    ranked = values.repeat_interleave(counts.long())
    if len(ranked) > _MOST_FITTED:
        ranked = ranked[torch.linspace(0, len(ranked) - 1, _MOST_FITTED, dtype=torch.float64).long()]
    offset = 0.01 * float((values * counts).sum() / counts.sum())
    logs = (ranked + offset).log().numpy()[:, None]
    precision = np.full((2, 1, 1), 1 / max(float(logs.var()), 1e-12))
    start = {
        "means_init": np.quantile(logs, [0.1, 0.9])[:, None],
        "precisions_init": precision,
        "weights_init": [0.5] * 2,
    }
    two = GaussianMixture(2, max_iter=1000, tol=1e-5, random_state=0, **start).fit(logs)
    if GaussianMixture(1).fit(logs).bic(logs) <= two.bic(logs):
        return Cut(math.inf, "One distribution fits the torques as well as two, so no edge is pruned.")
    low, high = np.argsort(two.means_[:, 0])
    value_logs = (values + offset).log().numpy()
    upper = (two.predict_proba(value_logs[:, None])[:, high] >= 0.5) & (value_logs > two.means_[low, 0])
    if not upper.any():
        return Cut(math.inf, "No torque belongs to the upper distribution, so no edge is pruned.")
    return Cut(float(values[int(upper.argmax())]), "The threshold separates two distributions of the torque.")


@CUTS.register("bernoulli", learned=True)
def bernoulli_cut(inputs: CutInputs) -> Cut:
    """Learn a threshold per layer in training, starting at the torque gap.

    See :class:`~torque_core.nn.TorqueGate`. If there is no significant gap, training starts above the highest torque.
    """
    gap = gap_cut(inputs)
    return Cut(gap.threshold, f"The threshold is learned in training and starts here: {gap.reason}", gap.gap)


@CUTS.register("none")
def no_cut(inputs: CutInputs) -> Cut:
    """Prune nothing, only compute the torques."""
    return Cut(math.inf, "No edge is pruned; the torques are only computed.")


def _highest(torque: Tensor, count: int, reason: str) -> Cut:
    """Prune the ``count`` highest torques, except those that tie with the next lower one."""
    if count == 0:
        return Cut(math.inf, "The number of edges to prune rounds to zero.")
    values, counts = distinct(torque)
    pruned = counts.flip(0).cumsum(0) <= count  # distinct torques, the highest first
    if not bool(pruned.any()):
        return Cut(math.inf, "More edges tie for the highest torque than should be pruned, so none is pruned.")
    return Cut(float(values[len(values) - int(pruned.sum())]), reason)
