"""The tables of the page Verdict, each with the edges or nodes behind its numbers."""

from typing import Any

import pandas as pd
import streamlit as st
from torch import Tensor

from pages.shared.core.view import View
from pages.shared.frame.page import chart_config, theme
from pages.shared.state.declarations import MAX_SELECTED_IN_LINK
from pages.shared.state.selection import Selection
from torque_core.experiments.paired_test import LEVEL
from torque_core.experiments.report.tables import metric_name
from torque_core.experiments.verdict import Verdict
from torque_core.figures.over_noise import accuracy_over_noise
from torque_core.figures.styles import method_styles
from torque_core.io.spreadsheets import escape_formulas
from torque_core.methods.catalog import METHODS
from torque_core.utils.text import visible

__all__ = ["draw_blamed", "draw_cuts", "draw_predictions", "draw_scores", "score_figure"]

_ROWS = 200
_GROUPS = {"found": "Injected, pruned", "missed": "Injected, kept", "original": "Original, pruned"}


def score_figure(verdict: Verdict, scores: pd.DataFrame, look: Any, metric: str) -> Any:
    """The mean score of every method over the noise level."""
    styles = method_styles({METHODS[method].title: METHODS[method].kind for method in verdict.spec.methods}, look)
    titled = scores.assign(label=_titles(scores["label"]))
    return accuracy_over_noise(titled, styles, look, title=f"test {metric} (%)", noise_kind="insert")


def _titles(methods: pd.Series) -> pd.Series:
    return methods.map(lambda method: METHODS[method].title)


def draw_scores(view: View, verdict: Verdict) -> None:
    """Draw the test scores over the noise level, and the differences to the plain model."""
    scores, metric = verdict.scores(), metric_name(view.settings.dataset.name)
    left, right = st.container(key="verdict_row").columns([2, 3], gap="medium")
    with left:
        st.markdown(f"**Test {metric} against the noise level**")
        figure = score_figure(verdict, scores, theme(), metric)
        titles = ", ".join(METHODS[method].title for method in verdict.spec.methods)
        alt = f"Mean test {metric} over the noise level of {titles}, with 95 % intervals."
        st.plotly_chart(figure, key="verdict_scores", alt=alt, config=chart_config())
    with right:
        st.markdown("**Differences to the plain model, in points**")
        rows = scores.dropna(subset=["difference"])
        rows = rows.sort_values("label", key=lambda labels: labels != "torque", kind="stable")  # torque first
        points = {name: 100 * rows[name] for name in ("difference", "difference_low", "difference_high")}
        marks = rows["verdict"].map({"better": "▲ better", "worse": "▼ worse", "undecided": "undecided"})
        table = pd.DataFrame({"method": _titles(rows["label"]), "noise": 100 * rows["rate"], "verdict": marks, **points,
                              "p": rows["p_holm"], "mean": 100 * rows["mean"]})  # fmt: skip
        number = st.column_config.NumberColumn
        st.dataframe(
            table, hide_index=True, height=400, placeholder="–",
            column_config={
                "method": st.column_config.TextColumn("Method", width=120),
                "noise": number("Noise", format="%.0f %%", width=60),
                "verdict": st.column_config.TextColumn("Verdict", width=85),
                "difference": number("Diff.", format="%+.1f", width=55),
                "difference_low": number("CI low", format="%+.1f", width=60),
                "difference_high": number("CI high", format="%+.1f", width=62),
                "p": number("p", format="%.2g", width=55),
                "mean": number("Mean", format="%.1f", width=55, help="Mean test score in %."),
            },
        )  # fmt: skip
    over = "noise and weights only, as all seeds have the same split" if not verdict.ratio else "splits"
    st.caption(
        "Bands: 95 % confidence interval of the mean. Intervals and p values of differences are corrected: an interval "
        f"contains 0 exactly if p is not below {LEVEL}. They cover {over}. Torque's comparisons are one family, all "
        "others another."
    )


def draw_cuts(view: View, verdict: Verdict) -> None:
    """Draw what every method cuts; a row that is chosen shows its edges."""
    st.markdown("**What is cut, and how many of the injected edges are found.** Tick a row to see its edges.")
    edges = verdict.edges()
    percent = {
        name: 100 * edges[name] for name in ("pruned", "found", "precision", "homophily_before", "homophily_after")
    }
    table = pd.DataFrame(
        {"method": _titles(edges["label"]), "noise": 100 * edges["rate"], "injected": edges["injected"], **percent}
    )
    number = st.column_config.NumberColumn
    event = st.dataframe(
        table, hide_index=True, key="verdict_cuts", on_select="rerun", selection_mode="single-row", placeholder="–",
        height=300,
        column_config={
            "method": st.column_config.TextColumn("Method", width=120),
            "noise": number("Noise", format="%.0f %%", width=60),
            "injected": number("Injected", format="%d", width=66, help="Number of injected edges."),
            "pruned": number("Pruned", format="%.1f %%", width=66, help="Of all edges; of a method with a graph per "
                             "layer, in the first layer."),
            "found": number("Found", format="%.1f %%", width=62, help="Recall: of the injected edges, how many are "
                            "pruned."),
            "precision": number("Precision", format="%.1f %%", width=72, help="Of the pruned edges, how many are "
                                "injected."),
            "homophily_before": number("Hom. before", format="%.1f %%", width=86, help="Edge homophily of the noisy "
                                       "graph."),
            "homophily_after": number("Hom. after", format="%.1f %%", width=80, help="Edge homophily of the rewired "
                                      "graph."),
        },
    )  # fmt: skip
    if chosen := [row for row in event.selection.rows if row < len(edges)]:
        _draw_edges_behind(view, verdict, edges.iloc[chosen[0]])


def _draw_edges_behind(view: View, verdict: Verdict, row: pd.Series) -> None:
    controls = st.container(horizontal=True, vertical_alignment="bottom")
    group = controls.segmented_control("Edges", list(_GROUPS), default="found", format_func=_GROUPS.__getitem__,
                                       required=True, key="verdict_group")  # fmt: skip
    seeds = [seed for seed in range(verdict.spec.seeds) if verdict.run(row["label"], row["rate"], seed)]
    seed = controls.selectbox("Seed", seeds, width=90, key="verdict_seed")
    run = verdict.run(row["label"], row["rate"], seed)
    assert run is not None  # by the choice of seeds
    pairs = run.edges(group)
    st.caption(
        f"{METHODS[row['label']].title} at {100 * row['rate']:g} %, seed {seed}: {pairs.size(1):,} edges."
        + (f" The first {_ROWS} are listed." if pairs.size(1) > _ROWS else "")
    )
    _draw_edge_table(view, pairs[:, :_ROWS], {}, key="behind", rate=float(row["rate"]), seed=int(seed))


def draw_blamed(view: View, verdict: Verdict) -> None:
    """Draw the original edges that torque and all peers prune, with the predictions of their ends."""
    blamed, methods = verdict.blamed(), list(verdict.spec.rewiring_methods)
    titles = ", ".join(METHODS[method].title for method in methods)
    st.markdown(f"**Your own edges that all methods blame** ({titles}): {len(blamed):,} edges.")
    if blamed.empty:
        st.caption("No edge of the clean graph is pruned by all of them.")
        return
    shown = blamed.head(_ROWS)
    more = {f"{method} prunes": 100 * shown[method] for method in methods}
    more |= {
        "ends right, plain": 100 * shown["plain_right"], "ends right, torque": 100 * shown["torque_right"],
    }  # fmt: skip
    st.caption(
        "Percentage of the runs, over all noise levels and seeds, in which each method prunes the edge; and how often "
        "the plain model and torque classify its two ends right, as test nodes."
        + (f" The first {_ROWS} are listed." if len(blamed) > _ROWS else "")
    )
    pairs = shown[["source", "target"]].to_numpy().T
    _draw_edge_table(view, pairs, more, key="blamed", rate=0.0, seed=0)


def _draw_edge_table(
    view: View, pairs: Any, columns: dict[str, pd.Series], *, key: str, rate: float, seed: int
) -> None:
    """Draw edges with the names and classes of their ends; ticked ones can be opened in Explore."""
    ends = (pairs.numpy() if isinstance(pairs, Tensor) else pairs).tolist()
    y, classes = view.dataset.data.y, view.dataset.class_names
    labels = [
        ["–" if y[node] < 0 else str(classes[y[node]] if classes else int(y[node])) for node in end] for end in ends
    ]
    names = [[visible(view.node_name(node)) for node in end] for end in ends]
    table = pd.DataFrame(
        {"source": names[0], "target": names[1], **columns, "source class": labels[0], "target class": labels[1]}
    )
    percent = st.column_config.NumberColumn(format="%.0f %%")
    event = st.dataframe(
        escape_formulas(table), hide_index=True, key=f"verdict_{key}", on_select="rerun", selection_mode="multi-row",
        height=280, placeholder="–", column_config=dict.fromkeys(columns, percent),
    )  # fmt: skip
    ticked = [row for row in event.selection.rows if row < len(table)] or list(range(len(table)))
    edges = [(ends[0][row], ends[1][row]) for row in ticked[:MAX_SELECTED_IN_LINK]]
    st.button(
        f"Show {len(edges)} in Explore", icon=":material/hub:", key=f"verdict_open_{key}", disabled=not edges,
        on_click=_open, args=(edges, rate, seed),
        help="Opens the graph with the noise of this run, and selects the ticked edges; without ticks, the first.",
    )  # fmt: skip


def _open(edges: list[tuple[int, int]], rate: float, seed: int) -> None:
    st.session_state.update(
        noise="insert", rate=round(100 * rate), seed=seed, threshold="", snapshot="",
        picked=Selection.of(edges=edges).ids, goto="explore",
    )  # fmt: skip


def draw_predictions(view: View, verdict: Verdict) -> None:
    """Draw the nodes whose predictions torque changes most."""
    nodes = verdict.predictions()
    gained, lost = (int(nodes["change"].clip(lower=0).sum()), int((-nodes["change"]).clip(lower=0).sum()))
    changed = nodes[nodes["change"] != 0]
    st.markdown(
        f"**Predictions that change**: torque corrects {gained:,} and spoils {lost:,} predictions of "
        f"{len(changed):,} nodes, of {int(nodes['tests'].sum()):,} predictions of test nodes."
    )
    if changed.empty:
        return
    order = changed["change"].abs().sort_values(ascending=False, kind="stable").index[:_ROWS]
    shown, y, classes = changed.loc[order], view.dataset.data.y, view.dataset.class_names
    table = pd.DataFrame(
        {
            "node": [visible(view.node_name(node)) for node in order],
            "class": [str(classes[y[node]] if classes else int(y[node])) for node in order],
            "tests": shown["tests"], "right, plain": shown["plain_right"], "right, torque": shown["torque_right"],
            "change": shown["change"],
        }
    )  # fmt: skip
    event = st.dataframe(
        escape_formulas(table), hide_index=True, key="verdict_nodes", on_select="rerun", selection_mode="single-row",
        height=280, column_config={"change": st.column_config.NumberColumn(format="%+d")},
    )  # fmt: skip
    node = next((int(order[row]) for row in event.selection.rows if row < len(order)), int(order[0]))
    st.button(
        f"Show the receptive field of {view.node_label(node)}", icon=":material/target:", key="verdict_node",
        on_click=lambda: st.session_state.update(node=node, goto="receptive_field"),
    )  # fmt: skip
