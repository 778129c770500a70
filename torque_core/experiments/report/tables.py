"""Tables of a study: the runs of each table, and the statistics of its cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from torque_core.attacks.noise import NOISE_KINDS
from torque_core.datasets import DATASETS
from torque_core.experiments.paired_test import LEVEL
from torque_core.experiments.statistics import CELL, significance, summarise
from torque_core.methods.catalog import METHODS
from torque_core.utils.optional import require

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = [
    "GROUPS",
    "Measures",
    "Table",
    "detection_runs",
    "evidence",
    "labels_of",
    "measure_tables",
    "metric_name",
    "noise_name",
    "study_tables",
]

GROUPS = {"backbone": "Backbones", "rewiring": "Torque", "peer": "Peers", "control": "Controls", "other": "Others"}
"""Titles of the groups of methods, in the order of the tables."""
_OTHER_KINDS = {"none": "Clean graphs", "attack": "Adaptive attack"}
_SQUASHING = {
    **{f"hop_{hop}": f"influence from hop {hop}, %" for hop in range(4)},
    "beyond": "influence from beyond hop 3, %",
    "own_class": "influence from the same class, %",
    "disconnected": "disconnected pairs, %",
    "resistance": "resistance of connected pairs, ohm",
    "resistance_before": "resistance before rewiring, ohm",
}
_ON_TREES = {"fit": "training accuracy, %", "held_out": "test accuracy, %", "epochs": "epochs"}
_FURTHER = ("pruned", "added", "seconds", "rewire_seconds", "ece", "homophily", "before", "flips")


@dataclass(frozen=True)
class Table:
    """Runs that form one table.

    Attributes:
        name: Name for files, unique in a study.
        title: Title for readers.
        noise_kind: Kind of the noise; ``none`` for clean graphs.
        over_rate: Whether the columns are noise levels of one data set; otherwise they are data sets.
        runs: See :meth:`~torque_core.experiments.results.store.Store.frame`, with a column ``place``, the title of the
            data set.
    """

    name: str
    title: str
    noise_kind: str
    over_rate: bool
    runs: "DataFrame"

    @property
    def places(self) -> list[str]:
        """Titles of the data sets, sorted."""
        return sorted(set(self.runs["place"]))


def study_tables(frame: "DataFrame", metric: str = "test") -> list[Table]:
    """Split the runs of a study into tables; runs without the metric are left out.

    A data set with several levels of a kind of noise has a table over noise levels, with the clean graph as level 0.
    Data sets with one level are columns of one table; clean graphs are a table of this kind only if some data set has
    no noise at all.

    Args:
        frame: Runs; see :meth:`~torque_core.experiments.results.store.Store.frame`.
        metric: Column of the scores.
    """
    pd = require("pandas", extra="studies")

    if metric not in frame or not frame[metric].notna().any():
        return []
    runs = _placed(frame.dropna(subset=[metric]))
    tables, single, all_clean = [], [], False
    for place, rows in ((str(place), rows) for place, rows in runs.groupby("place", sort=True)):
        clean, noisy = (rows[(rows["noise_kind"] == "none") == is_clean] for is_clean in (True, False))
        all_clean |= noisy.empty
        for kind, disturbed in noisy.groupby("noise_kind", sort=True):
            both = pd.concat([clean, disturbed])
            if both["rate"].nunique() > 1:
                title = f"{place}: {noise_name(kind)}"
                tables.append(Table(_file_name(place, kind), title, kind, True, both))
            else:
                single.append(disturbed)
    if all_clean:
        single.insert(0, runs[runs["noise_kind"] == "none"])
    columns = []
    if single:
        for (kind, rate), rows in pd.concat(single).groupby(["noise_kind", "rate"], sort=False):
            title = noise_name(kind) + (f", {100 * rate:g} %" if rate else "")
            columns.append(Table(_file_name("data sets", kind, f"{100 * rate:g}"), title, kind, False, rows))
    return [*columns, *tables]


@dataclass(frozen=True)
class Measures:
    """A table of means without statistical comparison.

    Attributes:
        name: Name for files, unique in a study.
        title: Title for readers.
        groups: Group of each label, see :func:`labels_of`.
        columns: By title of the column: ``label``, ``metric``, ``n``, ``mean`` and ``std``, and the columns that
            identify the cell; percentages are fractions here.
    """

    name: str
    title: str
    groups: dict[str, str]
    columns: "dict[str, DataFrame]"


def measure_tables(frame: "DataFrame") -> list[Measures]:
    """Return the tables of over-squashing, see :mod:`torque_core.experiments.kinds.squashing`.

    Trees have a table for each measure, with depths as columns; a graph has a table for each noise level, with measures
    as columns.

    Args:
        frame: Runs; see :meth:`~torque_core.experiments.results.store.Store.frame`.
    """
    tables = []
    trees = frame[frame["kind"] == "squashing_trees"]
    if len(trees):
        trees = trees.assign(method=[name if name in METHODS else _implied_method(name) for name in trees["method"]])
        for metric, title in _ON_TREES.items():
            columns = {
                f"depth {depth:g}": _means(rows, ["depth"], metric) for depth, rows in trees.groupby("depth", sort=True)
            }
            name = _file_name("trees", metric)
            tables.append(Measures(name, f"Trees-NeighborsMatch: {title}", labels_of(trees), columns))
    graphs = frame[frame["kind"] == "squashing"]
    if len(graphs):
        cell: Any
        for cell, rows in _placed(graphs).groupby(["place", "rate", "noise_kind"], sort=True):
            place, rate, kind = cell
            title = f"{place}, {noise_name(kind)}" + (f", {100 * rate:g} %" if rate else "")
            columns = {header: _means(rows, CELL, metric) for metric, header in _SQUASHING.items()}
            name = _file_name("squashing", place, kind, f"{100 * rate:g}")
            tables.append(Measures(name, f"{title}: influence by hop, and resistance", labels_of(rows), columns))
    return tables


def _means(rows: "DataFrame", cell: Sequence[str], metric: str) -> "DataFrame":
    """Return number, mean and standard deviation of a metric for each label."""
    grouped = rows.assign(**{metric: rows[metric].astype(float)}).groupby([*cell, "label"], sort=True)[metric]
    return grouped.agg(n="count", mean="mean", std="std").reset_index().assign(metric=metric)


def noise_name(kind: str) -> str:
    """Return the title of a kind of noise."""
    return _OTHER_KINDS.get(kind) or (NOISE_KINDS[kind].title if kind in NOISE_KINDS else kind)


def metric_name(dataset: str) -> str:
    """Return the name of the metric of a data set: accuracy or ROC AUC."""
    return "ROC AUC" if dataset in DATASETS and DATASETS[dataset].metric == "roc_auc" else "accuracy"


def labels_of(runs: "DataFrame") -> dict[str, str]:
    """Return the group of each label: backbones, torque, peers, ablations, each in the order of the catalog."""
    method_of = runs.drop_duplicates("label").set_index("label")["method"].to_dict()
    group_of = {label: METHODS[method].kind if method in METHODS else "other" for label, method in method_of.items()}
    groups, methods = list(GROUPS), [*METHODS, *sorted(set(map(str, method_of.values())) - set(METHODS))]

    def position(label: str) -> tuple[int, int, bool, str]:
        method = str(method_of[label])
        return groups.index(group_of[label]), methods.index(method), label != method, label

    return {label: group_of[label] for label in sorted(method_of, key=position)}


def evidence(table: Table, metric: str = "test") -> "DataFrame":
    """Return the statistics of a table, with a row for each label and cell.

    The columns are ``place``, those of :func:`~torque_core.experiments.statistics.summarise` and
    :func:`~torque_core.experiments.statistics.significance`, ``mark`` (▲ significantly above the baseline after Holm's
    correction over the table, ▼ significantly below, otherwise empty), and the means of pruned and added fractions,
    durations, calibration error, homophily, and of an attack the score before it and the number of flips. Metrics with
    a value per layer are averaged over the layers first.
    """
    keys = [*CELL, "label"]
    further = [name for name in _FURTHER if name in table.runs]
    numbers = table.runs[[*keys, "place"]].assign(**{name: table.runs[name].map(_number) for name in further})
    means = numbers.groupby(keys, sort=True).agg({"place": "first"} | dict.fromkeys(further, "mean")).reset_index()
    cells = summarise(table.runs, metric).merge(significance(table.runs, metric), on=keys, how="left")
    cells = cells.merge(means, on=keys, how="left")
    significant, difference = cells["p_holm"] < LEVEL, cells["difference"]
    cells["mark"] = np.select([significant & (difference > 0), significant & (difference < 0)], ["▲", "▼"], "")
    position = {label: number for number, label in enumerate(labels_of(table.runs))}
    order = cells.assign(position=cells["label"].map(position)).sort_values([*CELL, "position"]).index
    first = ["place", *CELL, "label", "n", "mean", "std", "mark"]
    return cells.loc[order, [*first, *(name for name in cells if name not in first)]].reset_index(drop=True)


def detection_runs(frame: "DataFrame") -> "DataFrame":
    """Return the detection runs with a row for each score: its name as ``label``, its AUROC as ``auroc``."""
    runs = frame[frame["kind"] == "detection"]
    scores = [name for name in runs if name.startswith("auroc_")]
    long = runs.melt([*CELL, "kind", "split", "key"], scores, "label", "auroc").dropna(subset=["auroc"])
    return long.assign(label=long["label"].str.removeprefix("auroc_"), method=None, backbone=None)


def _placed(runs: "DataFrame") -> "DataFrame":
    """Fill missing values in the columns of the cell, and add the title of the data set."""
    pd = require("pandas", extra="studies")

    pairs = zip(runs["dataset"], runs["scheme"], strict=True)
    schemes = [
        DATASETS[name].default_scheme if pd.isna(scheme) and name in DATASETS else scheme for name, scheme in pairs
    ]
    rate = runs["rate"].astype(float).fillna(0.0)
    kind = runs["noise_kind"].fillna(runs["kind"])  # an attack counts as a kind of noise
    method = [
        _implied_method(label) if pd.isna(method) else method
        for label, method in zip(runs["label"], runs["method"], strict=True)
    ]
    placed = runs.assign(scheme=schemes, rate=rate, noise_kind=kind, method=method)
    several = placed["dataset"].map(placed.groupby("dataset")["scheme"].nunique()) > 1
    titles = [DATASETS[name].title if name in DATASETS else name for name in placed["dataset"]]
    named = zip(titles, schemes, several, strict=True)
    return placed.assign(place=[f"{title} ({scheme})" if many else title for title, scheme, many in named])


def _implied_method(label: str) -> str | None:
    """Return the method that a label implies where its runs name none: ``torque_adaptive`` is torque."""
    if label == "random":  # the score of edges
        return "ablation_random"
    return label if label in METHODS else "torque" if "torque" in label else None


def _number(value: object) -> float:
    """Return a number, or the mean over the layers."""
    if isinstance(value, Sequence):
        return float(np.mean(value)) if value else np.nan
    return np.nan if value is None else float(str(value))


def _file_name(*parts: str) -> str:
    kept = "".join(c if c.isalnum() else "-" for c in "-".join(parts).lower())
    return "-".join(part for part in kept.split("-") if part)
