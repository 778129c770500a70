"""What is known of a graph's robustness: the runs that came with the app and those of this server, line by line."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from pages.shared.core.stored_results import ResultsFile
from torque_core import DATASETS
from torque_core.experiments import Store
from torque_core.experiments.report.tables import Table, detection_runs, evidence, labels_of, noise_name, study_tables
from torque_core.experiments.robustness import (
    RATES,
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
    """What the page draws from.

    Attributes:
        recipes: How the runs of each line are made; of detection one makes all lines.
        splits: So many can be run.
        runs: A row for each run and line; ``here`` tells those of this server.
        table: The runs as a table; None if there are none.
        cells: Means, intervals and differences of the table; None likewise.
        groups: The lines with their groups, in the order of the legend.
    """

    recipes: dict[str, Recipe]
    splits: int
    runs: pd.DataFrame
    table: Table | None
    cells: pd.DataFrame | None
    groups: dict[str, str]

    @property
    def local_points(self) -> set[tuple[str, float]]:
        """Labels and levels of the points in which a run of this server is."""
        if self.runs.empty:
            return set()
        return {(row.label, float(row.rate)) for row in self.runs[self.runs["here"]].itertuples()}


@st.cache_resource(max_entries=32, show_spinner=False)
def load_robustness_data(
    stored: ResultsFile, own: ResultsFile, disturbed: Disturbed, measure: str, level: float
) -> RobustnessData:
    """Look up all runs of a graph.

    Args:
        stored: The results that came with the app.
        own: Those of this server.
        disturbed: The graph and its noise.
        measure: ``score`` or ``detection``.
        level: A noise level that is asked for beside those that were run.
    """
    scheme = next(one for one in DATASETS[disturbed.dataset].splits if one.name == disturbed.scheme)
    splits = min(SPLITS, scheme.count)
    kind, metric = ("training", "test") if measure == "score" else ("detection", "auroc")
    with Store(stored.path, read_only=True) as store:
        found = recipes(store, disturbed) if measure == "score" else detection_recipes(disturbed)
        rates = {*RATES, level} | levels(store.frame(), disturbed, kind)
        if own.written:
            with Store(own.path, read_only=True) as here:
                rates |= levels(here.frame(), disturbed, kind)
        asked = wanted(found, disturbed, sorted(rates), splits)
        frames = [store.look_up(asked).assign(here=False)]
    if own.written:
        with Store(own.path, read_only=True) as here:
            frames.append(here.look_up(asked).assign(here=True))
    runs = pd.concat([frame for frame in frames if len(frame)] or frames[:1]).drop_duplicates(["label", "key"])
    if measure == "detection" and len(runs):
        where = runs[["key", "here"]]
        runs = detection_runs(runs).merge(where, on="key")
    elif len(runs):
        runs = runs.dropna(subset=["test"])
    tables = study_tables(runs, metric) if len(runs) else []
    table = next((one for one in tables if one.noise_kind == disturbed.noise_kind), tables[0] if tables else None)
    groups = labels_of(table.runs) if table else {}
    return RobustnessData(found, splits, runs, table, evidence(table, metric) if table else None, groups)


@st.cache_resource(max_entries=4, show_spinner=False)
def stored_graphs(stored: ResultsFile) -> dict[Disturbed, str]:
    """The graphs with noise at several levels that results came with, and a title for each."""
    with Store(stored.path, read_only=True) as store:
        frame = store.frame()
    if "noise_kind" not in frame:
        return {}
    rows = frame[
        (frame["kind"] == "training") & (frame["noise_kind"] != "none") & frame["dataset"].isin(list(DATASETS))
    ]
    several = rows.groupby(["dataset", "scheme", "noise_kind"], sort=True)["rate"].nunique()
    graphs = [Disturbed(*where) for where, count in several.items() if count > 1]
    return {
        graph: f"{DATASETS[graph.dataset].title} ({graph.scheme}), {noise_name(graph.noise_kind)}" for graph in graphs
    }
