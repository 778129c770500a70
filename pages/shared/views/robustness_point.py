"""A point of the robustness chart: its runs, with links to their graphs."""

from dataclasses import asdict

import pandas as pd
import streamlit as st

from pages.shared.core.robustness_data import RobustnessData
from pages.shared.frame.deferred_download import deferred_download
from pages.shared.frame.page import percent
from torque_core.experiments.report.tables import metric_name
from torque_core.experiments.robustness import DETECTION, Disturbed
from torque_core.io.snippet import experiment_script
from torque_core.io.spreadsheets import spreadsheet_csv
from torque_core.methods.catalog import methods_for

__all__ = ["draw_point"]


def draw_point(graph: Disturbed, data: RobustnessData, labels: list[str], level: float) -> None:
    """Draw the mean and the runs of the chosen point, with links to the graph of a run."""
    available = [label for label in labels if len(_at_point(data, label, level))]
    if not available:
        st.caption(f"These lines have no runs at {100 * level:g} % yet.")
        return
    if st.session_state.point not in available:
        st.session_state.point = next((label for label in available if label.startswith("torque")), available[0])
    label = st.selectbox(
        "Point", available, available.index(st.session_state.point), key="point", persist_state="session",
        help="A line of the chart, at the noise level of the sidebar.",
    )  # fmt: skip
    scored = st.session_state.measure == "score"
    runs = _at_point(data, label, level).sort_values("split")
    cell = data.cells[(data.cells["label"] == label) & (data.cells["rate"] == level)].iloc[0]
    format_score = percent if scored else "{:.3f}".format
    interval = (
        f"95 % interval {format_score(cell['low'])} to {format_score(cell['high'])}"
        if cell["n"] > 1
        else "one run, no interval"
    )
    st.metric(f"{label} at {100 * level:g} %, n = {cell['n']:.0f}", format_score(cell["mean"]), interval,
              delta_color="off", delta_arrow="off")  # fmt: skip
    values = runs["test"] * 100 if scored else runs["auroc"]
    name = f"test {metric_name(graph.dataset)} (%)" if scored else "AUROC"
    table = pd.DataFrame({"split and seed": runs["split"].astype(int), name: values.astype(float),
                          "run": runs["here"].map({True: "this server", False: "stored"})})  # fmt: skip
    column = st.column_config
    st.dataframe(table, hide_index=True, height=210, column_config={
        "split and seed": column.NumberColumn("Split", width=50, help="Also the seed of noise and weights."),
        name: column.NumberColumn("Score, %" if scored else "AUROC", width=75, format="%.1f" if scored else "%.3f",
                                  help=name),
        "run": column.TextColumn("Run", width=80),
    })  # fmt: skip
    row = st.container(horizontal=True, vertical_alignment="bottom")
    split = int(row.selectbox("Split", sorted(set(table["split and seed"])), width=100))
    row.button("Open in Explore", icon=":material/hub:", on_click=_open, args=("explore", split, level, label))
    row.button(
        "Train on this graph", icon=":material/model_training:", on_click=_open, args=("train", split, level, label)
    )
    with st.expander("Settings of these runs"):
        recipe = data.recipes.get(label) or data.recipes[DETECTION]
        experiment = recipe.at(graph, level, split)
        st.json(asdict(experiment))
        st.caption("**This run in Python**; it prints the numbers of the point:")
        st.code(experiment_script(experiment), language="python")
    deferred_download(
        st.container(), "Runs as CSV", lambda: spreadsheet_csv(runs), f"runs-{graph.dataset}.csv", mime="text/csv",
        icon=":material/download:", help="All runs of this point, with their settings and scores.",
    )  # fmt: skip


def _at_point(data: RobustnessData, label: str, level: float) -> pd.DataFrame:
    """The runs of a line at a noise level."""
    runs = data.runs
    return runs[(runs["label"] == label) & (runs["rate"] == level)] if len(runs) else runs


def _open(page: str, split: int, level: float, label: str) -> None:
    """Open a page with the graph of a run."""
    models = ("plain", label if label in methods_for("train") and label != "plain" else "torque")
    st.session_state.update(split=split, seed=split, rate=round(100 * level), threshold="", snapshot="", goto=page)
    if page == "train":
        st.session_state.models = models
