"""The stored results at the end of the lesson: accuracy on Cora under four kinds of noise."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from pages.shared.core.stored_results import stored_results, stored_studies, study_evidence
from pages.shared.lesson.catalog import STEPS
from torque_core.experiments.report.tables import noise_name

__all__ = ["LessonResults", "in_percent", "lesson_results", "results_controls"]


@dataclass(frozen=True)
class LessonResults:
    """Stored results for the chosen kind of noise.

    Attributes:
        kinds: Available kinds of noise.
        groups: All methods of the study with their groups, in order.
        cells: Mean scores of the methods in the lesson, one row per method and level.
        levels: Noise levels in percent, as in the URL.
    """

    kinds: list[str]
    groups: dict[str, str]
    cells: pd.DataFrame
    levels: list[str]

    def row(self, method: str) -> pd.Series:
        """The scores of a method at the chosen noise level."""
        here = self.cells[self.cells["rate"].map(in_percent) == st.session_state.level]
        return here.set_index("label").loc[method]


def lesson_results() -> LessonResults | None:
    """Results for the chosen noise, or for the first kind if it is unavailable; None if the study is not stored."""
    stored, initial, state = stored_results(), STEPS["accuracy"].settings, st.session_state
    if initial["study"] not in stored_studies(stored):
        return None
    study = study_evidence(stored, str(initial["study"]))
    tables = {one.table.noise_kind: one.cells for one in study.tables if one.metric == "test"}
    if state.disturbance not in tables:
        state.disturbance = next(iter(tables))
    cells = tables[state.disturbance]
    cells = cells[(cells["place"] == initial["place"]) & cells["label"].isin(initial["methods"])]
    levels = [in_percent(rate) for rate in sorted(cells["rate"].unique())]
    if state.level not in levels:
        state.level = levels[-1]
    return LessonResults(list(tables), study.groups, cells, levels)


def results_controls() -> None:
    """Draw the controls for the kind and level of noise."""
    results = lesson_results()
    if results is None:
        st.info("The stored results do not contain this study.", icon=":material/info:")
        return
    st.selectbox(
        "Noise", results.kinds, format_func=noise_name, key="disturbance", persist_state="session",
        help="How the graph was perturbed before training.",
    )  # fmt: skip
    st.segmented_control(
        "Noise level", results.levels, format_func="{} %".format, key="level", required=True, persist_state="session",
        help="Noise level of the numbers in the formula.",
    )  # fmt: skip


def in_percent(rate: float) -> str:
    """Format a noise level in percent, as the link has it.

    Example:
        >>> in_percent(0.5)
        '50'
    """
    return f"{100 * rate:g}"
