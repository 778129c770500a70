"""Layers: the graph step by step from the input to the last layer, and the fate of every edge in each layer."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from pages.shared.core import comparisons, queries
from pages.shared.core.view import View
from pages.shared.frame.page import chart_config, load_view, percent, theme
from pages.shared.state.shortcuts import SHORTCUTS
from pages.shared.views.export_menu import draw_export_menu, draw_introduction
from pages.shared.views.graph_figures import draw_side_by_side
from pages.shared.views.report_sections import layers_sections
from torque_core.figures.fates import fate_figure
from torque_core.rewiring.graph_change import GraphChange

SECONDS_PER_STEP = 1.5


def graph_at(view: View, frame: int) -> tuple[str, GraphChange]:
    """Title and graph of a step; step 0 is the input graph."""
    if not frame:
        return "Input graph, with noise", comparisons.change(view.settings, "plain")
    layer = view.rewiring.layers[frame - 1]
    return f"Layer {frame}", layer


def move(by: int, last: int) -> None:
    """Move by hand to the next or the previous step, which stops the playback."""
    st.session_state.frame = min(max(st.session_state.frame + by, 0), last)
    st.session_state.playing = False


def toggle_playback(last: int) -> None:
    """Start the playback, from the input if the last layer is displayed, or stop it."""
    playing = not st.session_state.get("playing", False)
    if playing and st.session_state.frame >= last:
        st.session_state.frame = 0
    st.session_state.playing = playing


def draw_controls(last: int) -> int:
    """Draw the slider, the playback buttons and their shortcuts; return the step."""
    row = st.container(horizontal=True, vertical_alignment="bottom")
    playing = st.session_state.get("playing", False)
    row.button("Previous", icon=":material/chevron_left:", on_click=move, args=(-1, last), width="content",
               shortcut=SHORTCUTS["previous"].keys, disabled=st.session_state.frame <= 0)  # fmt: skip
    row.button(
        "Pause" if playing else "Play", icon=":material/pause:" if playing else ":material/play_arrow:",
        on_click=toggle_playback, args=(last,), width="content", shortcut=SHORTCUTS["play"].keys, key="play",
    )  # fmt: skip
    row.button("Next", icon=":material/chevron_right:", on_click=move, args=(1, last), width="content",
               shortcut=SHORTCUTS["next"].keys, disabled=st.session_state.frame >= last)  # fmt: skip
    return int(row.select_slider(
        "Step", range(last + 1), key="frame", persist_state="session",
        format_func=lambda frame: f"layer {frame}" if frame else "input",
        help="The input graph, followed by the rewired graph of each layer.",
    ))  # fmt: skip


def draw_layer_table(view: View) -> None:
    """Draw the table of layers: edges pruned and added, detection, homophily and the reason for the cut."""
    rows = []
    for number, layer in enumerate(view.rewiring.layers):
        report = queries.layer_detection(*view.key, number)
        _, after = queries.layer_structure(*view.key, number)
        rows.append({
            "layer": number + 1, "edges": layer.pairs.size(1), "pruned": report.pruned,
            "added": layer.added.size(1), "precision": percent(report.precision), "recall": percent(report.recall),
            "homophily": percent(after.edge_homophily), "cut": layer.cut.reason,
        })  # fmt: skip
    column = st.column_config
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config={
        "layer": column.NumberColumn("Layer", pinned=True),
        "edges": column.NumberColumn("Input edges", format="localized"),
        "pruned": column.NumberColumn("Pruned", format="localized", help="Edges with torque at or above the cut."),
        "added": column.NumberColumn("Added", format="localized", help="New edges of low torque."),
        "precision": column.TextColumn("Precision", help="Fraction of the pruned edges that the noise injected."),
        "recall": column.TextColumn("Recall", help="Fraction of the injected edges that were pruned."),
        "homophily": column.TextColumn("Edge homophily", help="Fraction of the edges of the rewired graph "
                                       "that connect nodes of the same class."),
        "cut": column.TextColumn("Reason for the cut", width="large"),
    })  # fmt: skip


@st.fragment(run_every=SECONDS_PER_STEP)
def advance(last: int) -> None:
    """Move to the next step and redraw the whole page, at regular intervals during the playback."""
    if not st.session_state.pop("started", False):  # the first call happens as part of the page's own run
        if st.session_state.frame < last:
            st.session_state.next_frame = st.session_state.frame + 1
        st.session_state.playing = st.session_state.get("next_frame", last) < last
        st.rerun()


view = load_view(every_layer=True, of_training=True)
last = len(view.rewiring.layers)
if "next_frame" in st.session_state:
    st.session_state.frame = st.session_state.pop("next_frame")
if st.session_state.frame > last:
    st.warning(f"There is no step {st.session_state.frame}: this graph has {last} layers. The last one is displayed.",
               icon=":material/info:")  # fmt: skip
    st.session_state.frame = last
export = draw_introduction(
    f"**{view.title}**: press **Play** and watch the graph on the right. Every layer passes messages "
    "along its own edges: edges between distant and unlike nodes are pruned (**dashed**), and edges between close and "
    "similar nodes are added (**blue**)."
)
frame = draw_controls(last)
panels = [graph_at(view, 0), graph_at(view, frame)]
draw_side_by_side(view, panels, key="layers_figure")
left, right = st.columns([3, 2], gap="medium")
with left:
    st.markdown("**Edge fates by layer**")
    fates = fate_figure(queries.fates(*view.key), theme())
    st.plotly_chart(fates.figure, key="fates", alt=fates.alt, config=chart_config())
    hierarchy = view.settings.rewire.hierarchy
    st.caption(
        "Purple: injected by the noise. "
        + ("Each layer judges all edges of the input graph, so a pruned edge can return." if hierarchy == "independent"
           else "Each layer judges the edges that the previous layer kept, so a pruned edge does not return.")
    )  # fmt: skip
with right:
    st.markdown("**Layer by layer**")
    draw_layer_table(view)
displayed = replace(view, settings=replace(view.settings, layer=max(frame - 1, 0)), threshold=None)
draw_export_menu(export, displayed, layers_sections(displayed, panels))
if st.session_state.get("playing", False):
    st.session_state.started = True
    advance(last)
