"""Plotly traces shared by the figures of whole graphs: edges, nodes, and markers for the selection."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import Tensor

from torque_core.figures.palette import Theme, class_colours
from torque_core.figures.plotly_text import class_text, plotly_text
from torque_core.rewiring.graph_change import GraphChange

__all__ = [
    "MAX_DRAWN_NODES",
    "MAX_HUBS",
    "arrowheads",
    "directions_by_fate",
    "drawn_nodes",
    "edge_lines",
    "node_labels",
    "node_points",
    "selected_edge_lines",
    "selected_node_rings",
    "with_renderer",
]

MAX_DRAWN_NODES = 50_000
"""Maximum number of nodes that a browser draws smoothly; of a larger graph only :data:`MAX_HUBS` nodes are drawn."""
MAX_HUBS = 600
"""Number of nodes, those of highest degree, drawn of a graph with more than :data:`MAX_DRAWN_NODES` nodes."""

_SMALL, _ARROWHEAD = 3, 13  # pixels
_WEBGL_FROM = 2_000  # points; below it, SVG is as fast and prints sharply
_MAX_LABELS = 12  # selected nodes; more labels would overlap


def edge_lines(ends: np.ndarray) -> dict[str, Any]:
    """Return a single line trace with a gap after each edge.

    Args:
        ends: Coordinates of both endpoints of each edge, :math:`(2, E, 2)`.
    """
    # float32 halves the size and is more precise than any screen
    line = np.full((ends.shape[1], 3, 2), np.nan, np.float32)
    line[:, 0], line[:, 1] = ends
    return {**_coordinates(line.reshape(-1, 2)), "mode": "lines", "hoverinfo": "skip"}


def directions_by_fate(change: GraphChange) -> dict[str, np.ndarray]:
    """Masks of the directions that kept and pruned edges have, :math:`(2, E)`; empty if all edges go both ways."""
    if change.directions is None:
        return {}
    exists, pruned = change.directions[:, : change.pairs.size(1)].cpu(), change.pruned_mask.cpu()
    return {"kept": exists[:, ~pruned].numpy(), "pruned": exists[:, pruned].numpy()}


def arrowheads(ends: np.ndarray, directions: np.ndarray, colour: str) -> dict[str, Any] | None:
    """Return a trace with an arrowhead at the target of each edge that goes one way; None if there is none.

    Args:
        ends: Coordinates of both endpoints of each edge, :math:`(2, E, 2)`.
        directions: Mask of the directions that exist, from the first endpoint to the second and back, :math:`(2, E)`.
        colour: Colour of the arrowheads.
    """
    one_way = directions[0] != directions[1]
    if not one_way.any():
        return None
    forward = directions[0, one_way, None]
    first, second = ends[:, one_way]
    source, target = np.where(forward, first, second), np.where(forward, second, first)
    points = np.stack([source, target, np.full_like(source, np.nan)], axis=1)  # the angle is that from point to point
    size = np.tile([0, _ARROWHEAD, 0], len(source))
    return {
        **_coordinates(points.reshape(-1, 2)),
        "mode": "markers",
        "marker": {
            "color": colour,
            "symbol": "arrow",
            "angleref": "previous",
            "size": size,
            "standoff": size / 2,
            "line": {"width": 0},
        },
        "hoverinfo": "skip",
        "showlegend": False,
    }


def drawn_nodes(pairs: np.ndarray, num_nodes: int) -> np.ndarray:
    """Return the nodes to draw: all, or those of highest degree if the graph is too large for a browser.

    Args:
        pairs: Undirected edges, each once, :math:`(2, |\\mathcal{E}|)`.
        num_nodes: :math:`|\\mathcal{V}|`.
    """
    if num_nodes <= MAX_DRAWN_NODES:
        return np.arange(num_nodes)
    return np.argsort(-np.bincount(pairs.ravel(), minlength=num_nodes), kind="stable")[:MAX_HUBS]


def with_renderer(trace: dict[str, Any]) -> dict[str, Any]:
    """Return the trace with its type: WebGL for many markers, otherwise SVG, which is faster for lines."""
    webgl = trace["mode"] == "markers" and len(trace["x"]) > _WEBGL_FROM
    return {"type": "scattergl" if webgl else "scatter", **trace}


def node_points(
    position: np.ndarray,
    nodes: np.ndarray,
    y: Tensor,
    theme: Theme,
    names: Sequence[str] | None,
    classes: Sequence[str] | None,
    *,
    size: int,
) -> dict[str, Any]:
    """Return a trace with a point per node, coloured by class; the ``customdata`` of a point is the node index."""
    # arrays instead of lists: Plotly would validate each element of a list and copy the list three times
    class_texts = np.array([f"class {class_text(label, classes)}" for label in range(-1, int(y.max()) + 1)])
    class_texts = class_texts[y[nodes].numpy() + 1]
    return {
        **_coordinates(position[nodes]),
        "mode": "markers",
        "marker": {
            "size": size,
            **class_colours(y[nodes]),
            # the outlines of many small points would cover their colours
            "line": {"width": 0.5 if size > _SMALL else 0, "color": theme.outline},
        },
        "customdata": nodes,
        "text": np.array([f"{plotly_text(names[i])}<br>{text}" for i, text in zip(nodes, class_texts, strict=True)])
        if names
        else class_texts,
        "hovertemplate": "%{text}<extra></extra>" if names else "node %{customdata}<br>%{text}<extra></extra>",
        "unselected": {"marker": {"opacity": 0.9}},  # the selection is drawn explicitly; do not dim other points
    }


def selected_edge_lines(position: np.ndarray, edges: Sequence[tuple[int, int]], theme: Theme) -> dict[str, Any]:
    """Return a broad band along each selected node pair, whether or not it is an edge; draw it below the edges."""
    style = {"color": theme.text, "width": 7}
    return {
        **edge_lines(position[np.array(edges).T]),
        "line": style,
        "opacity": 0.55,
        "name": f"selected edges ({len(edges):,})",
    }


def selected_node_rings(position: np.ndarray, nodes: Sequence[int], theme: Theme) -> dict[str, Any]:
    """Return a ring around each selected node; draw it above the nodes."""
    return {
        **_coordinates(position[list(nodes)]),
        "mode": "markers",
        "marker": {"symbol": "circle-open", "size": 17, "color": theme.text, "line": {"width": 3}},
        "hoverinfo": "skip",  # so that the node inside the ring receives the hover
        "name": f"selected nodes ({len(nodes):,})",
    }


def node_labels(
    position: np.ndarray, nodes: Sequence[int], theme: Theme, names: Sequence[str] | None
) -> list[dict[str, Any]]:
    """Return an annotation with the name of each node; none if there are so many that they would overlap."""
    if len(nodes) > _MAX_LABELS:
        return []
    style = {"showarrow": False, "yshift": 20, "bgcolor": theme.background, "opacity": 0.85, "borderpad": 1}
    return [
        {
            "x": x,
            "y": y,
            "text": plotly_text(names[node]) if names else str(node),
            "font": {"color": theme.text, "size": 13},
            **style,
        }
        for node, (x, y) in zip(nodes, position[list(nodes)].tolist(), strict=True)
    ]


def _coordinates(points: np.ndarray) -> dict[str, Any]:
    points = points.astype(np.float32)
    return {"x": points[:, 0], "y": points[:, 1]}
