"""Compare: what torque and its peers each make of one and the same graph, side by side and in numbers."""

import pandas as pd
import streamlit as st

from pages.shared.core import comparisons, queries
from pages.shared.core.stored_scores import StoredScores, stored_scores
from pages.shared.core.view import View
from pages.shared.frame.page import chart_config, load_view, theme
from pages.shared.state.selection import clicked, drop_missing, select
from pages.shared.views.export_menu import draw_export_menu
from pages.shared.views.method_table import compared_rows, compared_table
from pages.shared.views.report_sections import Sections, pair_section
from torque_core import TorqueError
from torque_core.diagnostics.change_report import ChangeReport
from torque_core.figures import Theme
from torque_core.figures.change_metrics import change_metrics_figure
from torque_core.figures.report import TableSection
from torque_core.figures.side_by_side import side_by_side_figure
from torque_core.figures.styles import method_styles
from torque_core.methods.compare import compared_methods
from torque_core.rewiring.graph_change import GraphChange

METHODS = compared_methods()
TITLES = {key: method.title for key, method in METHODS.items()}
FIRST_PEERS = ("gdc", "cosine")  # which the reader meets first; the second where the first would take its time


def choose(column: st.delta_generator.DeltaGenerator, label: str, key: str, names: list[str], first: str) -> str:
    """One of these methods; what a link asks for and is not there is said, and the first is shown."""
    asked = st.session_state.get(key, "")
    if asked not in names:
        if asked:
            st.warning(f"{label}: «{asked}» is not among the methods.", icon=":material/link_off:")
        st.session_state[key] = first
    return column.selectbox(
        label, names, names.index(st.session_state[key]), format_func=TITLES.__getitem__, key=key,
        persist_state="session", help="\n".join(f"- **{TITLES[name]}**: {METHODS[name].description}" for name in names),
    )  # fmt: skip


def waits(view: View, method: str) -> bool:
    """Whether the method is slow on this graph and nobody has asked for it yet."""
    key = (view.settings.dataset, view.settings.noise, method)
    return comparisons.is_slow(method, view.rewiring.num_nodes) and key not in st.session_state.get(
        "slow_methods", set()
    )


def ask(view: View, *methods: str) -> None:
    """Let slow methods run on this graph."""
    wanted = {(view.settings.dataset, view.settings.noise, method) for method in methods}
    st.session_state.slow_methods = st.session_state.get("slow_methods", set()) | wanted


def change_of(view: View, method: str) -> GraphChange | str:
    """What the method does, or why that cannot be had."""
    try:
        with st.spinner(f"{TITLES[method]} …", show_time=True):
            return comparisons.change(view.settings, method)
    except TorqueError as error:
        return str(error)


def report_of(view: View, method: str) -> ChangeReport | str:
    """The same in numbers."""
    if waits(view, method):
        return f"Not run yet: it is slow on {view.rewiring.num_nodes:,} nodes."
    done = change_of(view, method)
    return done if isinstance(done, str) else comparisons.report(view.settings, method)


def panels(view: View, methods: list[str]) -> list[tuple[str, GraphChange]]:
    """Both methods on the same layout, or a word on why one of them is not there; returns those that are."""
    drawn = []
    for side, (place, method) in enumerate(zip(st.columns(2, gap="medium"), methods, strict=True)):
        if waits(view, method):
            place.info(f"{TITLES[method]} is slow on {view.rewiring.num_nodes:,} nodes.", icon=":material/hourglass:")
            place.button(
                f"Run {TITLES[method]}", key=f"run_{side}", on_click=ask, args=(view, method),
                icon=":material/play_arrow:",
            )  # fmt: skip
            continue
        with place:
            done = change_of(view, method)
        if isinstance(done, str):
            place.error(done, icon=":material/error:")
        else:
            drawn.append((TITLES[method], done))
    if not drawn:
        return []
    settings, data = view.settings, view.dataset
    marked = drop_missing(view.rewiring.num_nodes)
    figure = side_by_side_figure(
        drawn, queries.layout(settings.dataset), data.data.y, comparisons.injected(settings), theme(), names=data.names,
        classes=data.class_names, selected_nodes=marked.nodes, selected_edges=marked.edges,
    )  # fmt: skip
    if figure.sampling_note:
        st.caption(figure.sampling_note)
    st.plotly_chart(figure.figure, key="compared", alt=figure.alt, config=chart_config(scrollZoom=True), on_select=take,
                    selection_mode="points")  # fmt: skip
    st.caption(
        "Grey: kept. **Dashed vermilion**: pruned. **Blue**: added. ◇ in the middle: injected by the noise. Drag to "
        "move, scroll to zoom: both graphs follow. Click a node or the mark of an edge to select it in all views."
    )
    return drawn


def take() -> None:
    """Select what was clicked; that the figure is drawn anew, which clears its own selection, changes nothing."""
    found = clicked("compared")
    if len(found):
        select(found.nodes, found.edges)


def why_no_score(view: View, stored: StoredScores | None) -> dict[str, str]:
    """By method, why there is no stored test score."""
    if stored is None:
        return dict.fromkeys(TITLES, "no stored run has this data set, split scheme and noise.")
    missing = dict.fromkeys(TITLES, f"the study {stored.study} has no run of it here.")
    return missing | {"torque": "stored runs have torque as it comes, and the sidebar says otherwise."}


def evidence_link(stored: StoredScores) -> None:
    """Where the scores come from."""

    def turn() -> None:
        st.session_state.update(
            study=stored.study, place=stored.place, disturbance=stored.noise_kind, level=stored.level, methods=()
        )

    left, right = st.columns([3, 1], vertical_alignment="center")
    left.caption(f"Test {stored.metric}: stored runs of the study **{stored.study.replace('_', ' ')}**.")
    if right.button("See the study", icon=":material/query_stats:", on_click=turn, help="On the page Evidence."):
        st.switch_page("pages/evidence.py")


def numbers(view: View) -> pd.DataFrame:
    """Every method, as dots and in a table, which is returned."""
    slow = [method for method in TITLES if waits(view, method)]
    if slow:
        st.button(
            f"Run the slow ones: {', '.join(TITLES[method] for method in slow)}", on_click=ask, args=(view, *slow),
            icon=":material/play_arrow:", help="They can take minutes here, and cannot be stopped.",
        )  # fmt: skip
    reports = {method: report_of(view, method) for method in TITLES}
    there = {TITLES[method]: report for method, report in reports.items() if isinstance(report, ChangeReport)}
    if there:
        st.markdown("**Who finds the injected edges, and what becomes of homophily?**")
        styles = method_styles({method.title: method.kind for method in METHODS.values()}, theme())
        alt = f"Precision, recall and change of edge homophily of {', '.join(there)}, as dots."
        figure = change_metrics_figure(there, styles, theme())
        st.plotly_chart(figure, key="compared_dots", alt=alt, config=chart_config())
        st.caption("Dotted lines: the precision of pruning at random, and no change. No dot: nothing to divide by.")
    stored = stored_scores(view.settings)
    st.markdown("**All methods**")
    noise, name = view.settings.noise, view.settings.dataset.name
    rows = compared_rows(reports, stored, why_no_score(view, stored))
    compared_table(
        rows, stored.metric if stored else "accuracy", f"compare-{name}-{noise.kind}-{100 * noise.rate:g}-{noise.seed}"
    )
    if stored:
        evidence_link(stored)
    else:
        st.caption("Test scores: no stored run has this data set, split scheme and noise.")
    return rows


view = load_view()
st.markdown(
    f"**{view.dataset.info.title}**, layer {view.settings.layer + 1}: which method prunes the injected edges, "
    "**dashed with a ◇**, and leaves the graph's own alone?"
)
quick = next(name for name in FIRST_PEERS if not comparisons.is_slow(name, view.rewiring.num_nodes))
columns = st.columns(2, gap="medium")
chosen = [
    choose(columns[0], "Left", "left", list(TITLES), "torque"),
    choose(columns[1], "Right", "peer", list(TITLES), quick),
]
drawn = panels(view, chosen)
rows = numbers(view)


def parts(look: Theme) -> Sections:
    """What is shown, for a report."""
    table = rows.drop(columns=["about", "note", "options"]).dropna(axis=1, how="all").astype(object).fillna("–")
    table = TableSection(table.rename(columns=lambda name: name.replace("_", " ")), "Shares from 0 to 1.")
    return [*([pair_section(view, drawn, look)] if drawn else []), ("All methods", table)]


draw_export_menu(view, parts, others=drawn)
