"""The whole graph of one layer: which edges were kept, pruned and added, and which the noise had injected."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import torch
from torch import Tensor

from torque_core.figures.palette import PRUNED, Theme, class_colour
from torque_core.record import LayerRewiring

__all__ = ["MAX_DRAWN_EDGES", "GraphFigure", "graph_figure"]

MAX_DRAWN_EDGES = 40_000
"""Of each kind of edge at most so many are drawn; the figure says so."""
_CROWDED = 1_000  # edges; beyond it, lines are thinner
_DIAMOND = 0.006  # half its width, where the largest part of the graph is 1 wide
_WEBGL_FROM = 15_000  # elements; below it, SVG is as quick and prints sharp


@dataclass(frozen=True)
class GraphFigure:
    """A Plotly figure, its description for those who cannot see it, and a note if edges were left out."""

    figure: go.Figure
    alt: str
    sampled: str | None


def graph_figure(
    layer: LayerRewiring,
    position: np.ndarray,
    y: Tensor,
    injected: Tensor,
    theme: Theme,
    *,
    number: int = 1,
    names: Sequence[str] | None = None,
) -> GraphFigure:
    """Draw one layer: kept edges grey, pruned ones dashed vermilion, added ones solid blue.

    Args:
        layer: What happened.
        position: From :func:`~torque_core.figures.layout.node_layout`, :math:`(|\\mathcal{V}|, 2)`.
        y: Labels, which colour the nodes, :math:`(|\\mathcal{V}|,)`.
        injected: Which of ``layer.pairs`` the noise inserted, bool, :math:`(|\\mathcal{E}|,)`; they wear a diamond.
        theme: Light or dark.
        number: The layer's number, for the description.
        names: Names of the nodes; by default their numbers.
    """
    gone = layer.pruned_mask
    crowded = layer.pairs.size(1) > _CROWDED
    kinds = [
        ("pruned", layer.pruned, layer.torque.value[gone], injected[gone], PRUNED, "dash", 0.7 if crowded else 1.3),
        ("kept", layer.kept, layer.torque.value[~gone], injected[~gone], theme.kept, "solid", 0.5 if crowded else 0.9),
        ("added", layer.added, layer.added_torque.value, None, theme.added, "solid", 1.3 if crowded else 2.0),
    ]
    elements = len(position) + sum(pairs.size(1) for _, pairs, *_ in kinds)
    scatter = go.Scattergl if elements > _WEBGL_FROM else go.Scatter
    figure = go.Figure()
    left_out: list[str] = []
    for name, pairs, torque, from_noise, colour, dash, width in kinds:
        drawn = _sample(pairs.size(1))
        if len(drawn) < pairs.size(1):
            left_out.append(f"{len(drawn):,} of {pairs.size(1):,} {name} edges")
        ends = position[pairs[:, drawn].numpy()]  # (2, E, 2)
        broken = np.full((len(drawn), 3, 2), np.nan)
        broken[:, 0], broken[:, 1] = ends[0], ends[1]
        line = broken.reshape(-1, 2)
        figure.add_trace(
            scatter(
                x=line[:, 0],
                y=line[:, 1],
                mode="lines",
                line={"color": colour, "width": width, **({"dash": dash} if dash != "solid" else {})},
                opacity=0.6 if crowded and name == "pruned" else 0.9,
                hoverinfo="skip",
                name=f"{name} ({pairs.size(1):,})",
            )
        )
        if name != "kept" or bool(from_noise.any() if from_noise is not None else False):
            middle = ends.mean(axis=0)
            if not crowded:
                figure.add_trace(_midpoints(scatter, name, middle, pairs, drawn, torque, from_noise, colour))
            elif from_noise is not None and bool(from_noise.any()):
                figure.add_trace(_diamonds(scatter, name, middle[from_noise[drawn].numpy()], from_noise, colour))
    figure.add_trace(_nodes(scatter, position, y, theme, names))
    figure.update_layout(
        height=560,
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
        legend={"orientation": "h", "y": -0.02, "x": 0, "yanchor": "top", "itemsizing": "constant"},
        xaxis={"visible": False},
        yaxis={"visible": False},
        dragmode="pan",
        uirevision="graph",  # zoom and pan stay when the settings change
        hovermode="closest",
    )
    alt = (
        f"Graph of layer {number}: {len(position):,} nodes, {layer.kept.size(1):,} kept edges in grey, "
        f"{layer.pruned.size(1):,} pruned edges in dashed vermilion, {layer.added.size(1):,} added links in blue; "
        f"{int(injected.sum()):,} of the edges were injected by the noise and wear a diamond."
    )
    note = f"Drawn: {', '.join(left_out)}, evenly sampled; every number counts all." if left_out else None
    return GraphFigure(figure, alt, note)


def _sample(count: int) -> Tensor:
    if count <= MAX_DRAWN_EDGES:
        return torch.arange(count)
    return torch.linspace(0, count - 1, MAX_DRAWN_EDGES).long()


def _midpoints(
    scatter: type,
    name: str,
    middle: np.ndarray,
    pairs: Tensor,
    drawn: Tensor,
    torque: Tensor,
    from_noise: Tensor | None,
    colour: str,
) -> go.Scatter:
    """A mark in the middle of each edge: it can be hovered, and a diamond tells an injected one."""
    noisy = np.zeros(len(drawn), bool) if from_noise is None else from_noise[drawn].numpy()
    shown = noisy if name == "kept" else np.ones(len(drawn), bool)  # marks on every kept edge would hide the graph
    columns = (pairs[0, drawn].numpy(), pairs[1, drawn].numpy(), torque[drawn].numpy(), noisy)
    first, second, value, noisy = (column[shown] for column in columns)
    injected = 0 if from_noise is None else int(from_noise.sum())  # of all, also where only some are drawn
    origin = np.where(noisy, "injected by the noise", "not in the graph before" if name == "added" else "original")
    return scatter(
        x=middle[shown, 0],
        y=middle[shown, 1],
        mode="markers",
        marker={
            "symbol": np.where(noisy, "diamond-open", "circle").tolist(),
            "size": np.where(noisy, 6, 3).tolist(),
            "color": colour,
        },
        text=[f"{i} – {j}<br>torque {t:.3f}<br>{o}" for i, j, t, o in zip(first, second, value, origin, strict=True)],
        hovertemplate=f"{name} %{{text}}<extra></extra>",
        name=f"◇ injected, {name} ({injected:,})",
        showlegend=injected > 0,
    )


def _diamonds(scatter: type, name: str, middle: np.ndarray, from_noise: Tensor, colour: str) -> go.Scatter:
    """The diamonds of a crowded graph as one line, which draws many times faster than a marker for each."""
    corners = np.array([[1, 0], [0, 1], [-1, 0], [0, -1], [1, 0], [np.nan, np.nan]]) * _DIAMOND
    outline = (middle[:, None, :] + corners).reshape(-1, 2)
    return scatter(
        x=outline[:, 0],
        y=outline[:, 1],
        mode="lines",
        line={"color": colour, "width": 1},
        hoverinfo="skip",
        name=f"◇ injected, {name} ({int(from_noise.sum()):,})",
    )


def _nodes(scatter: type, position: np.ndarray, y: Tensor, theme: Theme, names: Sequence[str] | None) -> go.Scatter:
    labels = y.tolist()
    size = 9 if len(position) <= 300 else 5 if len(position) <= 5_000 else 3
    return scatter(
        x=position[:, 0],
        y=position[:, 1],
        mode="markers",
        marker={
            "size": size,
            "color": [class_colour(label) for label in labels],
            "line": {"width": 0.5, "color": theme.outline},
        },
        text=[
            f"{names[node] if names else f'node {node}'}<br>class {label if label >= 0 else 'unknown'}"
            for node, label in enumerate(labels)
        ],
        hovertemplate="%{text}<extra></extra>",
        name=f"nodes, coloured by class ({len(position):,})",
    )
