"""What methods made of one graph, drawn beside each other."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from plotly.subplots import make_subplots
from torch import Tensor

from torque_core.diagnostics.graph_change import GraphChange
from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.elements import node_points, shown_nodes, with_renderer
from torque_core.figures.palette import PRUNED, Theme
from torque_core.figures.shading import StyledEdges, legend_lines, shade, too_large_for_lines

__all__ = ["side_by_side_figure"]

_CROWDED = 1_000  # links; beyond it, lines are thinner, and only nodes are hovered
# what was pruned and added must not hide what stayed
_WIDTHS = {"pruned": 1.3, "added": 2.0, "kept": 1.2}

_NOT_DIMMED = {"marker": {"opacity": 0.9}}  # by Plotly; what is selected is marked by us
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
    """Draw what methods made of one graph, side by side; who zooms or moves one panel, moves all.

    Args:
        panels: Titles, and what each method did to the same graph.
        position: From :func:`~torque_core.figures.layout.node_layout`, :math:`(|\\mathcal{V}|, 2)`.
        y: Labels, which colour the nodes, :math:`(|\\mathcal{V}|,)`.
        injected: Which edges of the graph before the noise inserted, bool, :math:`(|\\mathcal{E}|,)`; they wear a
            diamond.
        theme: Light or dark.
        names: Names of the nodes; by default their numbers.
        classes: Names of the classes; by default their numbers.
        selected_nodes: Nodes to be ringed in every panel.
        selected_edges: Pairs to be underlaid in every panel, whether they are linked there or not.

    Points carry what they stand for as ``customdata``: the number of a node, or both of a link.
    """
    headings = [
        f"<b>{title}</b>: {change.kept.size(1):,} kept · {change.pruned.size(1):,} pruned · "
        f"{change.added.size(1):,} added"
        for title, change in panels
    ]
    figure = make_subplots(1, len(panels), subplot_titles=headings, horizontal_spacing=0.02)
    most = max(change.pairs.size(1) + change.added.size(1) for _, change in panels)
    shaded = too_large_for_lines(len(position), most)
    nodes = shown_nodes(panels[0][1].pairs.numpy(), len(position))
    points = node_points(
        position, nodes, y, theme, names, classes, size=8 if len(position) <= 300 else 4 if not shaded else 3
    )
    for at, (_, change) in enumerate(panels, start=1):
        kinds = _kinds(change, theme)
        if shaded:
            shading = shade(kinds, position)
            figure.add_layout_image(shading.image("" if at == 1 else str(at)))
            figure.update_xaxes(range=[shading.low[0], shading.high[0]], col=at)
            figure.update_yaxes(range=[shading.low[1], shading.high[1]], col=at)
            traces = [line | {"name": kind} for kind, line in zip(kinds, legend_lines(kinds), strict=True)]
        else:
            traces = _links(kinds, change, position, injected)
        traces.append(points | {"name": "nodes, coloured by class"})
        if selected_nodes or selected_edges:
            traces.insert(0, _marked(position, selected_nodes, selected_edges, theme))
        for trace in traces:
            once = at == 1 and trace["name"] != "new link"
            figure.add_trace(with_renderer(trace | {"legendgroup": trace["name"], "showlegend": once}), row=1, col=at)
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
        "injected by the noise" + ("." if shaded else " and wear a diamond.")
    )
    note = None
    if shaded:
        note = "The shading counts all edges; a colour is strong where its kind is more frequent than elsewhere."
        if len(nodes) < len(position):
            note += f" Nodes drawn: the {len(nodes):,} of most edges, of {len(position):,}."
    return DescribedFigure(figure, alt, note)


def _kinds(change: GraphChange, theme: Theme) -> dict[str, StyledEdges]:
    return {
        "pruned": StyledEdges(change.pruned.numpy(), PRUNED, "dash"),
        "added": StyledEdges(change.added.numpy(), theme.added, "solid"),
        "kept": StyledEdges(change.kept.numpy(), theme.kept, "solid"),
    }


def _links(
    kinds: dict[str, StyledEdges], change: GraphChange, position: np.ndarray, injected: Tensor
) -> list[dict[str, Any]]:
    """A line for each kind of link, then the marks in their middle; the lowest first."""
    crowded = change.pairs.size(1) + change.added.size(1) > _CROWDED
    gone, noisy = change.pruned_mask.numpy(), injected.numpy()
    noise = {"pruned": noisy[gone], "added": np.zeros(change.added.size(1), bool), "kept": noisy[~gone]}
    lines, marks = [], []
    for kind, (pairs, colour, dash) in kinds.items():
        from_noise, width = noise[kind], _WIDTHS[kind]
        ends = position[pairs]  # (2, L, 2)
        # all begin with nothing: what has no point has no place in the legend, which is the same for all panels
        line = np.full((pairs.shape[1] + 1, 3, 2), np.nan)
        line[1:, 0], line[1:, 1] = ends
        style = {"color": colour, "width": width / 2 if crowded else width, "dash": dash}
        opacity = 0.45 if crowded and kind != "kept" else 0.9
        lines.append({**_xy(line.reshape(-1, 2)), "mode": "lines", "line": style, "opacity": opacity, "name": kind,
                      "hoverinfo": "skip"})  # fmt: skip
        marked = from_noise if crowded else from_noise | (kind != "kept")  # marks on all would hide the graph
        if kind == "added" and crowded:
            continue
        middle = np.insert(ends.mean(axis=0)[marked], 0, np.nan, axis=0)
        diamond = np.insert(from_noise[marked], 0, True)
        origin = np.where(from_noise[marked], "injected by the noise", "new" if kind == "added" else "original")
        text = [f"{i} – {j}: {kind}, {word}" for (i, j), word in zip(pairs[:, marked].T, origin, strict=True)]
        symbols = {
            "symbol": np.where(diamond, "diamond-open", "circle").tolist(),
            "size": np.where(diamond, 4 if crowded else 7, 3).tolist(),
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
