"""Is one method better than another? Means over splits, paired differences, intervals and p values, corrected."""

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

__all__ = ["CELL", "Comparison", "compare", "holm", "significance", "split_ratio", "summarise"]

CELL = ["dataset", "scheme", "noise_kind", "rate"]
"""What two runs must share to be compared: the same graph, disturbed alike, split alike."""
CONFIDENCE = 0.95
"""Of every interval."""

_TEST_SHARES = {"public": 1.0, "geom-gcn": 0.2, "own": 0.25}  # of the schemes that come as files


@dataclass(frozen=True)
class Comparison:
    """One method minus another, over the splits that both were run on."""

    n: int
    """How many splits."""
    difference: float
    """Mean of the differences."""
    low: float
    """Lower end of its 95 % interval; NaN where there is no spread to estimate it from."""
    high: float
    """Upper end."""
    p: float
    """Two-sided, of no difference; NaN likewise."""
    wins: int
    """In how many splits the first is ahead."""


def compare(first: Sequence[float], second: Sequence[float], *, ratio: float) -> Comparison:
    """Compare two methods split by split with the corrected resampled t-test.

    Splits of one graph share test nodes, so their differences :math:`d_1, \\dots, d_n` are correlated and a plain
    paired t-test finds far too much. Nadeau and Bengio (Machine Learning 52, 2003) let the correlation be the share
    :math:`\\rho` of a test set that lies in another one too, and correct the variance of the mean by it:

    .. math::
        t = \\bar{d} \\Big/ \\sqrt{\\left(\\tfrac{1}{n} + \\tfrac{\\rho}{1 - \\rho}\\right) s_d^2},
        \\qquad n - 1 \\text{ degrees of freedom.}

    Wilcoxon's signed-rank test has no such correction, and its least p value on ten splits, 0.002, does not survive
    Holm's correction of more than 25 comparisons.

    Args:
        first: Scores of one method, a number a split.
        second: Scores of the other on the same splits.
        ratio: :math:`\\rho / (1 - \\rho)`, see :func:`split_ratio`; 0 is the plain paired t-test.

    Raises:
        BadConfig: The two have not one length, or none.

    Example:
        >>> compare([0.8, 0.9, 0.7], [0.7, 0.7, 0.7], ratio=0.0)
        Comparison(n=3, difference=0.1..., low=-0.14..., high=0.34..., p=0.22..., wins=2)
    """
    if len(first) != len(second) or not len(first):
        raise BadConfig(f"paired scores need one length of at least 1, got {len(first)} and {len(second)}")
    d = np.asarray(first, dtype=float) - np.asarray(second, dtype=float)
    n, mean, wins = len(d), float(d.mean()), int((d > 0).sum())
    if n == 1:
        return Comparison(1, mean, np.nan, np.nan, np.nan, wins)
    error = float(np.sqrt((1 / n + ratio) * d.var(ddof=1)))
    if error == 0:  # a few coarse scores can differ by the same amount everywhere: no spread to judge it by
        low, high, p = (0.0, 0.0, 1.0) if mean == 0 else (np.nan, np.nan, np.nan)
        return Comparison(n, mean, low, high, p, wins)
    half = float(stdtrit(n - 1, (1 + CONFIDENCE) / 2)) * error
    return Comparison(n, mean, mean - half, mean + half, float(2 * stdtr(n - 1, -abs(mean) / error)), wins)


def split_ratio(dataset: str, scheme: str | None) -> float:
    """Test nodes over all others: what corrects the comparison of methods over splits of a scheme.

    Two random splits share of their test nodes the share :math:`\\rho` that is for testing, so :math:`\\rho/(1-\\rho)`
    is test over training *and validation* nodes: a model learns from both, as the latter choose its epoch and options.

    Example:
        >>> split_ratio("texas", "geom-gcn"), round(split_ratio("cora", "random-10-10-80"), 6)
        (0.25, 4.0)
    """
    if dataset not in DATASETS:
        raise BadConfig(f"unknown data set {dataset!r}; this store is of another version of the package")
    schemes = {known.name: known for known in DATASETS[dataset].splits}
    name = scheme or DATASETS[dataset].default_scheme
    if name not in schemes:
        raise BadConfig(f"{dataset!r} has no split scheme {name!r}; choose from: {', '.join(schemes)}")
    fractions = schemes[name].fractions
    share = _TEST_SHARES[name] if fractions is None else fractions[2]
    return share / (1 - share) if share < 1 else np.inf


def holm(p: Sequence[float]) -> np.ndarray:
    """Holm's step-down correction (Scandinavian Journal of Statistics 6, 1979): the chance of one false claim stays.

    .. math::
        \\tilde{p}_{(k)} = \\max_{j \\le k} \\min\\{(m - j + 1)\\, p_{(j)}, 1\\}

    Args:
        p: p values; NaN stays NaN and does not count.

    Example:
        >>> holm([0.01, 0.04, 0.03]).round(6).tolist()
        [0.03, 0.06, 0.06]
    """
    values = np.asarray(p, dtype=float)
    corrected = np.full(len(values), np.nan)
    known = np.flatnonzero(~np.isnan(values))
    order = known[np.argsort(values[known], kind="stable")]
    steps = np.arange(len(order), 0, -1) * values[order]
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0) if len(order) else steps
    return corrected


def summarise(frame: "DataFrame", metric: str = "test") -> "DataFrame":
    """Number, mean, standard deviation, 95 % interval of the mean, and rank of every label in every cell.

    Args:
        frame: Runs, see :meth:`~torque_core.experiments.results.store.Store.frame`.
        metric: Of which column; runs without a number there do not count.

    Returns:
        The columns of :data:`CELL`, ``label``, ``n``, ``mean``, ``std`` (of the sample), ``low`` and ``high`` (a
        t interval of what runs on further splits of this graph would have as a mean), and ``rank`` (1: the highest).
    """
    rows = frame.dropna(subset=[metric]).astype({metric: float})
    grouped = rows.groupby([*CELL, "label"], dropna=False, sort=True)[metric]
    found = grouped.agg(n="count", mean="mean", std="std").reset_index()
    half = stdtrit((found["n"] - 1).clip(lower=1), (1 + CONFIDENCE) / 2) * found["std"] / np.sqrt(found["n"])
    found["low"], found["high"] = found["mean"] - half, found["mean"] + half
    found["rank"] = found.groupby(CELL, dropna=False)["mean"].rank(ascending=False, method="min").astype(int)
    return found


def significance(frame: "DataFrame", metric: str = "test") -> "DataFrame":
    """Every label against the plain backbone of its cell, on the splits that both have, with Holm's correction.

    A rewiring is compared with its own backbone of as many layers, another backbone with a ``plain`` one of as many.
    All comparisons of the frame are one family, so give all of a table and no less. Several seeds on a split count as
    their mean.

    Args:
        frame: Runs; see :func:`summarise`.
        metric: Of which column.

    Returns:
        The columns of :data:`CELL`, ``label``, ``baseline``, ``pairs`` (number of splits), ``difference``,
        ``difference_low``, ``difference_high``, ``p``, ``wins`` (splits in which the label is ahead) and ``p_holm``.
        Without a baseline there is no row.
    """
    pd = require("pandas", extra="studies")

    rows = []
    cell: Any
    for cell, runs in frame.dropna(subset=[metric]).astype({metric: float}).groupby(CELL, dropna=False, sort=True):
        dataset, scheme, *_ = cell
        ratio = split_ratio(dataset, None if pd.isna(scheme) else scheme)
        scores = runs.pivot_table(index="split", columns="label", values=metric, aggfunc="mean")
        for label, baseline in _baselines(runs).items():
            both = scores[[label, baseline]].dropna()
            if len(both):
                found = compare(both[label], both[baseline], ratio=ratio)
                rows.append(
                    (*cell, label, baseline, found.n, found.difference, found.low, found.high, found.p, found.wins),
                )
    names = ["label", "baseline", "pairs", "difference", "difference_low", "difference_high", "p", "wins"]
    table = pd.DataFrame(rows, columns=[*CELL, *names])
    table["p_holm"] = holm(table["p"])
    return table


def _baselines(runs: "DataFrame") -> dict[str, str]:
    """What each label of a cell is compared with; one that has nothing to be compared with is left out."""
    known = runs.drop_duplicates("label").sort_values("label")
    backbones = known[[method in METHODS and METHODS[method].kind == "backbone" for method in known["method"]]]
    plain = known[known["method"] == "plain"]
    found = {}
    row: Any
    for row in known.itertuples():
        if row.method == "plain":
            continue
        others = plain
        if row.label not in set(backbones["label"]):
            own = backbones[backbones["backbone"] == row.backbone]
            others = own[own["method"] == "plain"] if (own["method"] == "plain").any() else own
        if "layers" in known:
            others = others[others["layers"] == row.layers]
        if len(others):
            found[row.label] = others["label"].iloc[0]
    return found
