"""Test of the difference between two methods that were run on the same splits of one graph."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import stdtr, stdtrit

from torque_core.errors import BadConfig

__all__ = ["LEVEL", "Comparison", "Paired", "compare", "compare_all", "detectable", "holm", "holm_factors"]

LEVEL = 0.05
"""Significance level of every test; the confidence level of an interval is ``1 - LEVEL``."""


@dataclass(frozen=True)
class Comparison:
    """Difference between two methods, on the splits that both were run on."""

    n: int
    """Number of splits."""
    difference: float
    """Mean of the differences."""
    low: float
    """Lower end of the confidence interval; NaN if the differences have no variance."""
    high: float
    """Upper end of the interval."""
    p: float
    """Two-sided p value of no difference; NaN if the differences have no variance."""
    p_strict: float
    """p value of the corrected resampled t-test of Nadeau and Bengio, at least :attr:`p`."""
    wins: int
    """Number of splits on which the first method scores higher."""


class Paired(NamedTuple):
    """Scores of two methods on the same splits, and what the splits have in common; see :func:`compare`."""

    first: Sequence[float]
    second: Sequence[float]
    ratio: float
    node_error: float | None = None

    def test(self, level: float = LEVEL) -> Comparison:
        """Compare the two methods."""
        return compare(self.first, self.second, ratio=self.ratio, node_error=self.node_error, level=level)


def compare(
    first: Sequence[float],
    second: Sequence[float],
    *,
    ratio: float,
    node_error: float | None = None,
    level: float = LEVEL,
) -> Comparison:
    """Compare two methods split by split, with a t-test that accounts for the nodes that splits share.

    Splits of one graph share nodes, so that their differences :math:`d_1, \\dots, d_n` are correlated and a plain
    paired t-test has far too many false positives. Nadeau and Bengio (Machine Learning 52, 2003) estimate the
    correlation by the fraction :math:`\\rho` of a test set that is also in another one. With
    :math:`r = \\rho / (1 - \\rho)` the variance of the mean difference is

    .. math::
        v_1 = \\Big( \\frac{1}{n} + r \\Big) s_d^2 .

    This attributes the whole variance of the differences to the nodes that are tested. It is made for small test sets:
    if four of five nodes are test nodes, :math:`r = 4`, and hardly any difference is significant, although the splits
    have few training nodes in common. If the answers to each node are known, the contribution of the nodes can be
    measured instead. In a model with crossed random effects of splits and nodes,
    :math:`D_{sv} = \\mu + a_s + b_v + \\varepsilon_{sv}`, it is :math:`\\sigma_b^2 / N` for the :math:`N` nodes of the
    graph. The training and validation nodes, of which two splits share the fraction :math:`1 - \\rho`, are corrected as
    by Nadeau and Bengio:

    .. math::
        v_2 = \\Big( \\frac{1}{n} + \\frac{1}{r} \\Big) s_d^2 + \\frac{\\sigma_b^2}{N} .

    The test is :math:`t = \\bar{d} / \\sqrt{\\min(v_1, v_2)}` with :math:`n - 1` degrees of freedom; interval and p
    value both follow from it. Draws of noise, initial weights and splits enter through :math:`s_d`, so each split needs
    its own draws.

    Wilcoxon's signed-rank test has no such correction, and its smallest p value on ten splits, 0.002, is not
    significant after Holm's correction of more than 25 comparisons.

    Args:
        first: Scores of one method, one per split.
        second: Scores of the other method on the same splits.
        ratio: :math:`r`, see :func:`~torque_core.experiments.statistics.split_ratio`; 0 is the plain paired t-test.
        node_error: :math:`\\sigma_b / \\sqrt{N}`, see :func:`~torque_core.experiments.answers.node_variance`; if None,
            only :math:`v_1` is used.
        level: Significance level that the confidence interval belongs to: it contains 0 exactly if ``p >= level``.

    Raises:
        BadConfig: If the lengths differ, or are 0.

    Example:
        >>> plain, torque = [0.74, 0.75, 0.73, 0.75], [0.81, 0.82, 0.82, 0.82]
        >>> found = compare(torque, plain, ratio=4, node_error=0.004)
        >>> round(found.difference, 4), round(found.p, 3), round(found.p_strict, 2)
        (0.075, 0.003, 0.04)
    """
    if len(first) != len(second) or not len(first):
        raise BadConfig(f"paired scores must have the same length, at least 1; got {len(first)} and {len(second)}")
    d = np.asarray(first, dtype=float) - np.asarray(second, dtype=float)
    n, mean, wins = len(d), float(d.mean()), int((d > 0).sum())
    if n == 1:
        return Comparison(1, mean, np.nan, np.nan, np.nan, np.nan, wins)
    spread = float(d.std(ddof=1))
    if spread == 0:  # coarse scores can differ by the same amount on every split: no variance
        low, high, p = (0.0, 0.0, 1.0) if mean == 0 else (np.nan, np.nan, np.nan)
        return Comparison(n, mean, low, high, p, p, wins)
    strict, error = _errors(n, spread, ratio, node_error)
    half = float(stdtrit(n - 1, 1 - level / 2)) * error
    p, p_strict = (float(2 * stdtr(n - 1, -abs(mean) / each)) for each in (error, strict))
    return Comparison(n, mean, mean - half, mean + half, p, p_strict, wins)


def _errors(n: int, spread: float, ratio: float, node_error: float | None) -> tuple[float, float]:
    """Standard errors of the strict test and of the test."""
    strict = (1 / n + ratio) * spread**2
    if node_error is None or ratio == 0:
        return strict**0.5, strict**0.5
    return strict**0.5, min(strict, (1 / n + 1 / ratio) * spread**2 + node_error**2) ** 0.5


def detectable(n: int, spread: float, *, ratio: float, node_error: float | None = None, power: float = 0.9) -> float:
    """Return the difference that :func:`compare` finds significant with a given probability.

    .. math::
        \\delta = (t_{n-1, 1 - \\alpha/2} + t_{n-1, \\text{power}}) \\sqrt{\\min(v_1, v_2)}

    State it before running a study: a difference that is not significant says little about smaller ones.

    Args:
        n: Number of splits.
        spread: Standard deviation :math:`s_d` of the differences.
        ratio: See :func:`compare`.
        node_error: See :func:`compare`.
        power: The probability.

    Example:
        Ten splits of 10/10/80 %, in points, and the same by the strict test:

        >>> round(detectable(10, 0.5, ratio=4, node_error=0.3), 1), round(detectable(10, 0.5, ratio=4), 1)
        (1.5, 3.7)
    """
    _, error = _errors(n, spread, ratio, node_error)
    return float(stdtrit(n - 1, 1 - LEVEL / 2) + stdtrit(n - 1, power)) * error


def compare_all(pairs: Sequence[Paired]) -> list[Comparison]:
    """Compare several pairs of methods as one family; see :func:`compare`.

    The interval of a comparison has the level at which Holm's method tests it: it contains 0 exactly if the p value,
    corrected by :func:`holm` over all pairs, is not below :data:`LEVEL`. The p values themselves are not corrected.

    Args:
        pairs: The pairs.

    Example:
        >>> alone, = compare_all([Paired([0.8, 0.9, 0.7], [0.7, 0.7, 0.7], 0.0)])
        >>> alone == compare([0.8, 0.9, 0.7], [0.7, 0.7, 0.7], ratio=0.0)
        True
    """
    factors = holm_factors([pair.test().p for pair in pairs])
    return [pair.test(LEVEL / factor) for pair, factor in zip(pairs, factors, strict=True)]


def holm(p: Sequence[float]) -> np.ndarray:
    """Correct p values for multiple comparisons by Holm's step-down method, which controls the family-wise error rate.

    See Holm, Scandinavian Journal of Statistics 6, 1979:

    .. math::
        \\tilde{p}_{(k)} = \\max_{j \\le k} \\min\\{(m - j + 1)\\, p_{(j)}, 1\\}

    Args:
        p: p values; NaN stays NaN and is not counted.

    Example:
        >>> holm([0.01, 0.04, 0.03]).round(6).tolist()
        [0.03, 0.06, 0.06]
    """
    return np.minimum(holm_factors(p) * np.asarray(p, dtype=float), 1.0)


def holm_factors(p: Sequence[float]) -> np.ndarray:
    """Return the factor by which Holm's method multiplies each p value.

    A confidence interval at the level :math:`\\alpha / f` contains 0 exactly if :math:`f p \\ge \\alpha`, so that
    interval and corrected p value always agree.

    Args:
        p: p values; NaN stays NaN and is not counted.

    Example:
        >>> holm_factors([0.01, 0.04, 0.03]).round(6).tolist()
        [3.0, 1.5, 2.0]
    """
    values = np.asarray(p, dtype=float)
    factors = np.full(len(values), np.nan)
    known = np.flatnonzero(~np.isnan(values))
    order = known[np.argsort(values[known], kind="stable")]
    steps = np.arange(len(order), 0, -1.0)
    largest = np.maximum.accumulate(steps * values[order]) if len(order) else steps
    # a p value of 0 stays 0 whatever the factor
    factors[order] = np.divide(largest, values[order], out=steps, where=values[order] > 0)
    return factors
