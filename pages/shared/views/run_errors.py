"""Calibration and confusion of the models of runs."""

import streamlit as st

from pages.shared.frame.page import chart_config, theme
from pages.shared.runs.record import Outcome
from pages.shared.runs.registry import Run
from pages.shared.views.run_styles import class_names, run_labels, run_styles
from torque_core.figures import confusion_figure, reliability_figure
from torque_core.figures.described_figure import DescribedFigure

__all__ = ["calibration_figure", "draw_errors"]


def draw_errors(all_runs: list[Run], displayed: list[Run]) -> None:
    """Draw the calibration of all finished models and the confusion matrix of one."""
    labels, outcomes, drawn = _labels(all_runs), _outcomes(displayed), calibration_figure(all_runs, displayed)
    if drawn is None:
        return
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown(
            "**Is the confidence justified?** On the dotted diagonal, confidence equals accuracy; below it, the model "
            "is overconfident.",
            help="Test nodes grouped by the confidence of their prediction; larger markers, more nodes. ECE, the "
            "expected calibration error, is the mean distance from the diagonal.",
        )
        st.plotly_chart(drawn.figure, key="reliability", alt=drawn.alt, config=chart_config())
    with right:
        st.markdown("**Which classes are confused?** Each row is a true class; its cells are the predicted classes.")
        keys = sorted(outcomes, key=lambda key: key[1] != "torque")
        key = st.selectbox("Confusion matrix of", keys, format_func=labels.__getitem__, key="confusion_of")
        drawn = confusion_figure(outcomes[key].confusion, theme(), names=class_names(key[0], displayed))
        st.plotly_chart(drawn.figure, key="confusion", alt=drawn.alt, config=chart_config())


def calibration_figure(all_runs: list[Run], displayed: list[Run]) -> DescribedFigure | None:
    """The reliability diagram of all finished models; None if there are none."""
    labels, styles, outcomes = _labels(all_runs), run_styles(all_runs), _outcomes(displayed)
    if not outcomes:
        return None
    return reliability_figure(
        {labels[key]: outcome.calibration for key, outcome in outcomes.items()},
        {labels[key]: styles[key] for key in outcomes},
        theme(),
    )


def _labels(all_runs: list[Run]) -> dict[tuple[str, str], str]:
    repeated = {run.id for run in all_runs if len(run.record.seeds) > 1}
    return {key: f"{label}, first seed" if key[0] in repeated else label for key, label in run_labels(all_runs).items()}


def _outcomes(displayed: list[Run]) -> dict[tuple[str, str], Outcome]:
    """Outcomes of the first seed of each model that was tested."""
    return {
        (run.id, name): model.outcome
        for run in displayed
        for name, model in run.models.items()
        if model.outcome and model.outcome.confusion is not None
    }
