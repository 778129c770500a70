"""Rewirings of one whole graph side by side, on stages or, if it is too large for them, as images of its density."""

from collections.abc import Sequence

import streamlit as st

from pages.shared.core import comparisons
from pages.shared.core.view import View
from pages.shared.frame.page import chart_config, node_positions, theme
from pages.shared.frame.stage import stage
from pages.shared.state.selection import Selection, clicked, drop_missing, select, select_in_network
from torque_core.figures import change_edges, network_data, side_by_side_figure
from torque_core.rewiring.graph_change import GraphChange

__all__ = ["draw_side_by_side", "draw_steps", "fits_stage"]

_GESTURES = (
    "Drag to move and scroll to zoom; both graphs follow. Click a node or an edge to select it in all views, and hold "
    "Shift while dragging to select several."
)
_MAX_NODES, _MAX_EDGES = 5_000, 40_000


def fits_stage(num_nodes: int, num_edges: int) -> bool:
    """Return True if a graph is small enough to be drawn and sent to the browser without a noticeable delay."""
    return num_nodes <= _MAX_NODES and num_edges <= _MAX_EDGES


def draw_side_by_side(
    view: View, panels: Sequence[tuple[str, GraphChange]], *, key: str, nodes: Sequence[int] | None = None
) -> None:
    """Draw rewirings of one graph, with the same layout, camera and selection.

    Args:
        view: The view whose graph they rewire.
        panels: Title of each panel and the change that a method made to the graph.
        key: Key of the figure.
        nodes: The nodes to draw, between which the edges of all panels are; None for all.
    """
    size = view.rewiring.num_nodes
    selected, drawn = drop_missing(size), range(size) if nodes is None else nodes
    if not fits_stage(len(drawn), max(change.pairs.size(1) + change.added.size(1) for _, change in panels)):
        _draw_densities(view, panels, selected, key)
        return
    for number, (column, panel) in enumerate(zip(st.columns(len(panels)), panels, strict=True)):
        with column:
            _draw_panel(view, [panel], selected, key, number, drawn)
    st.caption(_GESTURES)


def draw_steps(view: View, steps: Sequence[tuple[str, GraphChange]], *, key: str) -> None:
    """Draw the first of several rewirings of one graph beside the one that the control of the step shows.

    Args:
        view: The view whose graph they rewire.
        steps: Title of each step and the change of the graph.
        key: Key of the figure, and name of the view for :func:`~pages.shared.frame.stage.steps_control`.
    """
    size = view.rewiring.num_nodes
    selected = drop_missing(size)
    if not fits_stage(size, max(change.pairs.size(1) + change.added.size(1) for _, change in steps)):
        _draw_densities(view, [steps[0], steps[st.session_state.frame]], selected, key)
        return
    left, right = st.columns(2)
    with left:
        _draw_panel(view, steps[:1], selected, key, 0, range(size))
    with right:
        _draw_panel(view, steps, selected, key, 1, range(size))
    st.caption(_GESTURES)


def _draw_panel(
    view: View,
    steps: Sequence[tuple[str, GraphChange]],
    selected: Selection,
    key: str,
    number: int,
    nodes: Sequence[int],
) -> None:
    """Draw a stage of some nodes with one rewiring, or with several of which one is shown."""
    data = view.dataset
    drawn: list[dict[str, object]] = []
    for title, change in steps:
        counts = f"{change.kept.size(1):,} kept · {change.pruned.size(1):,} pruned · {change.added.size(1):,} added"
        network = network_data(
            nodes, change_edges(change, view.noisy.is_injected(change.pairs)), node_positions(view), data.data.y,
            theme(), names=data.names, classes=data.class_names, attributes=data.attributes,
        )  # fmt: skip
        alt = f"{title}: {len(nodes):,} nodes, {counts}"
        drawn.append({"title": f"{title}: {counts}", "alt": alt, "edges": network["edges"]})
    stage(
        network,
        key=f"{key}_{number}",
        group=key,
        title=str(drawn[0]["title"]),
        steps=drawn if drawn[1:] else None,
        alt=alt,
        height=460,
        switch=any(change.pruned.size(1) + change.added.size(1) for _, change in steps),
        selected_nodes=selected.nodes,
        selected_edges=selected.edges,
        camera=key,
        on_select=select_in_network,
    )


def _draw_densities(view: View, panels: Sequence[tuple[str, GraphChange]], selected: Selection, key: str) -> None:
    data = view.dataset
    figure = side_by_side_figure(
        panels, node_positions(view), data.data.y, comparisons.injected(view.settings), theme(), names=data.names,
        classes=data.class_names, selected_nodes=selected.nodes, selected_edges=selected.edges,
    )  # fmt: skip

    def select_clicked() -> None:
        chosen = clicked(key)
        if len(chosen):  # a redraw clears the selection of the figure itself
            select(chosen.nodes, chosen.edges)

    st.plotly_chart(
        figure.figure, key=key, alt=figure.alt, config=chart_config(scrollZoom=True), on_select=select_clicked,
        selection_mode="points",
    )  # fmt: skip
    note = f" {figure.sampling_note}" if figure.sampling_note else ""
    st.caption(
        "Edges: grey, kept; **dashed vermilion**, pruned; **blue**, added"
        f"{view.of_injected('; with a ◇, injected by the noise')}. Drag to "
        f"move and scroll to zoom; both graphs follow. Click a node or the marker of an edge to select it.{note}"
    )
