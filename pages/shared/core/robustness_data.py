"""Runs over noise levels on one graph: those shipped with the app and those of this server, line by line."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from pages.shared.core.stored_results import ResultsFile
from torque_core import DATASETS
from torque_core.experiments import Store
from torque_core.experiments.report.tables import Table, detection_runs, evidence, labels_of, noise_name, study_tables
from torque_core.experiments.robustness import (
    SPLITS,
    Disturbed,
    Recipe,
    detection_recipes,
    levels,
    recipes,
    wanted,
)

__all__ = ["RobustnessData", "load_robustness_data", "stored_graphs"]


@dataclass(frozen=True)
class RobustnessData:
    """The data of the page Robustness.

    Attributes:
        recipes: How to run each line; one detection run gives all lines.
        splits: Number of splits that can be run.
        runs: A row for each run and line; the column ``here`` marks the runs of this server.
        table: The runs as a table; None if there are none.
        cells: Means, intervals and differences of the table; None if there are no runs.
        groups: Group of each line, in the order of the legend.
    """

    recipes: dict[str, Recipe]
    splits: int
    runs: pd.DataFrame
    table: Table | None
    cells: pd.DataFrame | None
    groups: dict[str, str]

    @property
    def local_points(self) -> set[tuple[str, float]]:
        """Labels and noise levels of the points that contain a run of this server."""
        if self.runs.empty:
            return set()
        return {(row.label, float(row.rate)) for row in self.runs[self.runs["here"]].itertuples()}

    def has_local_curves(self, labels: Collection[str]) -> bool:
        """Return True if each of these lines has runs of this server at two noise levels or more."""
        levels_of = Counter(label for label, _ in self.local_points)
        return bool(labels) and all(levels_of[label] > 1 for label in labels)


@st.cache_resource(max_entries=32, show_spinner=False)
def load_robustness_data(
    stored: ResultsFile, own: ResultsFile, disturbed: Disturbed, measure: str, level: float, *, own_only: bool = False
) -> RobustnessData:
    """Look up the runs of a graph.

    Args:
        stored: Results shipped with the app.
        own: Results of this server.
        disturbed: The graph and its noise.
        measure: ``score`` or ``detection``.
        level: A further noise level beside those that were run.
        own_only: Whether to leave out the runs shipped with the app.
    """
    scheme = next(one for one in DATASETS[disturbed.dataset].splits if one.name == disturbed.scheme)
    splits = min(SPLITS, scheme.count)
    kind, metric = ("training", "test") if measure == "score" else ("detection", "auroc")
    with Store(stored.path, read_only=True) as store:
        line_recipes = recipes(store, disturbed) if measure == "score" else detection_recipes(disturbed)
        rates = {*disturbed.rates, level} | levels(store.frame(), disturbed, kind)
        if own.written:
            with Store(own.path, read_only=True) as here:
                rates |= levels(here.frame(), disturbed, kind)
        experiments = wanted(line_recipes, disturbed, sorted(rates), splits)
        frames = [store.look_up({} if own_only else experiments).assign(here=False)]
    if own.written:
        with Store(own.path, read_only=True) as here:
            frames.append(here.look_up(experiments).assign(here=True))
    runs = pd.concat([frame for frame in frames if len(frame)] or frames[:1]).drop_duplicates(["label", "key"])
    if measure == "detection" and len(runs):
        where = runs[["key", "here"]]
        runs = detection_runs(runs).merge(where, on="key")
    elif len(runs):
        runs = runs.dropna(subset=["test"])
    tables = study_tables(runs, metric) if len(runs) else []
    table = next((one for one in tables if one.noise_kind == disturbed.noise_kind), tables[0] if tables else None)
    groups = labels_of(table.runs) if table else {}
    return RobustnessData(line_recipes, splits, runs, table, evidence(table, metric) if table else None, groups)


@st.cache_resource(max_entries=4, show_spinner=False)
def stored_graphs(stored: ResultsFile) -> dict[Disturbed, str]:
    """Return the graphs of the shipped results that were run at several noise levels, with their titles."""
    with Store(stored.path, read_only=True) as store:
        frame = store.frame()
    if "noise_kind" not in frame:
        return {}
    rows = frame[
        (frame["kind"] == "training") & (frame["noise_kind"] != "none") & frame["dataset"].isin(list(DATASETS))
    ]
    levels_of = rows.groupby(["dataset", "scheme", "noise_kind"], sort=True)["rate"].nunique()
    graphs = [Disturbed(*where) for where, count in levels_of.items() if count > 1]
    return {
        graph: f"{DATASETS[graph.dataset].title} ({graph.scheme}), {noise_name(graph.noise_kind)}" for graph in graphs
    }
