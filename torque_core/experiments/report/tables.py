"""The tables of a study: which runs belong into one, what stands in a cell, and the table as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from torque_core.datasets import DATASETS
from torque_core.experiments.statistics import CELL, significance, summarise
from torque_core.graph.noise import NOISE_KINDS
from torque_core.methods.catalog import METHODS
from torque_core.utils.optional import require

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = [
    "GROUPS",
    "LEVEL",
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
"""The groups of methods, in the order in which they are listed, and a title for each."""
LEVEL = 0.05
"""A corrected p value below this one is marked."""

_OTHER_KINDS = {"none": "Clean graphs", "attack": "Adaptive attack"}
_SQUASHING = {
    **{f"hop_{hop}": f"influence from hop {hop}, %" for hop in range(4)},
    "beyond": "from beyond, %",
    "own_class": "from its own class, %",
    "disconnected": "disconnected pairs, %",
    "resistance": "resistance of the others, ohm",
    "resistance_before": "and before rewiring, ohm",
}
_ON_TREES = {"fit": "training accuracy, %", "held_out": "accuracy on other trees, %", "epochs": "epochs"}
_FURTHER = ("pruned", "added", "seconds", "rewire_seconds", "ece", "homophily", "before", "flips")


@dataclass(frozen=True)
class Table:
    """Runs that are looked at together.

    Attributes:
        name: For files, unique in a study.
        title: For a reader.
        noise_kind: What disturbed the graphs, ``none`` if nothing did.
        over_rate: Whether its columns are the noise levels of one data set; else they are data sets.
        runs: As of :meth:`~torque_core.experiments.results.store.Store.frame`, and ``place``, the title of the data
            set.
    """

    name: str
    title: str
    noise_kind: str
    over_rate: bool
    runs: "DataFrame"

    @property
    def places(self) -> list[str]:
        """The titles of its data sets, sorted."""
        return sorted(set(self.runs["place"]))


def study_tables(frame: "DataFrame", metric: str = "test") -> list[Table]:
    """Split the runs of a study into tables; runs without the metric are left out.

    A data set with several levels of a kind of noise has a table over the levels, in which its runs on the clean graph
    are level 0. Data sets with one level are columns of one table; there the clean graphs stand only if some data set
    has no noise at all.

    Args:
        frame: Runs; see :meth:`~torque_core.experiments.results.store.Store.frame`.
        metric: Which column is looked at.
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
    """Means of what runs without a comparison measured.

    Attributes:
        name: For files, unique in a study.
        title: For a reader.
        groups: The labels with their groups, see :func:`labels_of`.
        columns: For each column of the table, by its title, its ``label``, ``metric``, ``n``, ``mean`` and ``std``,
            and what tells the runs apart; what is said in % is a share there.
    """

    name: str
    title: str
    groups: dict[str, str]
    columns: "dict[str, DataFrame]"


def measure_tables(frame: "DataFrame") -> list[Measures]:
    """The tables of what is known of over-squashing, see :mod:`torque_core.experiments.kinds.squashing`.

    Trees have a table for each measure, with their depths as columns; a graph has one for each noise level, with the
    measures as columns.

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
            columns = {said: _means(rows, CELL, metric) for metric, said in _SQUASHING.items()}
            name = _file_name("squashing", place, kind, f"{100 * rate:g}")
            tables.append(Measures(name, f"{title}: influence by hop, and resistance", labels_of(rows), columns))
    return tables


def _means(rows: "DataFrame", apart: Sequence[str], metric: str) -> "DataFrame":
    """Number, mean and standard deviation of a metric for each label."""
    found = rows.assign(**{metric: rows[metric].astype(float)}).groupby([*apart, "label"], sort=True)[metric]
    return found.agg(n="count", mean="mean", std="std").reset_index().assign(metric=metric)


def noise_name(kind: str) -> str:
    """A kind of noise for a reader."""
    return _OTHER_KINDS.get(kind) or NOISE_KINDS.get(kind, kind)


def metric_name(dataset: str) -> str:
    """What is scored on a data set: accuracy or ROC AUC."""
    return "ROC AUC" if dataset in DATASETS and DATASETS[dataset].metric == "roc_auc" else "accuracy"


def labels_of(runs: "DataFrame") -> dict[str, str]:
    """The labels of runs with their groups: backbones, torque, peers, controls, each in the order of ``METHODS``."""
    known = runs.drop_duplicates("label").set_index("label")["method"].to_dict()
    of = {label: METHODS[method].kind if method in METHODS else "other" for label, method in known.items()}
    groups, methods = list(GROUPS), [*METHODS, *sorted(set(map(str, known.values())) - set(METHODS))]

    def place(label: str) -> tuple[int, int, bool, str]:
        method = str(known[label])
        return groups.index(of[label]), methods.index(method), label != method, label

    return {label: of[label] for label in sorted(known, key=place)}


def evidence(table: Table, metric: str = "test") -> "DataFrame":
    """All that a table says, a row for each label and cell.

    ``place``, the columns of :func:`~torque_core.experiments.statistics.summarise` and of
    :func:`~torque_core.experiments.statistics.significance`, ``mark`` (▲ significantly above the baseline after
    Holm's correction over the table, ▼ below, else empty), and the means of what the runs say of pruned and added
    shares, seconds, calibration error, homophily, and the score before an attack and its flips; what has a number a
    layer is the mean over the layers first.
    """
    keys = [*CELL, "label"]
    further = [name for name in _FURTHER if name in table.runs]
    numbers = table.runs[[*keys, "place"]].assign(**{name: table.runs[name].map(_number) for name in further})
    means = numbers.groupby(keys, sort=True).agg({"place": "first"} | dict.fromkeys(further, "mean")).reset_index()
    found = summarise(table.runs, metric).merge(significance(table.runs, metric), on=keys, how="left")
    found = found.merge(means, on=keys, how="left")
    sure = found["p_holm"] < LEVEL
    found["mark"] = np.select([sure & (found["difference"] > 0), sure & (found["difference"] < 0)], ["▲", "▼"], "")
    place = {label: at for at, label in enumerate(labels_of(table.runs))}
    order = found.assign(at=found["label"].map(place)).sort_values([*CELL, "at"]).index
    first = ["place", *CELL, "label", "n", "mean", "std", "mark"]
    return found.loc[order, [*first, *(name for name in found if name not in first)]].reset_index(drop=True)


def detection_runs(frame: "DataFrame") -> "DataFrame":
    """The runs that detect edges, a row for each score: its name is the ``label``, its AUROC in ``auroc``."""
    found = frame[frame["kind"] == "detection"]
    scores = [name for name in found if name.startswith("auroc_")]
    long = found.melt([*CELL, "kind", "split", "key"], scores, "label", "auroc").dropna(subset=["auroc"])
    return long.assign(label=long["label"].str.removeprefix("auroc_"), method=None, backbone=None)


def _placed(runs: "DataFrame") -> "DataFrame":
    """Runs with no gap in what tells their cells apart, and the title of their data set."""
    pd = require("pandas", extra="studies")

    given = zip(runs["dataset"], runs["scheme"], strict=True)
    schemes = [
        DATASETS[name].default_scheme if pd.isna(scheme) and name in DATASETS else scheme for name, scheme in given
    ]
    rate = runs["rate"].astype(float).fillna(0.0)
    kind = runs["noise_kind"].fillna(runs["kind"])  # an attack is a disturbance of its own
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
    """A number, or the mean of those of the layers."""
    if isinstance(value, Sequence):
        return float(np.mean(value)) if value else np.nan
    return np.nan if value is None else float(str(value))


def _file_name(*parts: str) -> str:
    kept = "".join(c if c.isalnum() else "-" for c in "-".join(parts).lower())
    return "-".join(part for part in kept.split("-") if part)
