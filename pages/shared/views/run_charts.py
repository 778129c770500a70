"""Runs in figures: their curves, their scores, and what they mistake."""

import math
from collections.abc import Sequence

import pandas as pd
import streamlit as st
from torch import Tensor

from pages.shared.core import queries
from pages.shared.frame.page import chart_config, percent, theme
from pages.shared.runs import registry
from pages.shared.runs.registry import Run
from pages.shared.state.declarations import GRAPH_KEYS, SETTINGS
from pages.shared.state.link import read_link
from pages.shared.state.snapshot import Snapshot
from torque_core import DATASETS
from torque_core.datasets.info import USER_GRAPH
from torque_core.experiments import METHODS
from torque_core.figures import TrainingCurve, confusion_figure, reliability_figure, training_curves_figure
from torque_core.figures.styles import Style, method_styles
from torque_core.io.graph_formats import escape_formulas

__all__ = ["curves", "mistakes", "scores"]

_METRICS = {"accuracy": "accuracy", "roc_auc": "ROC AUC"}


def _labels(all_runs: list[Run]) -> dict[tuple[str, str], str]:
    """What each model of each run is called: by its run, too, if there are several."""
    several = len(all_runs) > 1
    return {
        (run.id, name): f"{run.record.name}: {METHODS[name].title}" if several else METHODS[name].title
        for run in all_runs
        for name in run.models
    }


def _styles(all_runs: list[Run]) -> dict[tuple[str, str], Style]:
    """How each is drawn, whichever of them are shown."""
    kinds = {f"{run.id} {name}": METHODS[name].kind for run in all_runs for name in run.models}
    found = method_styles(kinds, theme())
    return {(run.id, name): found[f"{run.id} {name}"] for run in all_runs for name in run.models}


def _metric_of(shown: list[Run]) -> str:
    """What is scored."""
    found = {_METRICS[run.record.spec.metric] for run in shown}
    return found.pop() if len(found) == 1 else "score"


def curves(all_runs: list[Run], shown: list[Run]) -> None:
    """Score and loss by epoch, of all models that are shown."""
    labels, styles = _labels(all_runs), _styles(all_runs)
    lines = [
        TrainingCurve(
            labels[run.id, name], styles[run.id, name], list(model.epochs), list(model.refreshes), (run.id, name)
        )
        for run in shown
        for name, model in run.models.items()
    ]
    epochs = max((run.record.spec.epochs for run in shown), default=10)
    metric, test = _metric_of(shown), st.session_state.testcurve == "yes"
    left, right = st.columns(2, gap="medium")
    drawn = training_curves_figure(lines, theme(), quantity="score", title=f"{metric} (%)", epochs=epochs, test=test)
    left.plotly_chart(
        drawn.figure, key="curve_score", alt=drawn.alt, config=chart_config(), on_select=_clicked,
        selection_mode="points",
    )  # fmt: skip
    drawn = training_curves_figure(
        lines, theme(), quantity="loss", title="cross-entropy loss (nats)", epochs=epochs, test=test
    )
    right.plotly_chart(drawn.figure, key="curve_loss", alt=drawn.alt, config=chart_config())
    st.caption(
        "Thick: validation, thin: training"
        + (", with marks: **test**, which must choose nothing" if test else "")
        + ". ▼: the graph was rewired; click it to see that graph in Explore."
    )
    _moments(shown, labels)


def _moments(shown: list[Run], labels: dict[tuple[str, str], str]) -> None:
    """The same for those who do not click into charts."""
    kept = [
        moment
        for run in shown
        for name, model in run.models.items()
        for epoch in list(model.refreshes)
        if registry.rewiring_at(moment := Snapshot(run.id, name, epoch))
    ]
    if not kept:
        return
    row = st.container(horizontal=True, vertical_alignment="bottom")
    moment = row.selectbox(
        "Graph of the training",
        kept,
        format_func=lambda moment: f"{labels[moment.run, moment.method]}, from epoch {moment.epoch} on",
        key="moment_choice",
        width=340,
        help="The graphs that a model had at a moment of its training; the server keeps the latest.",
    )
    row.button("Show it in Explore", icon=":material/hub:", on_click=_go_to, args=(moment,), disabled=moment is None)


def _clicked() -> None:
    """A mark was clicked: go to the graphs of that moment."""
    for point in st.session_state.curve_score.selection.points:
        if data := point.get("customdata"):
            _go_to(Snapshot(str(data[0]), str(data[1]), int(data[2])))


def _go_to(moment: Snapshot) -> None:
    run = registry.find(moment.run)
    if run is not None:
        values = read_link(run.record.link)[0]
        st.session_state.update({key: values.get(key, SETTINGS[key].default) for key in GRAPH_KEYS})
        st.session_state.update(snapshot=str(moment), threshold="", goto="explore")


def scores(all_runs: list[Run], shown: list[Run]) -> None:
    """The test scores, read once at the end, and what became of the graph."""
    labels, metric = _labels(all_runs), _metric_of(shown)
    ended = [
        (run, name, model.outcome) for run in shown for name, model in run.models.items() if model.outcome is not None
    ]
    if not ended:
        return
    newest = ended[-1][0]
    if all(name in newest.models and newest.models[name].outcome for name in ("plain", "torque")):
        plain, torque = (newest.models[name].outcome.test for name in ("plain", "torque"))
        row = st.container(horizontal=True)
        row.metric(f"Test {metric}, {METHODS['plain'].title}", percent(plain), width="content")
        gain = None if plain is None or torque is None else f"{100 * (torque - plain):+.1f} points"
        row.metric(
            f"Test {metric}, {METHODS['torque'].title}", percent(torque), gain, width="content",
            delta_arrow="off" if plain == torque else "auto", delta_color="off" if plain == torque else "normal",
        )  # fmt: skip
    table = pd.DataFrame(
        {
            "model": [labels[run.id, name] for run, name, _ in ended],
            f"test {metric} (%)": [_percent(end.test) for _, _, end in ended],
            "± by chance": [_spread(run, end.test, end.confusion) for run, _, end in ended],
            f"validation {metric} (%)": [_percent(end.validation) for _, _, end in ended],
            "best epoch": [end.best_epoch for _, _, end in ended],
            "ECE (%)": [None if end.calibration is None else 100 * end.calibration.error for _, _, end in ended],
            "edges pruned, by layer": [" / ".join(f"{pruned:,}" for pruned, _ in end.changes) for _, _, end in ended],
            "links added, by layer": [" / ".join(f"{added:,}" for _, added in end.changes) for _, _, end in ended],
        }
    )
    number = st.column_config.NumberColumn
    st.dataframe(
        escape_formulas(table), hide_index=True, placeholder="–",
        column_config={
            f"test {metric} (%)": number(format="%.1f"),
            "± by chance": number(format="%.1f", help="Standard error of a share of so many test nodes, in points."),
            f"validation {metric} (%)": number(format="%.1f"),
            "best epoch": number(help="Chosen by validation."),
            "ECE (%)": number(format="%.1f", help="Expected calibration error: by how much confidence misses."),
        },
    )  # fmt: skip
    st.caption(
        "One split and one seed: a difference of a few points can be luck. The test nodes were looked at once, with "
        "the weights of the best validation epoch. Means over splits stand on the page **Evidence**."
    )


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _spread(run: Run, share: float | None, confusion: Tensor | None) -> float | None:
    """The standard error of an accuracy by the number of test nodes, in points (Agresti and Coull, 1998)."""
    if share is None or confusion is None or run.record.spec.metric != "accuracy":
        return None
    nodes = int(confusion.sum()) + 4
    middle = (share * (nodes - 4) + 2) / nodes
    return 100 * math.sqrt(middle * (1 - middle) / nodes)


def mistakes(all_runs: list[Run], shown: list[Run]) -> None:
    """Calibration of all models that have ended, and the confusion matrix of one."""
    labels, styles = _labels(all_runs), _styles(all_runs)
    ended = {
        (run.id, name): model.outcome
        for run in shown
        for name, model in run.models.items()
        if model.outcome and model.outcome.confusion is not None
    }
    if not ended:
        return
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(
            "**Is it as sure as it is right?** On the dotted diagonal it is; below it, it is too sure.",
            help="Test nodes by the confidence of their prediction; larger marks, more nodes. ECE, the expected "
            "calibration error, is the mean distance from the diagonal.",
        )
        drawn = reliability_figure(
            {labels[key]: outcome.calibration for key, outcome in ended.items()},
            {labels[key]: styles[key] for key in ended},
            theme(),
        )
        st.plotly_chart(drawn.figure, key="reliability", alt=drawn.alt, config=chart_config())
    with right:
        st.markdown("**Which classes does it mistake?** Each row is a class, its cells what the model took it for.")
        keys = sorted(ended, key=lambda key: key[1] != "torque")
        key = st.selectbox("Confusion matrix of", keys, format_func=labels.__getitem__, key="confusion_of")
        drawn = confusion_figure(ended[key].confusion, theme(), names=_class_names(key[0], shown))
        st.plotly_chart(drawn.figure, key="confusion", alt=drawn.alt, config=chart_config())


def _class_names(run_id: str, shown: list[Run]) -> Sequence[str] | None:
    spec, own = next(run.settings.dataset for run in shown if run.id == run_id), queries.uploaded_graph()
    if spec.name != USER_GRAPH:
        return DATASETS[spec.name].class_names
    return own.info.class_names if own is not None and own.content == spec.content else None
