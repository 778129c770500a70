"""The first picture of the page Evidence: torque against the plain model on every graph, and the runs behind a cell."""

from typing import Any

import pandas as pd
import streamlit as st

from pages.shared.core.stored_results import ResultsFile, results_matrix, study_evidence
from pages.shared.frame.page import theme
from pages.shared.views.evidence_choices import format_percent
from torque_core.experiments.report.matrix import matrix_summary
from torque_core.experiments.studies.questions import question_of
from torque_core.figures.evidence_matrix import evidence_matrix_figure

__all__ = ["draw_matrix"]


def draw_matrix(stored: ResultsFile) -> None:
    """Draw the summary and the matrix; a click on a cell opens its runs and chooses its study below."""
    matrix = results_matrix(stored)
    if matrix.empty:
        return
    st.markdown("**Torque with default settings against the plain GCN, on every graph with stored runs**")
    st.markdown("\n".join(f"- {sentence}" for sentence in matrix_summary(matrix)))
    drawn = evidence_matrix_figure(matrix, theme())
    st.plotly_chart(
        drawn.figure, key="evidence_matrix", alt=drawn.alt, on_select=_choose_clicked, selection_mode="points",
        config={"displayModeBar": False},
    )  # fmt: skip
    st.caption(
        "Numbers: difference of the mean test score in points. Blue with ▲: significantly better; orange with ▼: "
        "significantly worse; grey without a mark: undecided. Intervals and p values have the same correction (Nadeau "
        f"and Bengio, then Holm over the study's table). {drawn.sampling_note} **Click a cell** to see its runs."
    )
    if (cell := st.session_state.pop("evidence_cell", None)) is not None and cell < len(matrix):
        _show_runs(stored, matrix.iloc[cell])


def _choose_clicked() -> None:
    """Open the cell that was clicked, and choose its study."""
    for point in st.session_state.evidence_matrix.selection.points:
        if (cell := point.get("customdata")) is not None:
            st.session_state.evidence_cell = int(cell[0] if isinstance(cell, list | tuple) else cell)


@st.dialog("The runs behind a cell", width="large")
def _show_runs(stored: ResultsFile, cell: pd.Series) -> None:
    points = {name: 100 * float(cell[name]) for name in ("difference", "low", "high")}
    interval = (
        f"95 % confidence interval {points['low']:+.1f} to {points['high']:+.1f}, corrected p = {cell['p']:.2g}; "
        if cell["low"] == cell["low"]
        else ""
    )
    st.markdown(
        f"**{cell['row']}, {cell['column']}**: {cell['label']} differs from {cell['baseline']} by "
        f"{points['difference']:+.1f} points ({interval}{cell['n']} splits): **{cell['verdict']}**.\n\n"
        f"Study: {question_of(cell['study'])}"
    )
    runs = _runs_of(stored, cell)
    score = st.column_config.NumberColumn(format="%.1f")
    st.dataframe(
        runs, hide_index=True, height="content", column_config=dict.fromkeys(runs.columns[1:], score), placeholder="–"
    )
    st.caption("Test scores in %, one row per split.")
    if st.button("See this study below", icon=":material/query_stats:", on_click=_choose_study, args=(cell,)):
        st.rerun()  # closes the dialog


def _choose_study(cell: Any) -> None:
    st.session_state.update(
        study=cell["study"], place=cell["place"], disturbance=cell["noise_kind"], level=format_percent(cell["rate"]),
        methods=(),
    )  # fmt: skip


def _runs_of(stored: ResultsFile, cell: Any) -> pd.DataFrame:
    """The test scores of the cell's methods in %, a row for each split."""
    tables = study_evidence(stored, cell["study"]).tables
    runs = next(table.table.runs for table in tables if table.table.name == cell["table"] and table.metric == "test")
    here = runs[(runs["place"] == cell["place"]) & (runs["scheme"] == cell["scheme"]) & (runs["rate"] == cell["rate"])]
    labels = [cell["baseline"], cell["label"], "mlp", cell["control_label"]]
    scores = here.pivot_table(index="split", columns="label", values="test", aggfunc="mean")
    scores = 100 * scores[[label for label in dict.fromkeys(labels) if label in scores]]
    scores.insert(2, "difference", scores[cell["label"]] - scores[cell["baseline"]])
    return scores.rename_axis(columns=None).reset_index()
