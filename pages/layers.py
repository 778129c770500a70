"""Layers: the graph step by step, from the input to the last layer, and what becomes of every edge on the way."""

from dataclasses import replace
from functools import partial

import pandas as pd
import streamlit as st

from pages.shared.core import comparisons, queries
from pages.shared.core.view import View
from pages.shared.frame.page import chart_config, load_view, percent, theme
from pages.shared.state.selection import clicked, drop_missing, select
from pages.shared.state.shortcuts import SHORTCUTS
from pages.shared.views.export_menu import draw_export_menu
from pages.shared.views.report_sections import layers_sections
from torque_core.diagnostics.graph_change import GraphChange
from torque_core.figures.fates import fate_figure
from torque_core.figures.side_by_side import side_by_side_figure

SECONDS_A_STEP = 1.5


def frame_of(seen: View, frame: int) -> tuple[str, GraphChange]:
    """What is drawn at a step: 0 is the input graph, from which nothing is taken yet."""
    before = comparisons.change(seen.settings, "plain")
    if not frame:
        return "Input graph, with the noise", before
    layer = seen.rewiring.layers[frame - 1]
    change = GraphChange("torque", layer.pairs, layer.pruned_mask, layer.added, layer.num_nodes, 0.0, layer=layer)
    return f"Layer {frame}", change


def turn(by: int, last: int) -> None:
    """A step on or back; by hand ends the play."""
    st.session_state.frame = min(max(st.session_state.frame + by, 0), last)
    st.session_state.playing = False


def play(last: int) -> None:
    """Start from the input again if the last layer is shown, or stop."""
    playing = not st.session_state.get("playing", False)
    if playing and st.session_state.frame >= last:
        st.session_state.frame = 0
    st.session_state.playing = playing


def controls(last: int) -> int:
    """Slider, play and pause, arrow keys."""
    row = st.container(horizontal=True, vertical_alignment="bottom")
    playing = st.session_state.get("playing", False)
    row.button("Previous", icon=":material/chevron_left:", on_click=turn, args=(-1, last), width="content",
               shortcut=SHORTCUTS["previous"].keys, disabled=st.session_state.frame <= 0)  # fmt: skip
    row.button(
        "Pause" if playing else "Play", icon=":material/pause:" if playing else ":material/play_arrow:",
        on_click=play, args=(last,), width="content", shortcut=SHORTCUTS["play"].keys, key="play",
    )  # fmt: skip
    row.button("Next", icon=":material/chevron_right:", on_click=turn, args=(1, last), width="content",
               shortcut=SHORTCUTS["next"].keys, disabled=st.session_state.frame >= last)  # fmt: skip
    return int(row.select_slider(
        "Step", range(last + 1), key="frame", persist_state="session",
        format_func=lambda frame: f"layer {frame}" if frame else "input",
        help="The input graph, and then the graph that each layer leaves.",
    ))  # fmt: skip


def take() -> None:
    """Select what was clicked."""
    found = clicked("layers_figure")
    if len(found):
        select(found.nodes, found.edges)


def pictures(seen: View, panels: list[tuple[str, GraphChange]]) -> None:
    """The input and the layer side by side, on one layout and under one camera."""
    marked = drop_missing(seen.rewiring.num_nodes)
    figure = side_by_side_figure(
        panels, queries.layout(seen.settings.dataset), seen.dataset.data.y, comparisons.injected(seen.settings),
        theme(), names=seen.dataset.names, classes=seen.dataset.class_names, selected_nodes=marked.nodes,
        selected_edges=marked.edges,
    )  # fmt: skip
    if figure.sampling_note:
        st.caption(figure.sampling_note)
    st.plotly_chart(
        figure.figure, key="layers_figure", alt=figure.alt, config=chart_config(scrollZoom=True),
        on_select=take, selection_mode="points",
    )  # fmt: skip
    st.caption(
        "Grey: kept. **Dashed vermilion**: pruned. **Blue**: added. ◇ in the middle: injected by the noise. Drag to "
        "move, scroll to zoom: both graphs follow. Click a node or the mark of an edge to select it in all views."
    )


def table(seen: View) -> None:
    """Each layer in numbers."""
    rows = []
    for number, layer in enumerate(seen.rewiring.layers):
        report = queries.layer_detection(*seen.key, number)
        _, after = queries.layer_structure(*seen.key, number)
        rows.append({
            "layer": number + 1, "judged": layer.pairs.size(1), "pruned": report.pruned,
            "added": layer.added.size(1), "precision": percent(report.precision), "recall": percent(report.recall),
            "homophily": percent(after.edge_homophily), "cut": layer.cut.reason,
        })  # fmt: skip
    column = st.column_config
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config={
        "layer": column.NumberColumn("Layer", pinned=True),
        "judged": column.NumberColumn("Edges judged", format="localized"),
        "pruned": column.NumberColumn("Pruned", format="localized", help="Edges whose torque reaches the layer's cut."),
        "added": column.NumberColumn("Added", format="localized", help="New links of low torque."),
        "precision": column.TextColumn("Precision", help="Share of the pruned edges that the noise had injected."),
        "recall": column.TextColumn("Recall", help="Share of the injected edges that were pruned."),
        "homophily": column.TextColumn("Edge homophily", help="Share of the edges within a class, after this layer."),
        "cut": column.TextColumn("Why the cut is there", width="large"),
    })  # fmt: skip


@st.fragment(run_every=SECONDS_A_STEP)
def tick(last: int) -> None:
    """While it plays, a step on, and the whole page anew."""
    if not st.session_state.pop("started", False):  # the first run comes with the page itself
        if st.session_state.frame < last:
            st.session_state.next_frame = st.session_state.frame + 1
        st.session_state.playing = st.session_state.get("next_frame", last) < last
        st.rerun()


seen = load_view(every_layer=True, of_training=True)
last = len(seen.rewiring.layers)
if "next_frame" in st.session_state:
    st.session_state.frame = st.session_state.pop("next_frame")
if st.session_state.frame > last:
    st.warning(f"Step {st.session_state.frame} is beyond the last of {last} layers, which is shown.",
               icon=":material/info:")  # fmt: skip
    st.session_state.frame = last
st.markdown(
    f"**{seen.dataset.info.title}**: press **Play** and watch the right graph. Every layer of the network listens "
    "along its own edges: those far and unlike (**dashed**) go, near and alike ones (**blue**) come."
)
frame = controls(last)
panels = [frame_of(seen, 0), frame_of(seen, frame)]
pictures(seen, panels)
left, right = st.columns([3, 2], gap="medium")
with left:
    st.markdown("**What becomes of every edge, layer by layer**")
    fates = fate_figure(queries.fates(*seen.key), theme())
    st.plotly_chart(fates.figure, key="fates", alt=fates.alt, config=chart_config())
    hierarchy = seen.settings.rewire.hierarchy
    st.caption(
        "Purple: injected by the noise. "
        + ("Each layer judges the input graph's edges anew: an edge may come back." if hierarchy == "independent"
           else "Each layer judges what the one before left: what is cut stays cut.")
    )  # fmt: skip
with right:
    st.markdown("**Layer by layer**")
    table(seen)
stepped = replace(seen, settings=replace(seen.settings, layer=max(frame - 1, 0)), threshold=None)
draw_export_menu(stepped, partial(layers_sections, stepped, panels))
if st.session_state.get("playing", False):
    st.session_state.started = True
    tick(last)
