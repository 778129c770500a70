"""Several rewirings of one graph, drawn side by side with a shared camera."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from plotly.subplots import make_subplots
from torch import Tensor

from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.elements import arrowheads, directions_by_fate, drawn_nodes, node_points, with_renderer
from torque_core.figures.palette import PRUNED, Theme
from torque_core.figures.plotly_text import plotly_text
from torque_core.figures.shading import StyledEdges, legend_lines, shade_edges, too_large_for_lines
from torque_core.rewiring.graph_change import GraphChange

__all__ = ["side_by_side_figure"]

_CROWDED = 1_000  # edges; above it, lines are thinner and only nodes respond to hover
_WIDTHS = {"pruned": 1.3, "added": 2.0, "kept": 1.2}  # pruned and added edges must not hide the kept ones
_ADDED_MARKER = "added edge"  # trace without a legend entry
_NOT_DIMMED = {"marker": {"opacity": 0.9}}  # the selection is drawn explicitly; do not dim other points
_Panel = tuple[str, GraphChange]


def side_by_side_figure(
    panels: Sequence[_Panel],
    position: np.ndarray,
    y: Tensor,
    injected: Tensor,
    theme: Theme,
    *,
    names: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    selected_nodes: Sequence[int] = (),
    selected_edges: Sequence[tuple[int, int]] = (),
) -> DescribedFigure:
    """Draw several rewirings of one graph side by side; zooming or panning one panel applies to all.

    The ``customdata`` of a point is the index of a node, or both endpoints of an edge.

    Args:
        panels: Title of each panel and the change that a method made to the graph.
        position: Node positions from :func:`~torque_core.figures.layout.node_layout`, :math:`(|\\mathcal{V}|, 2)`.
        y: Labels, which determine the colours of the nodes, :math:`(|\\mathcal{V}|,)`.
        injected: Mask of the edges of the input graph that the noise inserted, bool, :math:`(|\\mathcal{E}|,)`; they
            are marked with a diamond.
        theme: Light or dark theme.
        names: Names of the nodes; by default their indices.
        classes: Names of the classes; by default their indices.
        selected_nodes: Nodes to mark with a ring in each panel.
        selected_edges: Node pairs to highlight in each panel, whether or not they are edges there.
    """
    headings = [
        f"<b>{plotly_text(title)}</b>: {change.kept.size(1):,} kept · {change.pruned.size(1):,} pruned · "
        f"{change.added.size(1):,} added"
        for title, change in panels
    ]
    figure = make_subplots(1, len(panels), subplot_titles=headings, horizontal_spacing=0.02)
    max_edges = max(change.pairs.size(1) + change.added.size(1) for _, change in panels)
    shaded = too_large_for_lines(len(position), max_edges)
    nodes = drawn_nodes(panels[0][1].pairs.numpy(), len(position))
    points = node_points(
        position, nodes, y, theme, names, classes, size=8 if len(position) <= 300 else 4 if not shaded else 3
    )
    for column, (_, change) in enumerate(panels, start=1):
        kinds = _styled_edges(change, theme)
        if shaded:
            shading = shade_edges(kinds, position)
            figure.add_layout_image(shading.image("" if column == 1 else str(column)))
            figure.update_xaxes(range=[shading.low[0], shading.high[0]], col=column)
            figure.update_yaxes(range=[shading.low[1], shading.high[1]], col=column)
            traces = [line | {"name": kind} for kind, line in zip(kinds, legend_lines(kinds), strict=True)]
        else:
            traces = _edge_traces(kinds, change, position, injected)
        traces.append(points | {"name": "nodes, coloured by class"})
        if selected_nodes or selected_edges:
            traces.insert(0, _selection(position, selected_nodes, selected_edges, theme))
        for trace in traces:
            in_legend = column == 1 and trace["name"] != _ADDED_MARKER and trace.get("showlegend", True)
            figure.add_trace(
                with_renderer(trace | {"legendgroup": trace["name"], "showlegend": in_legend}), row=1, col=column
            )
    figure.update_xaxes(visible=False, matches="x")
    figure.update_yaxes(visible=False, matches="y")
    figure.update_annotations(font={"size": 14})
    figure.update_layout(
        height=480,
        margin={"l": 0, "r": 0, "t": 30, "b": 0},
        legend={"orientation": "h", "y": -0.02, "x": 0, "yanchor": "top", "itemsizing": "constant"},
        dragmode="pan",
        uirevision="compared",  # preserve zoom and pan when another method is selected
        hovermode="closest",
    )
    counts = "; ".join(
        f"{title}: {change.kept.size(1):,} kept edges in grey, {change.pruned.size(1):,} pruned edges in dashed "
        f"vermilion, {change.added.size(1):,} added edges in blue"
        for title, change in panels
    )
    alt = (
        f"The same graph of {len(position):,} nodes, side by side. {counts}. {int(injected.sum()):,} edges were "
        "injected by the noise" + ("." if shaded else " and are marked with a diamond.")
    )
    note = None
    if shaded:
        note = (
            "The image shows the density of all edges; a colour is stronger where its kind is more frequent than "
            "elsewhere."
        )
        if len(nodes) < len(position):
            note += f" Nodes drawn: the {len(nodes):,} of {len(position):,} with the highest degree."
    return DescribedFigure(figure, alt, note)


def _styled_edges(change: GraphChange, theme: Theme) -> dict[str, StyledEdges]:
    return {
        "pruned": StyledEdges(change.pruned.numpy(), PRUNED, "dash"),
        "added": StyledEdges(change.added.numpy(), theme.added, "solid"),
        "kept": StyledEdges(change.kept.numpy(), theme.kept, "solid"),
    }


def _edge_traces(
    kinds: dict[str, StyledEdges], change: GraphChange, position: np.ndarray, injected: Tensor
) -> list[dict[str, Any]]:
    """A line trace for each kind of edge, followed by the markers at their midpoints, in drawing order."""
    crowded = change.pairs.size(1) + change.added.size(1) > _CROWDED
    pruned, injected_mask = change.pruned_mask.numpy(), injected.numpy()
    injected_by_kind = {
        "pruned": injected_mask[pruned],
        "added": np.zeros(change.added.size(1), bool),
        "kept": injected_mask[~pruned],
    }
    directions = directions_by_fate(change)
    lines, markers = [], []
    for kind, (pairs, colour, dash) in kinds.items():
        is_injected, width = injected_by_kind[kind], _WIDTHS[kind]
        ends = position[pairs]  # (2, E, 2)
        # each trace starts with an empty segment: an empty trace would be missing in the legend shared by all panels
        line = np.full((pairs.shape[1] + 1, 3, 2), np.nan)
        line[1:, 0], line[1:, 1] = ends
        style = {"color": colour, "width": width / 2 if crowded else width, "dash": dash}
        opacity = 0.45 if crowded and kind != "kept" else 0.9
        lines.append({**_coordinates(line.reshape(-1, 2)), "mode": "lines", "line": style, "opacity": opacity,
                      "name": kind, "hoverinfo": "skip"})  # fmt: skip
        if not crowded and kind in directions and (arrows := arrowheads(ends, directions[kind], colour)):
            lines.append({**arrows, "opacity": opacity, "name": kind})
        marked = (
            is_injected if crowded else is_injected | (kind != "kept")
        )  # a marker on each edge would hide the graph
        if kind == "added" and crowded:
            continue
        middle = np.insert(ends.mean(axis=0)[marked], 0, np.nan, axis=0)
        diamond = np.insert(is_injected[marked], 0, True)
        origin = np.where(is_injected[marked], "injected by the noise", "new" if kind == "added" else "original")
        text = [f"{i} – {j}: {kind}, {word}" for (i, j), word in zip(pairs[:, marked].T, origin, strict=True)]
        symbols = {
            "symbol": np.where(diamond, "diamond-open", "circle").tolist(),
            "size": np.where(diamond, 4 if crowded else 7, 3).tolist(),
        }
        markers.append({**_coordinates(middle), "mode": "markers", "marker": {"color": colour, **symbols},
                        "text": ["", *text], "customdata": [[-1, -1], *pairs[:, marked].T.tolist()],
                        "unselected": _NOT_DIMMED, "opacity": 0.6 if crowded else 1.0,
                        "hovertemplate": "%{text}<extra></extra>",
                        "name": _ADDED_MARKER if kind == "added" else f"◇ injected, {kind}"})  # fmt: skip
    return lines + markers


def _selection(
    position: np.ndarray, nodes: Sequence[int], edges: Sequence[tuple[int, int]], theme: Theme
) -> dict[str, Any]:
    """Rings around nodes and bands along edges in one trace; a node is a line of length zero."""
    ends = position[[*((node, node) for node in nodes), *edges]]  # (K, 2, 2)
    line = np.full((len(ends), 3, 2), np.nan)
    line[:, :2] = ends
    ring = {"symbol": "circle", "size": 16, "color": theme.text, "opacity": 0.6}
    return {**_coordinates(line.reshape(-1, 2)), "mode": "lines+markers", "line": {"color": theme.text, "width": 5},
            "marker": ring, "opacity": 0.6, "hoverinfo": "skip", "name": "selected"}  # fmt: skip


def _coordinates(points: np.ndarray) -> dict[str, Any]:
    return {"x": points[:, 0], "y": points[:, 1]}
