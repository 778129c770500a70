"""Evidence: what stored runs say of every method, over splits, with their uncertainty."""

import pandas as pd
import streamlit as st

from pages.shared.core.stored_results import (
    EvidenceTable,
    ResultsFile,
    run_curves,
    stored_results,
    stored_studies,
    study_evidence,
)
from pages.shared.frame.page import begin_page, chart_config, hide_sidebar, show_errors, theme
from pages.shared.views.evidence_table import evidence_table
from torque_core.experiments.report.tables import LEVEL, metric_name, noise_name
from torque_core.figures.accuracy_dot_plot import accuracy_dot_plot
from torque_core.figures.mean_training_curves import mean_training_curves
from torque_core.figures.over_noise import accuracy_over_noise, detection_over_noise
from torque_core.figures.styles import Style, method_styles

FIRST_STUDY = "noise"
USUAL_SCORES = ("torque", "lever", "cosine", "jaccard", "random")


def in_percent(rate: float) -> str:
    """A level of noise as the link has it."""
    return f"{100 * rate:g}"


def forget(*keys: str) -> None:
    """Let the page choose anew: what was chosen may not be there in another study."""
    st.session_state.update({key: () if key == "methods" else "" for key in keys})


def choice(column: st.delta_generator.DeltaGenerator, label: str, options: dict[str, str], key: str, meaning: str,
           first: str | None = None, resets: tuple[str, ...] = ()) -> str:  # fmt: skip
    """A select box; what a link asks for and is not there is said, and the first is shown."""
    asked = st.session_state[key]
    if asked not in options:
        if asked:
            st.warning(f"{label}: «{asked}» is not among the stored results.", icon=":material/link_off:")
        st.session_state[key] = first or next(iter(options))
    return column.selectbox(
        label, list(options), list(options).index(st.session_state[key]), format_func=options.__getitem__, key=key,
        help=meaning, persist_state="session", on_change=forget, args=resets,
    )  # fmt: skip


def name_of(one: EvidenceTable) -> str:
    """The noise of a table, as a choice."""
    kind = one.table.noise_kind
    return kind if one.metric == "test" else f"{kind} detection"


def choose_table(
    found: tuple[EvidenceTable, ...], columns: list[st.delta_generator.DeltaGenerator]
) -> tuple[EvidenceTable, str]:
    """One table of the study, and the data set in it that is looked at."""
    places = {place: place for one in found for place in one.table.places}
    place = choice(columns[1], "Data set", dict(sorted(places.items())), "place",
                   "A graph with labelled nodes; in brackets the split scheme, if the study has several.",
                   resets=("disturbance", "level"))  # fmt: skip
    fitting = {name_of(one): one for one in found if place in one.table.places}
    titles = {
        name: noise_name(one.table.noise_kind) + (": detection" if one.metric == "auroc" else "")
        for name, one in fitting.items()
    }
    kind = choice(columns[2], "Noise", titles, "disturbance",
                  "What disturbed the graph before training; a level of 50 % inserts half as many edges as there are.",
                  resets=("level",))  # fmt: skip
    return fitting[kind], place


def choose_methods(groups: dict[str, str], seen: EvidenceTable) -> list[str]:
    """Whom the figures show."""
    asked = st.session_state.methods
    there = [label for label in asked if label in groups]
    if len(there) < len(asked):
        lost = next(label for label in asked if label not in groups)
        st.warning(f"Methods: «{lost}» is not among the stored results.", icon=":material/link_off:")
    # an empty tuple was never chosen from, an empty list is a choice
    st.session_state.methods = usual(groups, seen) if not there and (asked or asked == ()) else there
    chosen = st.multiselect(
        "Methods in the figures", list(groups), st.session_state.methods, key="methods", persist_state="session",
        help="Backbones train on the graph as it is; torque, its controls and its peers rewire it. The table below "
        "has all of them.",
    )  # fmt: skip
    return [label for label in groups if label in chosen and label in set(seen.cells["label"])]


def usual(groups: dict[str, str], seen: EvidenceTable) -> list[str]:
    """The plain backbone, torque, its first control, and the best peer; torque and its rivals where edges are found."""
    if seen.metric == "auroc":
        return [label for label in groups if label in USUAL_SCORES] or list(groups)
    best = seen.cells.sort_values("mean", ascending=False)["label"].drop_duplicates()
    baselines = set(seen.cells["baseline"].dropna())
    picked = [label for label, group in groups.items() if label in baselines or group in ("rewiring", "other")]
    picked += [label for label, group in groups.items() if group == "control"][:1]
    picked += [label for label in best if groups[label] == "peer"][:1]
    return [label for label in groups if label in picked] or list(groups)


def headline(seen: EvidenceTable, cells: pd.DataFrame, groups: dict[str, str], where: str) -> None:
    """What to look at, in words, and the first torque method in numbers."""
    if seen.metric == "auroc":
        st.markdown(f"**{where}**: which score ranks injected edges above the graph's own? Higher is better.")
        return
    look = (
        "does the **thick blue** line of torque stay above the dotted one, the plain backbone?"
        if seen.table.over_rate
        else "is the **blue** dot of torque right of the dotted line, the plain backbone?"
    )
    torque = cells[[groups[label] == "rewiring" for label in cells["label"]]].dropna(subset=["p_holm"])
    if len(torque):
        row = torque.iloc[0]
        sure = "more than luck explains" if row.p_holm < LEVEL else "which the strict test does not tell from luck"
        points = 100 * row.difference
        compared = f"level with {row.baseline}."
        if abs(points) >= 0.05:
            compared = (
                f"{abs(points):.1f} points {'above' if points > 0 else 'below'} {row.baseline}, {sure} (corrected p = "
                f"{row.p_holm:.2g}); it is ahead in {row.wins:.0f} of {row.pairs:.0f} splits."
            )
        look += f" Here {row.label} has {100 * row['mean']:.1f} % and is {compared}"
    st.markdown(f"**{where}**: {look}")


def main_figure(seen: EvidenceTable, cells: pd.DataFrame, styles: dict[str, Style], place: str) -> None:
    """Over the noise if there are several levels, else method by method."""
    metric = metric_name(cells["dataset"].iloc[0])
    title = f"test {metric} (%)"
    table = seen.table
    if seen.metric == "auroc":
        st.markdown("**Which score finds the injected edges?**")
        figure = detection_over_noise(cells, styles, theme(), noise_kind=table.noise_kind)
        what = "AUROC of edge scores"
    elif table.over_rate:
        st.markdown(f"**Test {metric} over noise**")
        figure = accuracy_over_noise(cells, styles, theme(), title=title, noise_kind=table.noise_kind)
        what = f"Mean test {metric}"
    else:
        st.markdown(f"**Test {metric}, method by method**")
        baseline = next(iter(cells["baseline"].dropna()), None)
        figure = accuracy_dot_plot(cells, styles, theme(), baseline=baseline, title=title)
        what = f"Mean test {metric}"
    alt = f"{what} on {place} of {', '.join(styles)}, with 95 % confidence intervals."
    st.plotly_chart(figure, key="evidence_figure", alt=alt, config=chart_config())
    said = ("Bands" if table.over_rate else "Whiskers") + ": 95 % confidence interval of the mean over splits."
    if seen.metric == "test":
        said += " Methods are compared split by split: even where these overlap a difference can be sure, see p below."
    st.caption(said)


def curves(stored: ResultsFile, runs: pd.DataFrame, styles: dict[str, Style], metric: str) -> None:
    """How the chosen methods learned, by epoch."""
    st.markdown("**Training, epoch by epoch**")
    found = {label: run_curves(stored, tuple(runs.loc[runs["label"] == label, "key"])) for label in styles}
    found = {label: kept for label, kept in found.items() if any(kept)}
    if not found:
        st.info("The curves of these runs were not kept.", icon=":material/info:")
        return
    quantity = st.segmented_control(
        "Curves", ["score", "loss"], format_func={"score": metric, "loss": "training loss"}.__getitem__, key="curve",
        label_visibility="collapsed", required=True, persist_state="session",
    )  # fmt: skip
    title = "cross-entropy loss (nats)" if quantity == "loss" else f"{metric} (%)"
    figure = mean_training_curves(found, styles, quantity=quantity, title=title)
    alt = f"Mean {title} by epoch of {', '.join(found)}, in bands of a standard deviation over splits."
    st.plotly_chart(figure, key="evidence_curves", alt=alt, config=chart_config())
    st.caption("Thick: validation, in a band of a standard deviation over splits. Thin: training."
               if quantity == "score" else "Mean over splits, in a band of a standard deviation.")  # fmt: skip


def page() -> None:
    """Choose, draw, tabulate."""
    stored = stored_results()
    studies = stored_studies(stored)
    if not studies:
        st.info("There are no results in this store yet: run a study.", icon=":material/info:")
        return
    columns = st.columns([1, 1, 1, 1])
    study = choice(columns[0], "Study", {name: name.replace("_", " ").capitalize() for name in studies}, "study",
                   "A set of runs that belong together, made by python -m torque_core study.",
                   first=FIRST_STUDY if FIRST_STUDY in studies else None,
                   resets=("place", "disturbance", "level", "methods"))  # fmt: skip
    evidence = study_evidence(stored, study)
    if not evidence.tables:
        st.info("No run of this study has a test score yet.", icon=":material/info:")
        return
    seen, place = choose_table(evidence.tables, columns)
    rows = seen.cells[seen.cells["place"] == place]
    levels = {in_percent(rate): f"{in_percent(rate)} %" for rate in sorted(rows["rate"].unique())}
    if seen.table.noise_kind == "attack":  # its strength is part of the study
        levels = dict.fromkeys(levels, "–")
    level = choice(columns[3], "Noise level", levels, "level", "Of the training curves and of the table.",
                   first=list(levels)[-1])  # fmt: skip
    labels = choose_methods(evidence.groups, seen)
    at_level = rows[rows["rate"].map(in_percent) == level]
    where = " · ".join([place, noise_name(seen.table.noise_kind), *([] if level == "0" else [f"{level} %"])])
    headline(seen, at_level, evidence.groups, where)

    def everything() -> None:
        st.markdown(f"**All {'methods' if seen.metric == 'test' else 'scores'} · {where}**")
        evidence_table(at_level, evidence.groups, seen.metric, f"{study}-{seen.table.name}-{level}")

    if not labels:
        st.info("Choose one method or more.", icon=":material/info:")
    else:
        every = method_styles(evidence.groups, theme())
        styles = {label: every[label] for label in labels}
        left, right = st.columns([1, 1], gap="medium")
        with left:
            main_figure(seen, rows, styles, place)
        with right:
            if seen.metric == "test":
                runs = seen.table.runs
                here = (runs["place"] == place) & (runs["rate"].map(in_percent) == level)
                curves(stored, runs[here], styles, metric_name(rows["dataset"].iloc[0]))
            else:
                everything()
    if seen.metric == "test" or not labels:
        everything()


begin_page()
# the sidebar says what to compute; here nothing is computed, and its settings stay as they are
hide_sidebar()
with show_errors():
    page()
