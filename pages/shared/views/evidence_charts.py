"""The charts of the page Evidence: scores of the methods, and their mean training curves."""

import pandas as pd
import streamlit as st

from pages.shared.core.stored_results import EvidenceTable, ResultsFile, run_curves
from pages.shared.frame.page import chart_config, theme
from torque_core.experiments.report.tables import metric_name
from torque_core.figures.accuracy_dot_plot import accuracy_dot_plot
from torque_core.figures.mean_training_curves import mean_training_curves
from torque_core.figures.over_noise import accuracy_over_noise, detection_over_noise
from torque_core.figures.styles import Style

__all__ = ["draw_curves", "draw_scores"]


def draw_scores(evidence: EvidenceTable, cells: pd.DataFrame, styles: dict[str, Style], place: str) -> None:
    """Draw the scores against the noise level if there are several levels, or else as a dot plot."""
    metric = metric_name(cells["dataset"].iloc[0])
    title = f"test {metric} (%)"
    table = evidence.table
    if evidence.metric == "auroc":
        st.markdown("**Detection of the injected edges**")
        figure = detection_over_noise(cells, styles, theme(), noise_kind=table.noise_kind)
        content = "AUROC of edge scores"
    elif table.over_rate:
        st.markdown(f"**Test {metric} against the noise level**")
        figure = accuracy_over_noise(cells, styles, theme(), title=title, noise_kind=table.noise_kind)
        content = f"Mean test {metric}"
    else:
        st.markdown(f"**Test {metric} by method**")
        baseline = next(iter(cells["baseline"].dropna()), None)
        figure = accuracy_dot_plot(cells, styles, theme(), baseline=baseline, title=title)
        content = f"Mean test {metric}"
    alt = f"{content} on {place} of {', '.join(styles)}, with 95 % confidence intervals."
    st.plotly_chart(figure, key="evidence_figure", alt=alt, config=chart_config())
    caption = ("Bands" if table.over_rate else "Whiskers") + ": 95 % confidence interval of the mean over splits."
    if evidence.metric == "test":
        caption += (
            " The significance test compares methods split by split, so a difference can be significant even where "
            "these intervals overlap; see p in the table."
        )
    st.caption(caption)


def draw_curves(stored: ResultsFile, runs: pd.DataFrame, styles: dict[str, Style], metric: str) -> None:
    """Draw the mean training curves of the chosen methods."""
    st.markdown("**Training curves**")
    curves = {label: run_curves(stored, tuple(runs.loc[runs["label"] == label, "key"])) for label in styles}
    curves = {label: kept for label, kept in curves.items() if any(kept)}
    if not curves:
        st.info("The training curves of these runs are not stored.", icon=":material/info:")
        return
    quantity = st.segmented_control(
        "Curves", ["score", "loss"], format_func={"score": metric, "loss": "training loss"}.__getitem__, key="curve",
        label_visibility="collapsed", required=True, persist_state="session",
    )  # fmt: skip
    title = "cross-entropy loss (nats)" if quantity == "loss" else f"{metric} (%)"
    figure = mean_training_curves(curves, styles, quantity=quantity, title=title)
    alt = f"Mean {title} by epoch of {', '.join(curves)}, with bands of one standard deviation over splits."
    st.plotly_chart(figure, key="evidence_curves", alt=alt, config=chart_config())
    st.caption("Thick lines: validation, with a band of one standard deviation over splits. Thin lines: training."
               if quantity == "score" else "Mean over splits, with a band of one standard deviation.")  # fmt: skip
