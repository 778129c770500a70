"""Statistics of studies: means over splits, paired differences, confidence intervals and corrected p values."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import stdtrit

from torque_core.datasets import DATASETS
from torque_core.errors import BadConfig
from torque_core.experiments.answers import node_variance, unpack_answers
from torque_core.experiments.paired_test import LEVEL, Paired, compare_all, holm
from torque_core.methods.catalog import METHODS
from torque_core.utils.optional import require

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["CELL", "significance", "split_ratio", "summarise"]

CELL = ["dataset", "scheme", "noise_kind", "rate"]
"""Columns that identify a cell: runs are compared within the same data set, split scheme, noise kind and level."""
_MODEL = ["label", "method", "backbone", "layers", "directed"]  # what decides on the baseline of a run
_ANSWERS = "answers"  # column of the answers to each node, see torque_core.experiments.answers
_TEST_FRACTIONS = {"public": 1.0, "geom-gcn": 0.2, "own": 0.25}  # of the schemes that are distributed as files


def split_ratio(dataset: str, scheme: str | None) -> float:
    """Return the ratio of test nodes to all others, for :func:`~torque_core.experiments.paired_test.compare`.

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
        ``difference_low`` and ``difference_high`` (confidence interval with the same correction as ``p_holm``, within
        [-1, 1]: it contains 0 exactly if ``p_holm`` is not below
        :data:`~torque_core.experiments.paired_test.LEVEL`), ``p``, ``p_strict`` (of the corrected resampled t-test,
        with Holm's correction), ``wins`` (number of splits on which the label scores higher) and ``p_holm``. A label
        without a baseline has no row.
    """
    pd = require("pandas", extra="studies")

    names: list[tuple[Any, ...]] = []
    pairs: list[Paired] = []
    used = frame[[name for name in dict.fromkeys([*CELL, "split", *_MODEL, metric, _ANSWERS]) if name in frame]]
    for cell, runs in _runs_by_cell(used.dropna(subset=[metric]).astype({metric: float}), metric):
        dataset, scheme, *_ = cell
        ratio = split_ratio(dataset, None if pd.isna(scheme) else scheme)
        for label, baseline in _baselines(runs.models).items():
            first, second = runs.scores[label], runs.scores[baseline]
            splits = sorted(first.keys() & second.keys())
            if splits:
                error = _node_error(runs, label, baseline, splits) if metric == "test" else None
                names.append((*cell, label, baseline))
                pairs.append(Paired([first[at] for at in splits], [second[at] for at in splits], ratio, error))
    rows = [
        (*name, test.n, test.difference, *np.clip([test.low, test.high], -1, 1), test.p, test.p_strict, test.wins)
        for name, test in zip(names, compare_all(pairs), strict=True)
    ]
    columns = ["label", "baseline", "pairs", "difference", "difference_low", "difference_high", "p", "p_strict", "wins"]
    table = pd.DataFrame(rows, columns=[*CELL, *columns])
    return table.assign(p_holm=holm(table["p"]), p_strict=holm(table["p_strict"]))


@dataclass
class _CellRuns:
    """The runs of a cell as Python objects; a study has hundreds of small cells, in each of which pandas is slow.

    Attributes:
        models: The first run of each label, sorted by label: what decides on its baseline.
        scores: Mean score by label and split.
        answers: Stored answers of the runs by label and split.
    """

    models: list[dict[str, Any]] = field(default_factory=list)
    scores: dict[str, dict[Any, float]] = field(default_factory=dict)
    answers: dict[str, dict[Any, list[Any]]] = field(default_factory=dict)


def _runs_by_cell(runs: "DataFrame", metric: str) -> Iterator[tuple[tuple[Any, ...], _CellRuns]]:
    """Yield each cell and its runs, sorted by cell."""
    by_cell = runs.groupby(CELL, dropna=False, sort=True)
    number = by_cell.ngroup().rename("cell")
    cells = [_CellRuns() for _ in range(by_cell.ngroups)]
    means = runs.groupby([number, "label", "split"], sort=True)[metric].mean()
    for (at, label, split), mean in zip(means.index.tolist(), means.tolist(), strict=True):
        cells[at].scores.setdefault(label, {})[split] = mean
    models = runs[[name for name in _MODEL if name in runs]].assign(cell=number)
    models = models.drop_duplicates(["cell", "label"]).sort_values(["cell", "label"])
    for name in {"backbone", "layers", "directed"} & set(models):
        # None equals None, but NaN not NaN; runs that were stored before there were directions had none
        models[name] = models[name].astype(object).where(models[name].notna(), False if name == "directed" else None)
    for model in models.to_dict("records"):
        cells[model.pop("cell")].models.append(model)
    if _ANSWERS in runs:
        columns = (column.tolist() for column in (number, runs["label"], runs["split"], runs[_ANSWERS]))
        for at, label, split, text in zip(*columns, strict=True):
            cells[at].answers.setdefault(label, {}).setdefault(split, []).append(text)
    keys = runs[CELL].assign(cell=number).drop_duplicates("cell").sort_values("cell")[CELL]
    return zip(keys.itertuples(index=False, name=None), cells, strict=True)


def _node_error(runs: _CellRuns, label: str, baseline: str, splits: list[Any]) -> float | None:
    """Standard error of the mean difference of two labels that is due to the nodes; None if answers are not stored."""
    if not runs.answers or len(splits) < 2:
        return None
    answers = []
    for name in (label, baseline):
        texts = [runs.answers[name][split] for split in splits]
        if not all(isinstance(text, str) for of_split in texts for text in of_split):
            return None
        answers.append(np.stack([np.mean([unpack_answers(text) for text in of_split], axis=0) for of_split in texts]))
    variance = node_variance(*answers)
    tested = int((~np.isnan(answers[0])).any(axis=0).sum())
    return None if np.isnan(variance) else float(np.sqrt(variance / tested))


def _baselines(known: list[dict[str, Any]]) -> dict[str, str]:
    """Return the baseline of each label of a cell; labels without one are left out."""
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
