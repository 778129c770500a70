"""Training curves of runs, with links to the rewired graphs that were used in training."""

import streamlit as st

from pages.shared.frame.deferred_download import deferred_download
from pages.shared.frame.page import chart_config, theme
from pages.shared.runs import registry
from pages.shared.runs.registry import Run
from pages.shared.state.declarations import GRAPH_KEYS, SETTINGS
from pages.shared.state.link import read_link
from pages.shared.state.snapshot import Snapshot
from pages.shared.views.run_export import curves_table
from pages.shared.views.run_styles import metric_of, run_labels, run_styles
from torque_core.figures import Style, TrainingCurve, training_curves_figure
from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.epoch_statistics import mean_epochs
from torque_core.io.spreadsheets import spreadsheet_csv

__all__ = ["curves_figure", "draw_training_curves"]


def draw_training_curves(all_runs: list[Run], displayed: list[Run]) -> None:
    """Draw the score and the loss of all displayed models by epoch."""
    drawn = curves_figure(all_runs, displayed)
    st.plotly_chart(
        drawn.figure, key="training_curves", alt=drawn.alt, config=chart_config(), on_select=_open_clicked,
        selection_mode="points",
    )  # fmt: skip
    repeated = any(len(run.record.seeds) > 1 for run in displayed)
    st.caption(
        "Thick lines: validation; thin lines: training"
        + ("; with markers: **test**, which must not be used for any choice" if _shows_test() else "")
        + (". Bands: one standard deviation over the seeds" if repeated else "")
        + ". ▼: the graph was rewired; click it to see that graph in Explore."
    )
    st.slider(
        "Smoothing", 0.0, 0.95, st.session_state.smoothing, 0.05, key="smoothing", width=220, persist_state="session",
        help="Weight of the earlier epochs in a moving average of each line; 0 shows the values as they are.",
    )  # fmt: skip
    _draw_snapshot_choice(displayed, run_labels(all_runs))
    deferred_download(
        st.container(), "Curves as CSV", lambda: spreadsheet_csv(curves_table(displayed)), "curves.csv",
        mime="text/csv", icon=":material/download:",
        help="Losses and scores of every epoch and seed of the runs that are shown.",
    )  # fmt: skip


def curves_figure(all_runs: list[Run], displayed: list[Run]) -> DescribedFigure:
    """The figure of the scores and losses by epoch, with the smoothing and the test curves that the user has chosen."""
    labels, styles = run_labels(all_runs), run_styles(all_runs)
    curves = [_curve(run, name, labels[run.id, name], styles[run.id, name]) for run in displayed for name in run.models]
    epochs = max((run.record.spec.epochs for run in displayed), default=10)
    return training_curves_figure(
        curves, theme(), metric=metric_of(displayed), epochs=epochs, test=_shows_test(),
        smoothing=st.session_state.smoothing,
    )  # fmt: skip


def _shows_test() -> bool:
    return st.session_state.testcurve == "yes"


def _curve(run: Run, method: str, label: str, style: Style) -> TrainingCurve:
    """The history of a model, or its mean over several seeds; the rewirings are those of the first seed."""
    first, key = run.models[method], (run.id, method)
    if len(run.record.seeds) == 1:
        return TrainingCurve(label, style, list(first.epochs), list(first.refreshes), key)
    begun = [list(model.epochs) for model in run.record.of_seeds(method) if model.epochs]
    means, deviations = mean_epochs(begun)
    seeds = f"mean of {len(begun)} seeds" if len(begun) > 1 else "first seed"
    return TrainingCurve(f"{label}, {seeds}", style, means, list(first.refreshes), key, deviations)


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
