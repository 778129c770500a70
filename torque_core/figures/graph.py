"""Graph of one layer, drawn as lines: kept, pruned and added edges, and those injected by the noise."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from torch import Tensor

from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.elements import (
    arrowheads,
    directions_by_fate,
    edge_lines,
    node_labels,
    node_points,
    selected_edge_lines,
    selected_node_rings,
)
from torque_core.figures.palette import PRUNED, Theme
from torque_core.figures.sampling import evenly_spaced
from torque_core.rewiring.record import LayerRewiring

__all__ = ["MAX_DRAWN_EDGES", "graph_figure"]

MAX_DRAWN_EDGES = 15_000
"""Maximum number of edges drawn per kind (kept, pruned, added); a note states how many were left out."""
_CROWDED = 1_000  # edges; above it, lines are thinner and only nodes respond to hover
_MAX_OPAQUE, _MIN_OPACITY = 5_000, 0.35  # with more kept edges, they become fainter, down to this opacity
_DIAMOND = 0.006  # half of the width of a diamond; the largest component is 1 wide
_WEBGL_FROM = 15_000  # elements; below it, SVG is as fast and prints sharply


def graph_figure(
    layer: LayerRewiring,
    position: np.ndarray,
    y: Tensor,
    injected: Tensor,
    theme: Theme,
    *,
    number: int = 1,
    names: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    selected_nodes: Sequence[int] = (),
    selected_edges: Sequence[tuple[int, int]] = (),
) -> DescribedFigure:
    """Draw one layer: kept edges grey, pruned ones dashed vermilion, added ones solid blue.

    In a graph with few edges, arrowheads show where edges go one way.

    The ``customdata`` of a point is the index of a node or, in a graph with few edges, both endpoints of the edge at
    whose midpoint it lies.

    Args:
        layer: Record of the rewired layer.
        position: Node positions from :func:`~torque_core.figures.layout.node_layout`, :math:`(|\\mathcal{V}|, 2)`.
        y: Labels, which determine the colours of the nodes, :math:`(|\\mathcal{V}|,)`.
        injected: Mask of the edges in ``layer.pairs`` that the noise inserted, bool, :math:`(|\\mathcal{E}|,)`; they
            are marked with a diamond.
        theme: Light or dark theme.
        number: Number of the layer, for the description.
        names: Names of the nodes; by default their indices.
        classes: Names of the classes; by default their indices.
        selected_nodes: Nodes to mark with a ring.
        selected_edges: Node pairs to highlight, whether or not they are edges.
    """
    pruned = layer.pruned_mask
    crowded = layer.pairs.size(1) > _CROWDED
    kinds = [
        ("pruned", layer.pruned, layer.torque.value[pruned], injected[pruned], PRUNED, "dash", 0.7 if crowded else 1.3),
        (
            "kept",
            layer.kept,
            layer.torque.value[~pruned],
            injected[~pruned],
            theme.kept,
            "solid",
            0.5 if crowded else 0.9,
        ),
        ("added", layer.added, layer.added_torque.value, None, theme.added, "solid", 1.3 if crowded else 2.0),
    ]
    traces: list[dict[str, Any]] = []
    if selected_edges:
        traces.append(selected_edge_lines(position, selected_edges, theme))
    left_out: list[str] = []
    directions = directions_by_fate(layer)
    for name, edges, torque, injected_mask, colour, dash, width in kinds:
        drawn = evenly_spaced(edges.size(1), MAX_DRAWN_EDGES)
        if len(drawn) < edges.size(1):
            left_out.append(f"{len(drawn):,} of {edges.size(1):,} {name} edges")
        pairs = edges[:, drawn].numpy()
        from_noise = np.zeros(len(drawn), bool) if injected_mask is None else injected_mask[drawn].numpy()
        ends = position[pairs]  # (2, E, 2)
        traces.append(
            {
                **edge_lines(ends),
                "line": {"color": colour, "width": width, "dash": dash},
                "opacity": _opacity(name, len(drawn)),
                "name": f"{name} ({edges.size(1):,})",
                "legendgroup": name,
            }
        )
        if not crowded and name in directions and (arrows := arrowheads(ends, directions[name][:, drawn], colour)):
            traces.append({**arrows, "opacity": _opacity(name, len(drawn)), "name": f"→ {name}", "legendgroup": name})
        middle, num_injected = ends.mean(axis=0), 0 if injected_mask is None else int(injected_mask.sum())
        if not crowded:
            marks = _midpoints(name, middle, pairs, torque[drawn].numpy(), from_noise)
        elif num_injected:
            marks = _diamonds(middle[from_noise])
        else:
            continue
        marks["marker" if "marker" in marks else "line"]["color"] = colour
        traces.append(marks | {"name": f"◇ injected, {name} ({num_injected:,})", "showlegend": num_injected > 0})
    size = 9 if len(position) <= 300 else 5 if len(position) <= 5_000 else 3
    nodes = node_points(position, np.arange(len(position)), y, theme, names, classes, size=size)
    traces.append(nodes | {"name": f"nodes, coloured by class ({len(position):,})"})
    if selected_nodes:
        traces.append(selected_node_rings(position, selected_nodes, theme))
    elements = len(position) + sum(min(edges.size(1), MAX_DRAWN_EDGES) for _, edges, *_ in kinds)
    scatter = go.Scattergl if elements > _WEBGL_FROM else go.Scatter
    figure = go.Figure([scatter(**trace) for trace in traces])
    figure.update_layout(
        annotations=node_labels(position, selected_nodes, theme, names),
        height=560,
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
        legend={"orientation": "h", "y": -0.02, "x": 0, "yanchor": "top", "itemsizing": "constant"},
        xaxis={"visible": False},
        yaxis={"visible": False},
        dragmode="pan",
        uirevision="graph",  # preserve zoom and pan when the settings change
        hovermode="closest",
    )
    alt = (
        f"Graph of layer {number}: {len(position):,} nodes, {layer.kept.size(1):,} kept edges in grey, "
        f"{layer.pruned.size(1):,} pruned edges in dashed vermilion, {layer.added.size(1):,} added edges in blue; "
        f"{int(injected.sum()):,} of the edges were injected by the noise and are marked with a diamond."
    )
    note = f"Drawn: {', '.join(left_out)}, sampled evenly. All counts include every edge." if left_out else None
    return DescribedFigure(figure, alt, note)


def _opacity(name: str, drawn: int) -> float:
    """Opacity of a kind of edges; many kept edges must not hide the others."""
    if name == "kept":
        return min(0.9, max(_MIN_OPACITY, _MAX_OPAQUE / max(drawn, 1)))
    return 0.6 if name == "pruned" and drawn > _CROWDED else 0.9


def _midpoints(
    name: str, middle: np.ndarray, pairs: np.ndarray, torque: np.ndarray, from_noise: np.ndarray
) -> dict[str, Any]:
    """A marker at the midpoint of each edge, which responds to hover; a diamond marks an injected edge."""
    origin = np.where(
        from_noise, "injected by the noise", "not in the original graph" if name == "added" else "original"
    )
    columns = zip(*pairs, torque, origin, strict=True)
    return {
        "x": middle[:, 0],
        "y": middle[:, 1],
        "mode": "markers",
        "marker": {
            "symbol": np.where(from_noise, "diamond-open", "circle").tolist(),
            "size": np.where(from_noise, 6, 3).tolist(),
        },
        "customdata": pairs.T.tolist(),
        "text": [f"{i} – {j}<br>torque {value:.3f}<br>{text}" for i, j, value, text in columns],
        "hovertemplate": f"{name} %{{text}}<extra></extra>",
        "unselected": {"marker": {"opacity": 0.9}},
    }


def _diamonds(middle: np.ndarray) -> dict[str, Any]:
    """The diamonds of a crowded graph as one line trace, which renders many times faster than one marker each."""
    corners = np.array([[1, 0], [0, 1], [-1, 0], [0, -1], [1, 0], [np.nan, np.nan]]) * _DIAMOND
    outline = (middle[:, None, :] + corners).reshape(-1, 2).astype(np.float32)
    return {"x": outline[:, 0], "y": outline[:, 1], "mode": "lines", "line": {"width": 1}, "hoverinfo": "skip"}
