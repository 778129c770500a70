"""A point of a curve of robustness: the runs that it is the mean of, and ways to their graphs."""

from dataclasses import asdict

import pandas as pd
import streamlit as st

from pages.shared.core.robustness_data import RobustnessData
from pages.shared.frame.page import percent
from torque_core.experiments.report.tables import metric_name
from torque_core.experiments.robustness import DETECTION, Disturbed
from torque_core.methods.catalog import methods_for

__all__ = ["card"]


def card(here: Disturbed, found: RobustnessData, labels: list[str], level: float) -> None:
    """What a point is made of, and ways to its graph."""
    there = [label for label in labels if len(_at_point(found, label, level))]
    if not there:
        st.caption(f"No run of these lines at {100 * level:g} % yet.")
        return
    if st.session_state.get("point") not in there:
        st.session_state.point = next((label for label in there if label.startswith("torque")), there[0])
    label = st.selectbox("Point", there, key="point", persist_state="session",
                         help="A line of the figure, at the noise level of the sidebar.")  # fmt: skip
    scored = st.session_state.measure == "score"
    runs = _at_point(found, label, level).sort_values("split")
    cell = found.cells[(found.cells["label"] == label) & (found.cells["rate"] == level)].iloc[0]
    show = percent if scored else "{:.3f}".format
    interval = f"95 % interval {show(cell['low'])} to {show(cell['high'])}" if cell["n"] > 1 else "one run, no interval"
    st.metric(f"{label} at {100 * level:g} %, n = {cell['n']:.0f}", show(cell["mean"]), interval,
              delta_color="off", delta_arrow="off")  # fmt: skip
    values = runs["test"] * 100 if scored else runs["auroc"]
    name = f"test {metric_name(here.dataset)} (%)" if scored else "AUROC"
    table = pd.DataFrame({"split and seed": runs["split"].astype(int), name: values.astype(float),
                          "run": runs["here"].map({True: "here", False: "stored"})})  # fmt: skip
    st.dataframe(table, hide_index=True, height=210, column_config={
        name: st.column_config.NumberColumn(format="%.1f" if scored else "%.3f")
    })  # fmt: skip
    row = st.container(horizontal=True, vertical_alignment="bottom")
    split = int(row.selectbox("Split", sorted(set(table["split and seed"])), width=100))
    row.button("Its graph in Explore", icon=":material/hub:", on_click=_go, args=("explore", split, level, label))
    row.button("Train on it", icon=":material/model_training:", on_click=_go, args=("train", split, level, label))
    with st.expander("How these runs were made"):
        recipe = found.recipes.get(label) or found.recipes[DETECTION]
        st.json(asdict(recipe.at(here, level, split)))


def _at_point(found: RobustnessData, label: str, level: float) -> pd.DataFrame:
    """The runs of a line at a level."""
    runs = found.runs
    return runs[(runs["label"] == label) & (runs["rate"] == level)] if len(runs) else runs


def _go(page: str, split: int, level: float, label: str) -> None:
    """To the graph that a run saw."""
    models = ("plain", label if label in methods_for("train") and label != "plain" else "torque")
    st.session_state.update(split=split, seed=split, rate=round(100 * level), threshold="", snapshot="", goto=page)
    if page == "train":
        st.session_state.models = models
