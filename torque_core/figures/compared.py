"""What methods made of one graph, drawn beside each other."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots
from torch import Tensor

from torque_core.changes import GraphChange
from torque_core.figures.graph import GraphFigure
from torque_core.figures.palette import PRUNED, Theme, class_colour

__all__ = ["MOST_LINKS", "change_pair"]

MOST_LINKS = 8_000
"""Of each kind of link at most so many are drawn in a panel; the figure says so."""
_CROWDED = 1_000  # links; beyond it, lines are thinner, and only nodes are hovered
_WEBGL_FROM = 15_000  # elements; below it, SVG is as quick and prints sharp

_NOT_DIMMED = {"marker": {"opacity": 0.9}}  # by Plotly; what is selected is marked by us
_Panel = tuple[str, GraphChange]


def change_pair(
    panels: Sequence[_Panel],
    position: np.ndarray,
    y: Tensor,
    injected: Tensor,
    theme: Theme,
    *,
    names: Sequence[str] | None = None,
    marked_nodes: Sequence[int] = (),
    marked_edges: Sequence[tuple[int, int]] = (),
) -> GraphFigure:
    """Draw what methods made of one graph, side by side; who zooms or moves one panel, moves all.

    Args:
        panels: Titles, and what each method did to the same graph.
        position: From :func:`~torque_core.figures.layout.node_layout`, :math:`(|\\mathcal{V}|, 2)`.
        y: Labels, which colour the nodes, :math:`(|\\mathcal{V}|,)`.
        injected: Which edges of the graph before the noise inserted, bool, :math:`(|\\mathcal{E}|,)`; they wear a
            diamond.
        theme: Light or dark.
        names: Names of the nodes; by default their numbers.
        marked_nodes: Nodes to be ringed in every panel.
        marked_edges: Pairs to be underlaid in every panel, whether they are linked there or not.

    Points carry what they stand for as ``customdata``: the number of a node, or both of a link.
    """
    headings = [
        f"<b>{title}</b>: {change.kept.size(1):,} kept · {change.pruned.size(1):,} pruned · "
        f"{change.added.size(1):,} added"
        for title, change in panels
    ]
    figure = make_subplots(1, len(panels), subplot_titles=headings, horizontal_spacing=0.02)
    drawn = sum(min(size, MOST_LINKS) for _, change in panels for size in _sizes(change).values())
    scatter = go.Scattergl if drawn + len(panels) * len(position) > _WEBGL_FROM else go.Scatter
    left_out: list[str] = []
    for at, (title, change) in enumerate(panels, start=1):
        traces = [*_links(change, position, injected, theme), _nodes(position, y, theme, names)]
        if marked_nodes or marked_edges:
            traces.insert(0, _marked(position, marked_nodes, marked_edges, theme))
        for trace in traces:
            trace.update(legendgroup=trace["name"], showlegend=at == 1 and trace["name"] != "new link")
            figure.add_trace(scatter(**trace), row=1, col=at)
        left_out += [
            f"{MOST_LINKS:,} of {size:,} {kind} links of {title}"
            for kind, size in _sizes(change).items()
            if size > MOST_LINKS
        ]
    figure.update_xaxes(visible=False, matches="x")
    figure.update_yaxes(visible=False, matches="y")
    figure.update_annotations(font={"size": 14})
    figure.update_layout(
        height=480,
        margin={"l": 0, "r": 0, "t": 30, "b": 0},
        legend={"orientation": "h", "y": -0.02, "x": 0, "yanchor": "top", "itemsizing": "constant"},
        dragmode="pan",
        uirevision="compared",  # zoom and pan stay when another method is chosen
        hovermode="closest",
    )
    said = "; ".join(
        f"{title}: {change.kept.size(1):,} kept edges in grey, {change.pruned.size(1):,} pruned edges in dashed "
        f"vermilion, {change.added.size(1):,} added links in blue"
        for title, change in panels
    )
    alt = (
        f"The same graph of {len(position):,} nodes, side by side. {said}. {int(injected.sum()):,} edges were "
        "injected by the noise and wear a diamond."
    )
    note = f"Drawn: {', '.join(left_out)}, evenly sampled; every number counts all." if left_out else None
    return GraphFigure(figure, alt, note)


def _sizes(change: GraphChange) -> dict[str, int]:
    return {"kept": change.kept.size(1), "pruned": change.pruned.size(1), "added": change.added.size(1)}


def _links(change: GraphChange, position: np.ndarray, injected: Tensor, theme: Theme) -> list[dict[str, Any]]:
    """A line for each kind of link, then the marks in their middle; the lowest first."""
    crowded = change.pairs.size(1) + change.added.size(1) > _CROWDED
    gone, noisy = change.pruned_mask.numpy(), injected.numpy()
    # what was pruned and added must not hide what stayed
    kinds = (
        ("pruned", change.pruned.numpy(), noisy[gone], PRUNED, "dash", 1.3),
        ("added", change.added.numpy(), np.zeros(change.added.size(1), bool), theme.added, "solid", 2.0),
        ("kept", change.kept.numpy(), noisy[~gone], theme.kept, "solid", 1.2),
    )
    lines, marks = [], []
    for kind, pairs, from_noise, colour, dash, width in kinds:
        drawn = np.linspace(0, pairs.shape[1] - 1, min(pairs.shape[1], MOST_LINKS)).astype(int)
        pairs, from_noise = pairs[:, drawn], from_noise[drawn]
        ends = position[pairs]  # (2, L, 2)
        # all begin with nothing: what has no point has no place in the legend, which is the same for all panels
        line = np.full((len(drawn) + 1, 3, 2), np.nan)
        line[1:, 0], line[1:, 1] = ends
        style = {"color": colour, "width": width / 2 if crowded else width, "dash": dash}
        opacity = 0.45 if crowded and kind != "kept" else 0.9
        lines.append({**_xy(line.reshape(-1, 2)), "mode": "lines", "line": style, "opacity": opacity, "name": kind,
                      "hoverinfo": "skip"})  # fmt: skip
        marked = from_noise if crowded else from_noise | (kind != "kept")  # marks on all would hide the graph
        if kind == "added" and crowded:
            continue
        middle = np.insert(ends.mean(axis=0)[marked], 0, np.nan, axis=0)
        noise = np.insert(from_noise[marked], 0, True)
        origin = np.where(from_noise[marked], "injected by the noise", "new" if kind == "added" else "original")
        text = [f"{i} – {j}: {kind}, {word}" for (i, j), word in zip(pairs[:, marked].T, origin, strict=True)]
        symbols = {
            "symbol": np.where(noise, "diamond-open", "circle").tolist(),
            "size": np.where(noise, 4 if crowded else 7, 3).tolist(),
        }
        marks.append({**_xy(middle), "mode": "markers", "marker": {"color": colour, **symbols}, "text": ["", *text],
                      "customdata": [[-1, -1], *pairs[:, marked].T.tolist()], "unselected": _NOT_DIMMED,
                      "opacity": 0.6 if crowded else 1.0, "hovertemplate": "%{text}<extra></extra>",
                      "name": "new link" if kind == "added" else f"◇ injected, {kind}"})  # fmt: skip
    return lines + marks


def _marked(
    position: np.ndarray, nodes: Sequence[int], edges: Sequence[tuple[int, int]], theme: Theme
) -> dict[str, Any]:
    """Rings and broad lines, as one trace: nodes as lines of no length."""
    ends = position[[*((node, node) for node in nodes), *edges]]  # (K, 2, 2)
    line = np.full((len(ends), 3, 2), np.nan)
    line[:, :2] = ends
    ring = {"symbol": "circle", "size": 16, "color": theme.text, "opacity": 0.6}
    return {**_xy(line.reshape(-1, 2)), "mode": "lines+markers", "line": {"color": theme.text, "width": 5},
            "marker": ring, "opacity": 0.6, "hoverinfo": "skip", "name": "selected"}  # fmt: skip


def _xy(points: np.ndarray) -> dict[str, Any]:
    return {"x": points[:, 0], "y": points[:, 1]}


def _nodes(position: np.ndarray, y: Tensor, theme: Theme, names: Sequence[str] | None) -> dict[str, Any]:
    labels = y.tolist()
    size = 8 if len(position) <= 300 else 4 if len(position) <= 5_000 else 3
    said = (names[node] if names else f"node {node}" for node in range(len(position)))
    return {
        **_xy(position),
        "mode": "markers",
        "marker": {
            "size": size,
            "color": [class_colour(label) for label in labels],
            "line": {"width": 0.5, "color": theme.outline},
        },
        "text": [
            f"{name}<br>class {label if label >= 0 else 'unknown'}" for name, label in zip(said, labels, strict=True)
        ],
        "hovertemplate": "%{text}<extra></extra>",
        "customdata": [[node] for node in range(len(position))],
        "unselected": _NOT_DIMMED,
        "name": "nodes, coloured by class",
    }
