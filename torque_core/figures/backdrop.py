"""Graph of one layer that is too large to draw as lines: a density image of all edges below selectable nodes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from torch import Tensor

from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.elements import (
    MAX_HUBS,
    drawn_nodes,
    edge_lines,
    node_labels,
    node_points,
    selected_edge_lines,
    selected_node_rings,
    with_renderer,
)
from torque_core.figures.palette import PRUNED, Theme
from torque_core.figures.shading import Shading, StyledEdges, legend_lines, shade_edges
from torque_core.rewiring.record import LayerRewiring

__all__ = ["backdrop_figure", "shade_layer"]

_MAX_TOP_EDGES = 100  # pruned edges of highest torque that are drawn individually


def backdrop_figure(
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
    shading: Shading | None = None,
) -> DescribedFigure:
    """Draw the density of the kept, pruned and added edges of a layer, with the most relevant elements on top.

    On top of the density image are drawn the nodes, the pruned edges of highest torque and the selected nodes and
    edges. In a graph of more than 50,000 nodes, only the nodes of highest degree and the endpoints of those edges are
    drawn. The ``customdata`` of a point is the index of a node, or both endpoints of an edge.

    Args:
        layer: Record of the rewired layer.
        position: Node positions from :func:`~torque_core.figures.layout.node_layout`, :math:`(|\\mathcal{V}|, 2)`.
        y: Labels, which determine the colours of the nodes, :math:`(|\\mathcal{V}|,)`.
        injected: Mask of the edges in ``layer.pairs`` that the noise inserted, bool, :math:`(|\\mathcal{E}|,)`.
        theme: Light or dark theme.
        number: Number of the layer, for the description.
        names: Names of the nodes; by default their indices.
        classes: Names of the classes; by default their indices.
        selected_nodes: Nodes to mark with a ring.
        selected_edges: Node pairs to highlight, whether or not they are edges.
        shading: The density image of :func:`shade_layer`, if it was drawn before; it takes most of the time.
    """
    pairs = layer.pairs.numpy()
    kinds = _styled_edges(layer, theme)
    shading = shade_edges(kinds, position) if shading is None else shading
    pruned = np.flatnonzero(layer.pruned_mask.numpy())
    torque = layer.torque.value.numpy()
    top = pruned[np.argsort(-torque[pruned], kind="stable")[:_MAX_TOP_EDGES]]
    traces = legend_lines(kinds)
    if selected_edges:
        traces.append(selected_edge_lines(position, selected_edges, theme))
    traces += _top_edges(position, pairs[:, top], torque[top], injected.numpy()[top])
    nodes = drawn_nodes(pairs, len(position))
    ends = np.setdiff1d(pairs[:, top], nodes)
    selected = np.setdiff1d(np.array(selected_nodes, dtype=np.int64), np.append(nodes, ends))
    all_drawn = len(nodes) == len(position)
    for name, group, size in (
        ("nodes" if all_drawn else "nodes of highest degree", nodes, 6 if len(nodes) <= MAX_HUBS else 3),
        ("endpoints of those edges", ends, 5),
        ("selected", selected, 7),
    ):
        if len(group):
            points = node_points(position, group, y, theme, names, classes, size=size)
            traces.append(points | {"name": f"{name}, coloured by class ({len(group):,})"})
    if selected_nodes:
        traces.append(selected_node_rings(position, selected_nodes, theme))
    figure = go.Figure([with_renderer(trace) for trace in traces])
    figure.add_layout_image(shading.image())
    figure.update_layout(
        annotations=node_labels(position, selected_nodes, theme, names),
        height=560,
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
        legend={"orientation": "h", "y": -0.02, "x": 0, "yanchor": "top"},
        xaxis={"visible": False, "range": [shading.low[0], shading.high[0]]},
        yaxis={"visible": False, "range": [shading.low[1], shading.high[1]]},
        dragmode="pan",
        uirevision="graph",  # preserve zoom and pan when the settings change
        hovermode="closest",
    )
    counts = {name: f"{edges.pairs.shape[1]:,}" for name, edges in kinds.items()}
    alt = (
        f"Graph of layer {number}: {len(position):,} nodes and the density of all edges: {counts['kept']} kept in "
        f"grey, {counts['pruned']} pruned in vermilion, {counts['added']} added in blue; {int(injected.sum()):,} of "
        "the edges were injected by the noise."
    )
    note = (
        "The image shows the density of all edges; a colour is stronger where its kind is more frequent than "
        "elsewhere. "
    )
    note += f"Drawn individually: {len(top):,} of {counts['pruned']} pruned edges, those of highest torque"
    if not all_drawn:
        note += (
            f"; and {len(nodes) + len(ends) + len(selected):,} of {len(position):,} nodes: the {MAX_HUBS:,} of highest "
            "degree, the endpoints of those edges, and the selected nodes"
        )
    note += "."
    return DescribedFigure(figure, alt, note)


def shade_layer(layer: LayerRewiring, position: np.ndarray, theme: Theme) -> Shading:
    """Draw the density image of a layer, see :func:`backdrop_figure` for the arguments."""
    return shade_edges(_styled_edges(layer, theme), position)


def _styled_edges(layer: LayerRewiring, theme: Theme) -> dict[str, StyledEdges]:
    return {
        "kept": StyledEdges(layer.kept.numpy(), theme.kept, "solid"),
        "pruned": StyledEdges(layer.pruned.numpy(), PRUNED, "dash"),
        "added": StyledEdges(layer.added.numpy(), theme.added, "solid"),
    }


def _top_edges(
    position: np.ndarray, pairs: np.ndarray, torque: np.ndarray, injected: np.ndarray
) -> list[dict[str, Any]]:
    """The pruned edges of highest torque, each with a marker at its midpoint."""
    ends = position[pairs]
    middle = ends.mean(axis=0)
    origin = np.where(injected, "injected by the noise", "original")
    return [
        {
            **edge_lines(ends),
            "line": {"color": PRUNED, "width": 1, "dash": "dash"},
            "name": f"pruned edges of highest torque ({len(torque):,})",
        },
        {
            "x": middle[:, 0],
            "y": middle[:, 1],
            "mode": "markers",
            "marker": {
                "symbol": np.where(injected, "diamond-open", "x-thin-open").tolist(),
                "size": 7,
                "color": PRUNED,
                "line": {"width": 1.5},
            },
            "customdata": pairs.T.tolist(),
            "text": [
                f"{i} – {j}<br>torque {value:.3f}<br>{text}"
                for i, j, value, text in zip(*pairs, torque, origin, strict=True)
            ],
            "hovertemplate": "pruned %{text}<extra></extra>",
            "unselected": {"marker": {"opacity": 0.9}},
            "name": f"◇ injected ({int(injected.sum()):,}), × original",
        },
    ]
