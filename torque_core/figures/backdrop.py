"""The whole graph of one layer where it is too large for lines: a shading of all edges, and nodes to click."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from torch import Tensor

from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.elements import (
    MAX_HUBS,
    edge_lines,
    node_labels,
    node_points,
    selected_edge_lines,
    selected_node_rings,
    shown_nodes,
    with_renderer,
)
from torque_core.figures.palette import PRUNED, Theme
from torque_core.figures.shading import StyledEdges, legend_lines, shade
from torque_core.rewiring.record import LayerRewiring

__all__ = ["backdrop_figure"]

_BLAMED = 100  # pruned edges of the highest torque


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
) -> DescribedFigure:
    """Shade one layer by where its kept, pruned and added edges are, and draw what matters most above.

    Above it are drawn the nodes, the pruned edges of the highest torque, and all that is selected. Of more than 50,000
    nodes only those of most edges are drawn, and the ends of those edges. Points carry what they stand for as
    ``customdata``: the number of a node, or both ends of an edge.

    Args:
        layer: What happened.
        position: From :func:`~torque_core.figures.layout.node_layout`, :math:`(|\\mathcal{V}|, 2)`.
        y: Labels, which colour the nodes, :math:`(|\\mathcal{V}|,)`.
        injected: Which of ``layer.pairs`` the noise inserted, bool, :math:`(|\\mathcal{E}|,)`.
        theme: Light or dark.
        number: The layer's number, for the description.
        names: Names of the nodes; by default their numbers.
        classes: Names of the classes; by default their numbers.
        selected_nodes: Nodes that wear a ring.
        selected_edges: Pairs that are underlaid, whether they are linked or not.
    """
    pairs = layer.pairs.numpy()
    kinds = {
        "kept": StyledEdges(layer.kept.numpy(), theme.kept, "solid"),
        "pruned": StyledEdges(layer.pruned.numpy(), PRUNED, "dash"),
        "added": StyledEdges(layer.added.numpy(), theme.added, "solid"),
    }
    shading = shade(kinds, position)
    pruned = np.flatnonzero(layer.pruned_mask.numpy())
    torque = layer.torque.value.numpy()
    blamed = pruned[np.argsort(-torque[pruned], kind="stable")[:_BLAMED]]
    traces = legend_lines(kinds)
    if selected_edges:
        traces.append(selected_edge_lines(position, selected_edges, theme))
    traces += _blamed_edges(position, pairs[:, blamed], torque[blamed], injected.numpy()[blamed])
    nodes = shown_nodes(pairs, len(position))
    ends = np.setdiff1d(pairs[:, blamed], nodes)
    chosen = np.setdiff1d(np.array(selected_nodes, dtype=np.int64), np.append(nodes, ends))
    all_are = len(nodes) == len(position)
    for name, group, size in (
        ("nodes" if all_are else "nodes of most edges", nodes, 6 if len(nodes) <= MAX_HUBS else 3),
        ("ends of those edges", ends, 5),
        ("selected", chosen, 7),
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
        uirevision="graph",  # zoom and pan stay when the settings change
        hovermode="closest",
    )
    counts = {name: f"{links.pairs.shape[1]:,}" for name, links in kinds.items()}
    alt = (
        f"Graph of layer {number}: {len(position):,} nodes; all edges as a shading, {counts['kept']} kept in grey, "
        f"{counts['pruned']} pruned in vermilion, {counts['added']} added in blue; {int(injected.sum()):,} of the "
        "edges were injected by the noise."
    )
    note = "The shading counts all edges; a colour is strong where its kind is more frequent than elsewhere. "
    note += f"Drawn one by one: {len(blamed):,} of {counts['pruned']} pruned edges, those of the highest torque"
    if not all_are:
        note += (
            f"; and {len(nodes) + len(ends) + len(chosen):,} of {len(position):,} nodes: the {MAX_HUBS:,} of most "
            "edges, the ends of those edges, and what is selected"
        )
    note += "."
    return DescribedFigure(figure, alt, note)


def _blamed_edges(
    position: np.ndarray, pairs: np.ndarray, torque: np.ndarray, injected: np.ndarray
) -> list[dict[str, Any]]:
    """The pruned edges of the highest torque, and a mark in the middle of each."""
    ends = position[pairs]
    middle = ends.mean(axis=0)
    said = np.where(injected, "injected by the noise", "original")
    return [
        {
            **edge_lines(ends),
            "line": {"color": PRUNED, "width": 1, "dash": "dash"},
            "name": f"pruned, of the highest torque ({len(torque):,})",
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
                f"{i} – {j}<br>torque {value:.3f}<br>{word}"
                for i, j, value, word in zip(*pairs, torque, said, strict=True)
            ],
            "hovertemplate": "pruned %{text}<extra></extra>",
            "unselected": {"marker": {"opacity": 0.9}},
            "name": f"◇ injected ({int(injected.sum()):,}), × original",
        },
    ]
