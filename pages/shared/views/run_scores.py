"""The table of test scores of runs, and what rewiring changed."""

import math

import pandas as pd
import streamlit as st
from torch import Tensor

from pages.shared.frame.page import percent
from pages.shared.runs.registry import Run
from pages.shared.views.run_styles import differing_settings, metric_of, run_labels
from torque_core.experiments import METHODS
from torque_core.io.graph_formats import escape_formulas

__all__ = ["draw_test_scores"]

_ERROR = "± (binomial standard error)"


def draw_test_scores(all_runs: list[Run], displayed: list[Run]) -> None:
    """Draw the test scores, which are read once at the end of a training, and the number of edges changed."""
    labels, metric = run_labels(all_runs), metric_of(displayed)
    outcomes = [
        (run, name, model.outcome)
        for run in displayed
        for name, model in run.models.items()
        if model.outcome is not None
    ]
    if not outcomes:
        return
    newest = outcomes[-1][0]
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
            "model": [labels[run.id, name] for run, name, _ in outcomes],
            **{
                setting: [values[run.id] for run, _, _ in outcomes]
                for setting, values in differing_settings(displayed).items()
            },
            f"test {metric} (%)": [_percent(outcome.test) for _, _, outcome in outcomes],
            _ERROR: [_standard_error(run, outcome.test, outcome.confusion) for run, _, outcome in outcomes],
            f"validation {metric} (%)": [_percent(outcome.validation) for _, _, outcome in outcomes],
            "run time (s)": [run.seconds for run, _, _ in outcomes],
            "best epoch": [outcome.best_epoch for _, _, outcome in outcomes],
            "ECE (%)": [
                None if outcome.calibration is None else 100 * outcome.calibration.error for _, _, outcome in outcomes
            ],
            "edges pruned, by layer": [
                " / ".join(f"{pruned:,}" for pruned, _ in outcome.changes) for _, _, outcome in outcomes
            ],
            "edges added, by layer": [
                " / ".join(f"{added:,}" for _, added in outcome.changes) for _, _, outcome in outcomes
            ],
        }
    )
    number = st.column_config.NumberColumn
    st.dataframe(
        escape_formulas(table), hide_index=True, placeholder="–",
        column_config={
            f"test {metric} (%)": number(format="%.1f"),
            _ERROR: number(format="%.1f", help="Standard error of a proportion of that many test nodes, in points."),
            f"validation {metric} (%)": number(format="%.1f"),
            "run time (s)": number(format="%.0f", help="Of all models of the run together, without pauses."),
            "best epoch": number(help="The epoch with the best validation score, whose weights are tested."),
            "ECE (%)": number(format="%.1f", help="Expected calibration error: mean |confidence - accuracy|."),
        },
    )  # fmt: skip
    st.caption(
        "One split and one seed: a difference of a few points may be due to chance. Each model was tested once, with "
        "the weights of its best validation epoch. See the page **Evidence** for means over several splits."
    )


def _percent(fraction: float | None) -> float | None:
    return None if fraction is None else 100 * fraction


def _standard_error(run: Run, accuracy: float | None, confusion: Tensor | None) -> float | None:
    """Binomial standard error of an accuracy, in points (Agresti and Coull, 1998)."""
    if accuracy is None or confusion is None or run.record.spec.metric != "accuracy":
        return None
    nodes = int(confusion.sum()) + 4
    center = (accuracy * (nodes - 4) + 2) / nodes
    return 100 * math.sqrt(center * (1 - center) / nodes)
