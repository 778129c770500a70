"""Evidence: the scores of every method in the stored runs, over several splits, with their uncertainty."""

import pandas as pd
import streamlit as st

from pages.shared.core.stored_results import EvidenceTable, stored_results, stored_studies, study_evidence
from pages.shared.frame.page import begin_page, hide_sidebar, show_errors, theme
from pages.shared.views.evidence_charts import draw_curves, draw_scores
from pages.shared.views.evidence_choices import choose, choose_methods, choose_table, format_percent
from pages.shared.views.evidence_ladder import draw_ladder
from pages.shared.views.evidence_matrix import draw_matrix
from pages.shared.views.evidence_table import draw_evidence_table
from torque_core.experiments.paired_test import LEVEL
from torque_core.experiments.report.tables import metric_name, noise_name
from torque_core.experiments.studies.questions import question_of
from torque_core.figures.styles import method_styles


def draw_summary(evidence: EvidenceTable, cells: pd.DataFrame, groups: dict[str, str], place: str) -> None:
    """Draw a sentence on what to look for, and the result of the first torque method."""
    if evidence.metric == "auroc":
        st.markdown(f"**{place}**: which score ranks injected edges above original edges? Higher is better.")
        return
    text = (
        "does the **thick blue** line of torque stay above the dotted line of the plain backbone?"
        if evidence.table.over_rate
        else "is the **blue** dot of torque to the right of the dotted line, the plain backbone?"
    )
    torque = cells[[groups[label] == "rewiring" for label in cells["label"]]].dropna(subset=["p_holm"])
    if len(torque):
        row = torque.iloc[0]
        points = 100 * row.difference
        comparison = f"level with {row.baseline}."
        if abs(points) >= 0.05:
            comparison = (
                f"{abs(points):.1f} points {'above' if points > 0 else 'below'} {row.baseline}. It is more accurate in "
                f"{row.wins:.0f} of {row.pairs:.0f} splits; the difference is "
                f"{'statistically significant' if row.p_holm < LEVEL else 'not significant'} under the corrected "
                f"resampled t-test (Holm-corrected p = {row.p_holm:.2g})."
            )
        text += f" At this level, {row.label} reaches {100 * row['mean']:.1f} %, {comparison}"
    st.markdown(f"**{place}**: {text}")


def draw_page() -> None:
    """Draw the choices, the summary, the charts and the table."""
    stored = stored_results()
    studies = stored_studies(stored)
    if not studies:
        st.info("There are no stored results yet. Run a study to create some.", icon=":material/info:")
        return
    draw_matrix(stored)
    st.subheader("Study by study")
    columns = st.columns([2, 1, 1, 1])
    study = choose(columns[0], "Study", {name: question_of(name) for name in studies}, "study",
                   "A set of runs that belong together, created by python -m torque_core study.",
                   resets=("place", "disturbance", "level", "methods"))  # fmt: skip
    study_results = study_evidence(stored, study)
    if not study_results.tables:
        st.info("No run of this study has a test score yet.", icon=":material/info:")
        return
    groups = study_results.groups
    evidence, place = choose_table(study_results.tables, columns)
    rows = evidence.cells[evidence.cells["place"] == place]
    levels = {format_percent(rate): f"{format_percent(rate)} %" for rate in sorted(rows["rate"].unique())}
    if evidence.table.noise_kind == "attack":  # its strength is part of the study
        levels = dict.fromkeys(levels, "–")
    level = choose(columns[3], "Noise level", levels, "level", "Noise level of the training curves and of the table.",
                   default=list(levels)[-1])  # fmt: skip
    labels = choose_methods(groups, evidence)
    at_level = rows[rows["rate"].map(format_percent) == level]
    noise = noise_name(evidence.table.noise_kind)
    title = " · ".join([place, noise, *([] if level == "0" else [f"{level} %"])])
    draw_summary(evidence, at_level, groups, title)
    if study == "relations" and evidence.metric == "test":
        draw_ladder(evidence.table.runs[evidence.table.runs["place"] == place])

    def draw_table() -> None:
        st.markdown(f"**All {'methods' if evidence.metric == 'test' else 'scores'} · {title}**")
        draw_evidence_table(at_level, groups, evidence.metric, f"{study}-{evidence.table.name}-{level}")

    if not labels:
        st.info("Choose at least one method.", icon=":material/info:")
        draw_table()
        return
    styles = {label: style for label, style in method_styles(groups, theme()).items() if label in labels}
    left, right = st.columns([1, 1], gap="medium")
    with left:
        draw_scores(evidence, rows, styles, place)
    with right:
        if evidence.metric == "test":
            runs = evidence.table.runs
            selected = (runs["place"] == place) & (runs["rate"].map(format_percent) == level)
            draw_curves(stored, runs[selected], styles, metric_name(rows["dataset"].iloc[0]))
        else:
            draw_table()
    if evidence.metric == "test":
        draw_table()


begin_page()
hide_sidebar()  # nothing is computed here, so the settings of the sidebar do not apply
with show_errors():
    draw_page()
