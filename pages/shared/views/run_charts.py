"""Training curves of runs, with links to the rewired graphs that were used in training."""

from dataclasses import asdict

import pandas as pd
import streamlit as st

from pages.shared.frame.deferred_download import deferred_download
from pages.shared.frame.page import chart_config, theme
from pages.shared.runs import registry
from pages.shared.runs.registry import Run
from pages.shared.state.declarations import GRAPH_KEYS, SETTINGS
from pages.shared.state.link import read_link
from pages.shared.state.snapshot import Snapshot
from pages.shared.views.run_styles import metric_of, run_labels, run_styles
from torque_core.figures import TrainingCurve, training_curves_figure
from torque_core.io.graph_formats import spreadsheet_csv

__all__ = ["draw_training_curves"]


def draw_training_curves(all_runs: list[Run], displayed: list[Run]) -> None:
    """Draw the score and the loss of all displayed models by epoch."""
    labels, styles = run_labels(all_runs), run_styles(all_runs)
    curves = [
        TrainingCurve(
            labels[run.id, name], styles[run.id, name], list(model.epochs), list(model.refreshes), (run.id, name)
        )
        for run in displayed
        for name, model in run.models.items()
    ]
    epochs = max((run.record.spec.epochs for run in displayed), default=10)
    metric, test = metric_of(displayed), st.session_state.testcurve == "yes"
    smoothing = st.slider(
        "Smoothing", 0.0, 0.95, st.session_state.smoothing, 0.05, key="smoothing", width=220, persist_state="session",
        help="Weight of the earlier epochs in a moving average of each line; 0 shows the values as they are.",
    )  # fmt: skip
    drawn = training_curves_figure(curves, theme(), metric=metric, epochs=epochs, test=test, smoothing=smoothing)
    st.plotly_chart(
        drawn.figure, key="training_curves", alt=drawn.alt, config=chart_config(), on_select=_open_clicked,
        selection_mode="points",
    )  # fmt: skip
    st.caption(
        "Thick lines: validation; thin lines: training"
        + ("; with markers: **test**, which must not be used for any choice" if test else "")
        + ". ▼: the graph was rewired; click it to see that graph in Explore."
    )
    _draw_snapshot_choice(displayed, labels)
    deferred_download(
        st.container(), "Curves as CSV", lambda: _curves_csv(curves), "curves.csv", mime="text/csv",
        icon=":material/download:", help="Losses and scores of every epoch of the runs that are shown.",
    )  # fmt: skip


def _curves_csv(curves: list[TrainingCurve]) -> str:
    """Losses and scores, one row for each model and epoch; scores are in [0, 1]."""
    return spreadsheet_csv(
        pd.DataFrame([{"model": curve.name, **asdict(epoch)} for curve in curves for epoch in curve.epochs])
    )


def _draw_snapshot_choice(displayed: list[Run], labels: dict[tuple[str, str], str]) -> None:
    """Draw a list of the snapshots, for readers who cannot click in the chart."""
    snapshots = [
        snapshot
        for run in displayed
        for name, model in run.models.items()
        for epoch in list(model.refreshes)
        if registry.rewiring_at(snapshot := Snapshot(run.id, name, epoch))
    ]
    if not snapshots:
        return
    row = st.container(horizontal=True, vertical_alignment="bottom")
    snapshot = row.selectbox(
        "Rewired graph of a training",
        snapshots,
        format_func=lambda snapshot: f"{labels[snapshot.run, snapshot.method]}, from epoch {snapshot.epoch} on",
        key="moment_choice",
        width=340,
        help="The graphs that a model used from an epoch on. The server keeps the most recent ones.",
    )
    row.button("Show it in Explore", icon=":material/hub:", on_click=_open, args=(snapshot,), disabled=snapshot is None)


def _open_clicked() -> None:
    """Open the snapshot whose marker was clicked."""
    for point in st.session_state.training_curves.selection.points:
        if data := point.get("customdata"):
            _open(Snapshot(str(data[0]), str(data[1]), int(data[2])))


def _open(snapshot: Snapshot) -> None:
    """Open Explore with the graph settings of the run and the rewiring of the snapshot."""
    run = registry.find(snapshot.run)
    if run is not None:
        values = read_link(run.record.link)[0]
        st.session_state.update({key: values.get(key, SETTINGS[key].default) for key in GRAPH_KEYS})
        st.session_state.update(snapshot=str(snapshot), threshold="", goto="explore")
