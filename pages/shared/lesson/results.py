"""The stored results that the lesson ends with: accuracy on Cora under four kinds of noise."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from pages.shared.core.stored_results import stored_results, stored_studies, study_evidence
from pages.shared.lesson.catalog import STEPS
from torque_core.experiments.report.tables import noise_name

__all__ = ["LessonResults", "lesson_results", "results_controls"]


@dataclass(frozen=True)
class LessonResults:
    """What is stored of the kind of noise that is looked at.

    Attributes:
        kinds: The kinds of noise that there are.
        groups: All methods of the study with their groups, in order.
        cells: Mean scores of some, one row for each method and level.
        levels: Of this kind of noise, in % as a link has them.
    """

    kinds: list[str]
    groups: dict[str, str]
    cells: pd.DataFrame
    levels: list[str]

    def row(self, method: str) -> pd.Series:
        """What is said of a method at the level that is looked at."""
        here = self.cells[self.cells["rate"].map(_in_percent) == st.session_state.level]
        return here.set_index("label").loc[method]


def lesson_results() -> LessonResults | None:
    """Of the noise that is set, or the first if there is no such; None if the store lacks the study."""
    stored, asked, state = stored_results(), STEPS["accuracy"].settings, st.session_state
    if asked["study"] not in stored_studies(stored):
        return None
    study = study_evidence(stored, str(asked["study"]))
    tables = {one.table.noise_kind: one.cells for one in study.tables if one.metric == "test"}
    if state.disturbance not in tables:
        state.disturbance = next(iter(tables))
    cells = tables[state.disturbance]
    cells = cells[(cells["place"] == asked["place"]) & cells["label"].isin(asked["methods"])]
    levels = [_in_percent(rate) for rate in sorted(cells["rate"].unique())]
    if state.level not in levels:
        state.level = levels[-1]
    return LessonResults(list(tables), study.groups, cells, levels)


def results_controls() -> None:
    """Which noise, and how much of it."""
    results = lesson_results()
    if results is None:
        st.info("The stored results lack this study.", icon=":material/info:")
        return
    st.selectbox(
        "Noise", results.kinds, format_func=noise_name, key="disturbance", persist_state="session",
        help="What disturbed the graph before training.",
    )  # fmt: skip
    st.segmented_control(
        "Noise level", results.levels, format_func="{} %".format, key="level", required=True, persist_state="session",
        help="Of the numbers in the formula.",
    )  # fmt: skip


def _in_percent(rate: float) -> str:
    return f"{100 * rate:g}"
