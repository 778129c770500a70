"""Statistics of studies: means over splits, paired differences, confidence intervals and corrected p values."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import stdtr, stdtrit

from torque_core.datasets import DATASETS
from torque_core.errors import BadConfig
from torque_core.methods.catalog import METHODS
from torque_core.utils.optional import require

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = [
    "CELL",
    "LEVEL",
    "Comparison",
    "compare",
    "compare_all",
    "holm",
    "holm_factors",
    "significance",
    "split_ratio",
    "summarise",
]

CELL = ["dataset", "scheme", "noise_kind", "rate"]
"""Columns that identify a cell: runs are compared within the same data set, split scheme, noise kind and level."""
LEVEL = 0.05
"""Significance level of every test; the confidence level of an interval is ``1 - LEVEL``."""

_MODEL = ["label", "method", "backbone", "layers", "directed"]  # what decides on the baseline of a run
_TEST_FRACTIONS = {"public": 1.0, "geom-gcn": 0.2, "own": 0.25}  # of the schemes that are distributed as files


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
    wins: int
    """Number of splits on which the first method scores higher."""


def compare(first: Sequence[float], second: Sequence[float], *, ratio: float, level: float = LEVEL) -> Comparison:
    """Compare two methods split by split with the corrected resampled t-test.

    Splits of one graph share test nodes, so that their differences :math:`d_1, \\dots, d_n` are correlated and a plain
    paired t-test has far too many false positives. Nadeau and Bengio (Machine Learning 52, 2003) estimate the
    correlation by the fraction :math:`\\rho` of a test set that is also in another one, and correct the variance of the
    mean:

    .. math::
        t = \\bar{d} \\Big/ \\sqrt{\\left(\\tfrac{1}{n} + \\tfrac{\\rho}{1 - \\rho}\\right) s_d^2},
        \\qquad n - 1 \\text{ degrees of freedom.}

    Wilcoxon's signed-rank test has no such correction, and its smallest p value on ten splits, 0.002, is not
    significant after Holm's correction of more than 25 comparisons.

    Args:
        first: Scores of one method, one per split.
        second: Scores of the other method on the same splits.
        ratio: :math:`\\rho / (1 - \\rho)`, see :func:`split_ratio`; 0 is the plain paired t-test.
        level: Significance level that the confidence interval belongs to: it contains 0 exactly if ``p >= level``.

    Raises:
        BadConfig: If the lengths differ, or are 0.

    Example:
        >>> compare([0.8, 0.9, 0.7], [0.7, 0.7, 0.7], ratio=0.0)
        Comparison(n=3, difference=0.1..., low=-0.14..., high=0.34..., p=0.22..., wins=2)
    """
    if len(first) != len(second) or not len(first):
        raise BadConfig(f"paired scores must have the same length, at least 1; got {len(first)} and {len(second)}")
    d = np.asarray(first, dtype=float) - np.asarray(second, dtype=float)
    n, mean, wins = len(d), float(d.mean()), int((d > 0).sum())
    if n == 1:
        return Comparison(1, mean, np.nan, np.nan, np.nan, wins)
    error = float(np.sqrt((1 / n + ratio) * d.var(ddof=1)))
    if error == 0:  # coarse scores can differ by the same amount on every split: no variance
        low, high, p = (0.0, 0.0, 1.0) if mean == 0 else (np.nan, np.nan, np.nan)
        return Comparison(n, mean, low, high, p, wins)
    half = float(stdtrit(n - 1, 1 - level / 2)) * error
    return Comparison(n, mean, mean - half, mean + half, float(2 * stdtr(n - 1, -abs(mean) / error)), wins)


def compare_all(pairs: Sequence[tuple[Sequence[float], Sequence[float], float]]) -> list[Comparison]:
    """Compare several pairs of methods as one family; see :func:`compare`.

    The interval of a comparison has the level at which Holm's method tests it: it contains 0 exactly if the p value,
    corrected by :func:`holm` over all pairs, is not below :data:`LEVEL`. The p values themselves are not corrected.

    Args:
        pairs: Scores of two methods on the same splits, and the ratio of :func:`compare`.

    Example:
        >>> alone, = compare_all([([0.8, 0.9, 0.7], [0.7, 0.7, 0.7], 0.0)])
        >>> alone == compare([0.8, 0.9, 0.7], [0.7, 0.7, 0.7], ratio=0.0)
        True
    """
    factors = holm_factors([compare(first, second, ratio=ratio).p for first, second, ratio in pairs])
    return [
        compare(first, second, ratio=ratio, level=LEVEL / factor)
        for (first, second, ratio), factor in zip(pairs, factors, strict=True)
    ]


def split_ratio(dataset: str, scheme: str | None) -> float:
    """Return the ratio of test nodes to all others, for :func:`compare`.

    Two random splits share a fraction :math:`\\rho` of their test nodes that equals the fraction of test nodes, so
    :math:`\\rho/(1-\\rho)` is the ratio of test nodes to training *and validation* nodes: a model depends on both, as
    the latter select its epoch and options.

    Example:
        >>> split_ratio("texas", "geom-gcn"), round(split_ratio("cora", "random-10-10-80"), 6)
        (0.25, 4.0)
    """
    if dataset not in DATASETS:
        raise BadConfig(f"unknown data set {dataset!r}; another version of the package wrote this store")
    schemes = {known.name: known for known in DATASETS[dataset].splits}
    name = scheme or DATASETS[dataset].default_scheme
    if name not in schemes:
        raise BadConfig(f"{dataset!r} has no split scheme {name!r}; choose from: {', '.join(schemes)}")
    fractions = schemes[name].fractions
    test = _TEST_FRACTIONS[name] if fractions is None else fractions[2]
    return test / (1 - test) if test < 1 else np.inf


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


def summarise(frame: "DataFrame", metric: str = "test") -> "DataFrame":
    """Summarise every label in every cell.

    Args:
        frame: Runs, see :meth:`~torque_core.experiments.results.store.Store.frame`.
        metric: Column to summarise; runs without a number in it are left out.

    Returns:
        The columns of :data:`CELL`, ``label``, ``n`` (number of runs), ``mean``, ``std`` (sample standard deviation),
        ``low`` and ``high`` (95 % t interval of the mean over splits of this graph, within [0, 1] as scores are), and
        ``rank`` (1: highest mean).
    """
    rows = frame.dropna(subset=[metric]).astype({metric: float})
    grouped = rows.groupby([*CELL, "label"], dropna=False, sort=True)[metric]
    summary = grouped.agg(n="count", mean="mean", std="std").reset_index()
    half = stdtrit((summary["n"] - 1).clip(lower=1), 1 - LEVEL / 2) * summary["std"] / np.sqrt(summary["n"])
    summary["low"], summary["high"] = (summary["mean"] - half).clip(lower=0), (summary["mean"] + half).clip(upper=1)
    summary["rank"] = summary.groupby(CELL, dropna=False)["mean"].rank(ascending=False, method="min").astype(int)
    return summary


def significance(frame: "DataFrame", metric: str = "test") -> "DataFrame":
    """Compare every label with the plain backbone of its cell on common splits, with Holm's correction.

    A rewiring method is compared with its own backbone with the same number of layers and the same edge directions,
    another backbone with the ``plain`` one. All comparisons of the frame are one family: pass a complete table. Several
    seeds on a split are averaged.

    Args:
        frame: Runs; see :func:`summarise`.
        metric: Column to compare.

    Returns:
        The columns of :data:`CELL`, ``label``, ``baseline``, ``pairs`` (number of splits), ``difference``,
        ``difference_low`` and ``difference_high`` (confidence interval with the same correction as ``p_holm``: it
        contains 0 exactly if ``p_holm`` is not below :data:`LEVEL`), ``p``, ``wins`` (number of splits on which the
        label scores higher) and ``p_holm``. A label without a baseline has no row.
    """
    pd = require("pandas", extra="studies")

    pairs: list[tuple[tuple[Any, ...], list[float], list[float], float]] = []
    used = frame[[name for name in dict.fromkeys([*CELL, "split", *_MODEL, metric]) if name in frame]]
    cell: Any
    for cell, runs in used.dropna(subset=[metric]).astype({metric: float}).groupby(CELL, dropna=False, sort=True):
        dataset, scheme, *_ = cell
        ratio = split_ratio(dataset, None if pd.isna(scheme) else scheme)
        scores = runs.pivot_table(index="split", columns="label", values=metric, aggfunc="mean")
        by_label = dict(zip(scores.columns, scores.to_numpy().T, strict=True))
        for label, baseline in _baselines(runs).items():
            both = np.stack([by_label[label], by_label[baseline]])
            first, second = both[:, ~np.isnan(both).any(axis=0)].tolist()
            if first:
                pairs.append(((*cell, label, baseline), first, second, ratio))
    tests = compare_all([(first, second, ratio) for _, first, second, ratio in pairs])
    rows = [
        (*names, test.n, test.difference, test.low, test.high, test.p, test.wins)
        for (names, *_), test in zip(pairs, tests, strict=True)
    ]
    columns = ["label", "baseline", "pairs", "difference", "difference_low", "difference_high", "p", "wins"]
    table = pd.DataFrame(rows, columns=[*CELL, *columns])
    table["p_holm"] = holm(table["p"])
    return table


def _baselines(runs: "DataFrame") -> dict[str, str]:
    """Return the baseline of each label of a cell; labels without one are left out."""
    names = [name for name in _MODEL if name in runs]
    models = runs[names].drop_duplicates("label").sort_values("label")
    for name in {"backbone", "layers", "directed"} & set(names):
        models[name] = models[name].where(models[name].notna(), None)  # None equals None, but NaN not NaN
    known: list[dict[str, Any]] = models.to_dict("records")
    backbones = [row for row in known if row["method"] in METHODS and METHODS[row["method"]].kind == "backbone"]
    plain = [row for row in known if row["method"] == "plain"]
    baselines = {}
    for row in known:
        if row["method"] == "plain":
            continue
        others = plain
        if not any(row is other for other in backbones):
            own = [other for other in backbones if other["backbone"] == row["backbone"]]
            others = [other for other in own if other["method"] == "plain"] or own
        same = [other for other in others if all(other.get(name) == row.get(name) for name in ("layers", "directed"))]
        if same:
            baselines[row["label"]] = min(same, key=lambda other: other["label"] != "plain")["label"]
    return baselines
