"""Compare: the rewired graphs of two methods side by side, and all methods in numbers."""

import pandas as pd
import streamlit as st

from pages.shared.core import comparisons
from pages.shared.core.markdown import escape_markdown
from pages.shared.core.stored_scores import StoredScores, schemes_with_scores, stored_scores
from pages.shared.core.uploads import graph_code
from pages.shared.core.view import View
from pages.shared.frame.layer_choice import layer_choice
from pages.shared.frame.page import chart_config, load_view, theme
from pages.shared.views.agreement import choose_part
from pages.shared.views.export_menu import draw_export_menu, draw_introduction
from pages.shared.views.graph_figures import draw_side_by_side
from pages.shared.views.method_table import draw_method_table, method_rows
from pages.shared.views.report_sections import DrawSections, pair_section
from torque_core import TorqueError
from torque_core.diagnostics.change_report import ChangeReport
from torque_core.figures.change_metrics import change_metrics_figure
from torque_core.figures.report import TableSection
from torque_core.figures.styles import method_styles
from torque_core.io.snippet import comparison_script
from torque_core.methods.compare import compared_methods
from torque_core.rewiring.graph_change import GraphChange

METHODS = compared_methods()
TITLES = {key: method.title for key, method in METHODS.items()}
FIRST_PEERS = ("gdc", "cosine")  # the default on the right; the second one where the first would be slow


def draw_method_choice(column: st.delta_generator.DeltaGenerator, label: str, key: str, default: str) -> str:
    """Draw a select box of methods; an unknown method in the link is reported and replaced by the default."""
    method = st.session_state.get(key, "")
    if method not in TITLES:
        if method:
            st.warning(f"{label}: there is no method «{escape_markdown(method)}».", icon=":material/link_off:")
        st.session_state[key] = default
    names = list(TITLES)
    return column.selectbox(
        label, names, names.index(st.session_state[key]), format_func=TITLES.__getitem__, key=key,
        persist_state="session", help="\n".join(f"- **{TITLES[name]}**: {METHODS[name].description}" for name in names),
    )  # fmt: skip


def needs_approval(view: View, method: str) -> bool:
    """Return True if the method is slow on this graph and the user has not asked to run it."""
    key = (view.settings.dataset, view.settings.noise, method)
    return comparisons.is_slow(method, view.rewiring.num_nodes) and key not in st.session_state.get(
        "slow_methods", set()
    )


def approve(view: View, *methods: str) -> None:
    """Allow slow methods to run on this graph."""
    keys = {(view.settings.dataset, view.settings.noise, method) for method in methods}
    st.session_state.slow_methods = st.session_state.get("slow_methods", set()) | keys


def compute_change(view: View, method: str) -> GraphChange | str:
    """The rewiring of a method, or the error message if it cannot be computed."""
    try:
        with st.spinner(f"{TITLES[method]} …", show_time=True):
            return comparisons.change(view.settings, method)
    except TorqueError as error:
        return str(error)


def compute_report(view: View, method: str) -> ChangeReport | str:
    """The numbers of a method, or a message if it was not run."""
    if needs_approval(view, method):
        return f"Not run yet: it is slow on {view.rewiring.num_nodes:,} nodes."
    change = compute_change(view, method)
    return change if isinstance(change, str) else comparisons.report(view.settings, method)


def draw_directions(view: View) -> None:
    """Draw the choice to keep or to drop the directions of the edges, if the data set has any."""
    if not view.dataset.info.has_directions:
        return
    directed = view.settings.dataset.directed
    row = st.container(horizontal=True, vertical_alignment="center")
    row.caption(
        "Edges keep their directions. Some methods, such as GDC, take undirected edges only."
        if directed
        else "Edges have directions in this data set, which are dropped here."
    )
    row.button(
        "Drop the directions" if directed else "Keep the directions", key="compare_directions",
        icon=":material/sync_alt:" if directed else ":material/arrow_forward:",
        on_click=lambda: st.session_state.update(directed=not directed),
    )  # fmt: skip


def draw_graphs(view: View, methods: list[str]) -> list[tuple[str, GraphChange]]:
    """Draw the graphs of both methods with the same layout, or why one is missing; return those drawn."""
    drawn = []
    for side, (column, method) in enumerate(zip(st.columns(2, gap="medium"), methods, strict=True)):
        if needs_approval(view, method):
            column.info(f"{TITLES[method]} is slow on {view.rewiring.num_nodes:,} nodes.", icon=":material/hourglass:")
            column.button(
                f"Run {TITLES[method]}", key=f"run_{side}", on_click=approve, args=(view, method),
                icon=":material/play_arrow:",
            )  # fmt: skip
            continue
        with column:
            change = compute_change(view, method)
        if isinstance(change, str):
            column.error(escape_markdown(change), icon=":material/error:")
        else:
            drawn.append((TITLES[method], change))
    if not drawn:
        return []
    shown, nodes = choose_part(view, drawn) if len(drawn) == 2 else (drawn, None)
    draw_side_by_side(view, shown, key="compared", nodes=nodes)
    if any(change.weighted for _, change in shown):
        st.caption("Edges with weights are drawn the fainter and thinner, the smaller the weight.")
    return drawn


def missing_score_reasons(stored: StoredScores | None) -> dict[str, str]:
    """The reason why there is no stored test score, by method."""
    if stored is None:
        return dict.fromkeys(TITLES, "no stored run has this data set, split scheme and noise.")
    reasons = dict.fromkeys(TITLES, f"the study {stored.study} has no run of this method on this graph.")
    return reasons | {"torque": "the stored runs use torque with other settings (often force dirichlet and cut gap)."}


def draw_evidence_link(stored: StoredScores) -> None:
    """Draw the source of the stored scores, with a link to its study."""

    def choose_study() -> None:
        st.session_state.update(
            study=stored.study, place=stored.place, disturbance=stored.noise_kind, level=stored.level, methods=()
        )

    left, right = st.columns([3, 1], vertical_alignment="center")
    left.caption(f"Test {stored.metric}: stored runs of the study **{stored.study.replace('_', ' ')}**.")
    if right.button("See the study", icon=":material/query_stats:", on_click=choose_study,
                    help="Opens the page Evidence."):  # fmt: skip
        st.switch_page("pages/evidence.py")


def draw_other_schemes(view: View) -> None:
    """Offer the split schemes for which there are stored scores of this data set and noise."""
    if not (schemes := schemes_with_scores(view.settings, [scheme.name for scheme in view.dataset.info.splits])):
        return
    row = st.container(horizontal=True, vertical_alignment="center")
    row.caption("There are stored scores for other splits of this graph:")
    for scheme in schemes:
        row.button(
            f"Use {scheme}", icon=":material/call_split:", key=f"scheme_{scheme}",
            on_click=lambda name=scheme: st.session_state.update(scheme=name, split=0),
        )  # fmt: skip


def draw_numbers(view: View) -> pd.DataFrame:
    """Draw the numbers of all methods as a dot plot and as a table; return the table."""
    slow = [method for method in TITLES if needs_approval(view, method)]
    if slow:
        st.button(
            f"Run the slow methods: {', '.join(TITLES[method] for method in slow)}", on_click=approve,
            args=(view, *slow), icon=":material/play_arrow:", help="This can take minutes and cannot be stopped.",
        )  # fmt: skip
    reports = {method: compute_report(view, method) for method in TITLES}
    computed = {TITLES[method]: report for method, report in reports.items() if isinstance(report, ChangeReport)}
    if computed:
        detection = "Detection of the injected edges, and change" if view.has_injected else "Change"
        st.markdown(f"**{detection} of the edge homophily**")
        styles = method_styles({method.title: method.kind for method in METHODS.values()}, theme())
        metrics = "precision, recall and change" if view.has_injected else "the change"
        alt = f"Dot plot of {metrics} of edge homophily of {', '.join(computed)}."
        figure = change_metrics_figure(computed, styles, theme())
        st.plotly_chart(figure, key="compared_dots", alt=alt, config=chart_config())
        lines = "lines: the precision of random pruning, and" if view.has_injected else "line:"
        st.caption(f"Dotted {lines} no change. No dot: the value is undefined.")
    stored = stored_scores(view.settings)
    st.markdown("**All methods**")
    noise, name = view.settings.noise, view.settings.dataset.name
    rows = method_rows(reports, stored, missing_score_reasons(stored))
    draw_method_table(
        rows, stored.metric if stored else "accuracy", f"compare-{name}-{noise.kind}-{100 * noise.rate:g}-{noise.seed}"
    )
    if stored:
        draw_evidence_link(stored)
    else:
        st.caption("Test scores: no stored run has this data set, split scheme and noise.")
        draw_other_schemes(view)
    return rows


view = load_view()
export = draw_introduction(
    f"**{view.title}**, layer {view.settings.layer + 1}: "
    + (
        "which method prunes the injected edges (**dashed with a ◆**) and keeps the original ones?"
        if view.has_injected
        else "which edges does each method prune (**dashed**)?"
    )
)
quick = next(name for name in FIRST_PEERS if not comparisons.is_slow(name, view.rewiring.num_nodes))
left, right = st.columns(2, gap="medium")
methods = [draw_method_choice(left, "Left", "left", "torque"), draw_method_choice(right, "Right", "peer", quick)]
layer_choice()
draw_directions(view)
drawn = draw_graphs(view, methods)
rows = draw_numbers(view)


def gather_sections() -> DrawSections:
    """The contents of the page for a report."""
    table = rows.drop(columns=["about", "note", "options"]).dropna(axis=1, how="all").astype(object).fillna("–")
    table = TableSection(table.rename(columns=lambda name: name.replace("_", " ")), "Fractions are in [0, 1].")
    draw_pair = pair_section(view, drawn) if drawn else lambda look: []
    return lambda look: [*draw_pair(look), ("All methods", table)]


settings = view.settings
scripts = {
    TITLES[method]: comparison_script(
        graph_code(settings.dataset, settings.noise), method, settings.rewire, layer=settings.layer,
        device=settings.device,
    )
    for method in dict.fromkeys(methods)
}  # fmt: skip
draw_export_menu(export, view, gather_sections(), others=drawn, scripts=scripts)
