"""Explore: the torque of every edge, the edges that are pruned and added, and how many of them the noise injected."""

import streamlit as st

from pages.shared.core import queries
from pages.shared.core.markdown import escape_markdown
from pages.shared.core.receptive_field import neighbourhood
from pages.shared.core.view import View
from pages.shared.frame.layer_choice import layer_choice
from pages.shared.frame.network_canvas import network_canvas
from pages.shared.frame.page import chart_config, load_view, node_input, node_positions, theme
from pages.shared.frame.stage import stage
from pages.shared.runs import registry
from pages.shared.runs.seed_statistics import score_text
from pages.shared.state.selection import Selection, clicked, drop_missing, select_in_neighbourhood, select_in_network
from pages.shared.state.settings import MAX_NETWORK_NODES, default_view
from pages.shared.views.catch_game import draw_catch_game, game_is_open
from pages.shared.views.data_tables import draw_data_tables
from pages.shared.views.edge_explanation import explain_selection
from pages.shared.views.export_menu import draw_export_menu
from pages.shared.views.graph_figures import fits_stage
from pages.shared.views.input_preview import draw_input_preview
from pages.shared.views.key_numbers import draw_key_numbers
from pages.shared.views.manual_cut import live_state
from pages.shared.views.report_sections import explore_sections
from pages.shared.views.torque_charts import draw_torque_charts
from torque_core.experiments import METHODS
from torque_core.figures import layer_edges, network_data
from torque_core.figures.backdrop import backdrop_figure

_GRAPHS = {"network": "One node", "whole": "Whole graph"}


def draw_graph(view: View, selected: Selection) -> None:
    """Draw the graph of the layer, whole or around one node, in the way that suits its size."""
    size = view.rewiring.num_nodes
    if not st.session_state.view:
        st.session_state.view = default_view(size)
    row = st.container(horizontal=True, gap="xsmall")
    layer_choice(row)
    with row:
        playing = game_is_open(view)
    if playing:
        draw_catch_game(view, key="game_stage")
        return
    whole = size <= MAX_NETWORK_NODES or row.segmented_control(
        "View", list(_GRAPHS), format_func=_GRAPHS.__getitem__, key="view", label_visibility="collapsed", required=True,
        persist_state="session",
    ) == "whole"  # fmt: skip
    number = view.settings.layer + 1
    if not whole:
        draw_neighbourhood(view, selected)
    elif not fits_stage(size, view.layer.pairs.size(1)):
        drawn = backdrop_figure(
            view.layer, node_positions(view), view.dataset.data.y, view.injected, theme(), number=number,
            names=view.dataset.names, classes=view.dataset.class_names, selected_nodes=selected.nodes,
            selected_edges=selected.edges,
            shading=queries.layer_shading(*view.key, view.settings.layer, theme(), view.threshold),
        )  # fmt: skip
        if drawn.sampling_note:
            st.caption(drawn.sampling_note)
        st.plotly_chart(
            drawn.figure, key="graph", alt=drawn.alt, config=chart_config(scrollZoom=True), on_select=select_clicked,
            selection_mode="points",
        )  # fmt: skip
        st.caption("Click a node to show its neighbourhood, or the marker of an edge to select it in all views.")
    else:
        links = layer_edges(view.layer_by_rule, view.injected)  # the stage itself applies a cut by hand
        stage(
            network_data(
                range(size), links, node_positions(view), view.dataset.data.y, theme(), names=view.dataset.names,
                classes=view.dataset.class_names, attributes=view.dataset.attributes,
            ),
            key="stage",
            group="layer",
            alt=graph_alt(view, size),
            live=live_state(view),
            numbers=False,
            selected_nodes=selected.nodes,
            selected_edges=selected.edges,
            on_select=select_in_network,
        )  # fmt: skip
        st.caption(
            "Hover over an edge to see its torque, click to select it in all views, and hold Shift while dragging to "
            "select several."
        )


def draw_neighbourhood(view: View, selected: Selection) -> None:
    """Draw a node and its neighbours before and after rewiring."""
    size = view.rewiring.num_nodes
    focus = node_input(
        size, purpose="The node whose neighbours before and after rewiring are drawn.", names=view.dataset.names
    )
    nodes, position, left_out = neighbourhood(view, focus, most=MAX_NETWORK_NODES)
    st.caption(f"Node {focus} and its {len(nodes) - 1} neighbours before or after rewiring." + left_out)
    network_canvas(
        network_data(
            nodes, layer_edges(view.layer, view.injected, nodes), position, view.dataset.data.y, theme(),
            names=view.dataset.names, classes=view.dataset.class_names, focus=focus, attributes=view.dataset.attributes,
        ),
        key="network",
        alt=graph_alt(view, len(nodes)),
        selected_nodes=selected.nodes,
        selected_edges=selected.edges,
        image=st.session_state.image,
        on_select=select_in_neighbourhood,
    )  # fmt: skip
    st.caption(
        "Edges: grey, kept; **dashed vermilion**, pruned; **thick blue**, added"
        f"{view.of_injected('; with a ◆, injected by the noise')}. "
        "Nodes: colour and shape show the class. Hover over an edge to see its torque, click to select it in all "
        "views, and hold Shift while dragging to select several."
    )


def graph_alt(view: View, drawn: int) -> str:
    """Description of the graph for screen readers."""
    layer = view.layer
    return (
        f"Network of layer {view.settings.layer + 1}: {drawn:,} nodes, {layer.kept.size(1):,} kept, "
        f"{layer.pruned.size(1):,} pruned and {layer.added.size(1):,} added edges"
    )


def select_clicked() -> None:
    """Select what was clicked in the overview; for a single node, show its neighbourhood."""
    selected = clicked("graph")
    if len(selected):
        select_in_network(selected.nodes, selected.edges, False)
        if len(selected.nodes) == 1:
            st.session_state.view = "network"


def draw_last_scores(view: View) -> None:
    """Show the test scores of this session's last training on this graph, or where to train."""
    run = registry.last_finished_run(view.settings)
    if run is None:
        st.caption("To compare test scores on the original and the rewired graph, train on the page **Train**.")
        return
    scores = (f"{METHODS[name].title} {score_text(run.record.outcomes(name))}" for name in run.models)
    first, count = run.record.spec.seed, len(run.record.outcomes("plain"))
    seeds = f"seed {first}" if count == 1 else f"mean of {count} seeds"
    st.caption(f"Test score in the last training on this graph ({seeds}): {', '.join(scores)}.")


view = load_view(of_training=True, preview=draw_input_preview)
selected = drop_missing(view.rewiring.num_nodes)
export = explain_selection(view, selected)
draw_key_numbers(view)
left, right = st.columns([3, 2], gap="medium")
with left.container(gap="xsmall"):
    draw_graph(view, selected)
with right.container(gap="xsmall"):
    draw_torque_charts(view, selected)
    draw_last_scores(view)
with st.expander("Edges and nodes", icon=":material/table_rows:", key="tables", on_change="rerun") as tables:
    if tables.open:
        draw_data_tables(view, selected)
draw_export_menu(export, view, explore_sections(view))
if view.dataset.notes:
    with st.expander("Notes on this data set", icon=":material/info:"):
        st.markdown("\n".join(f"- {escape_markdown(note)}" for note in view.dataset.notes))
