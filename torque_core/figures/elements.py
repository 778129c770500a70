"""What every picture of a graph is made of: lines, nodes, and marks on what is selected."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import Tensor

from torque_core.figures.palette import Theme, class_colours, class_name

__all__ = [
    "MAX_DRAWN_NODES",
    "MAX_HUBS",
    "edge_lines",
    "node_labels",
    "node_points",
    "selected_edge_lines",
    "selected_node_rings",
    "shown_nodes",
    "with_renderer",
]

MAX_DRAWN_NODES = 50_000
"""A browser cannot draw more; of a larger graph the :data:`MAX_HUBS` nodes of most edges are drawn."""
MAX_HUBS = 600

_SMALL = 3  # pixels
_MANY = 2_000  # points; below it, SVG is as quick and prints sharp
_NAMED = 12  # selected nodes; beyond it, their names would hide each other


def edge_lines(ends: np.ndarray) -> dict[str, Any]:
    """A line with gaps that goes along every edge.

    Args:
        ends: Where the edges begin and end, :math:`(2, E, 2)`.
    """
    line = np.full((ends.shape[1], 3, 2), np.nan, np.float32)  # half the bytes of float64, and finer than any screen
    line[:, 0], line[:, 1] = ends
    return {**_xy(line.reshape(-1, 2)), "mode": "lines", "hoverinfo": "skip"}


def shown_nodes(pairs: np.ndarray, size: int) -> np.ndarray:
    """The nodes that are drawn of a graph of so many: all, or those of most edges."""
    if size <= MAX_DRAWN_NODES:
        return np.arange(size)
    return np.argsort(-np.bincount(pairs.ravel(), minlength=size), kind="stable")[:MAX_HUBS]


def with_renderer(trace: dict[str, Any]) -> dict[str, Any]:
    """A trace with its type: many points are drawn by WebGL; lines, which it is slow at, never."""
    return {"type": "scattergl" if trace["mode"] == "markers" and len(trace["x"]) > _MANY else "scatter", **trace}


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
    """A point for each of the nodes, coloured by class, with its number in ``customdata``."""
    # arrays, not lists: Plotly would look at each element, and copy it thrice
    said = np.array([f"class {class_name(label, classes)}" for label in range(-1, int(y.max()) + 1)])
    said = said[y[nodes].numpy() + 1]
    return {
        **_xy(position[nodes]),
        "mode": "markers",
        "marker": {
            "size": size,
            **class_colours(y[nodes]),
            # outlines of small points in a crowd would be all that is seen
            "line": {"width": 0.5 if size > _SMALL else 0, "color": theme.outline},
        },
        "customdata": nodes,
        "text": np.array([f"{names[i]}<br>{of_class}" for i, of_class in zip(nodes, said, strict=True)])
        if names
        else said,
        "hovertemplate": "%{text}<extra></extra>" if names else "node %{customdata}<br>%{text}<extra></extra>",
        "unselected": {"marker": {"opacity": 0.9}},  # what is selected is marked by us, the others are not dimmed
    }


def selected_edge_lines(position: np.ndarray, edges: Sequence[tuple[int, int]], theme: Theme) -> dict[str, Any]:
    """A broad band along each selected edge, whether it is in the graph or not; to be drawn below the edges."""
    style = {"color": theme.text, "width": 7}
    return {
        **edge_lines(position[np.array(edges).T]),
        "line": style,
        "opacity": 0.55,
        "name": f"selected edges ({len(edges):,})",
    }


def selected_node_rings(position: np.ndarray, nodes: Sequence[int], theme: Theme) -> dict[str, Any]:
    """A ring around each selected node; to be drawn above the nodes."""
    return {
        **_xy(position[list(nodes)]),
        "mode": "markers",
        "marker": {"symbol": "circle-open", "size": 17, "color": theme.text, "line": {"width": 3}},
        "hoverinfo": "skip",  # so that the node inside can be pointed at
        "name": f"selected nodes ({len(nodes):,})",
    }


def node_labels(
    position: np.ndarray, nodes: Sequence[int], theme: Theme, names: Sequence[str] | None
) -> list[dict[str, Any]]:
    """An annotation over each of the nodes that says its name; none where there are many, which would hide all."""
    if len(nodes) > _NAMED:
        return []
    style = {"showarrow": False, "yshift": 20, "bgcolor": theme.background, "opacity": 0.85, "borderpad": 1}
    return [
        {
            "x": x,
            "y": y,
            "text": names[node] if names else str(node),
            "font": {"color": theme.text, "size": 13},
            **style,
        }
        for node, (x, y) in zip(nodes, position[list(nodes)].tolist(), strict=True)
    ]


def _xy(points: np.ndarray) -> dict[str, Any]:
    points = points.astype(np.float32)
    return {"x": points[:, 0], "y": points[:, 1]}
