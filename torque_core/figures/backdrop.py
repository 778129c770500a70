"""The whole graph of one layer where it is too large for lines: a shading of all edges, and a few nodes to click."""

import base64
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from torch import Tensor

from torque_core.figures.density import edge_density
from torque_core.figures.elements import edge_lines, node_labels, node_points, selected_edge_lines, selected_node_rings
from torque_core.figures.graph import GraphFigure
from torque_core.figures.palette import PRUNED, Theme
from torque_core.record import LayerRewiring

__all__ = ["backdrop_figure"]

_HUBS = 600
_BLAMED = 100  # pruned edges of the highest torque
_ROWS, _COLUMNS = 800, 1200  # pixels of the shading
_PAD = 0.01  # around the nodes, where the largest part of the graph is 1 wide
_FAINTEST = 0.15  # opacity of a pixel with any edge at all


def backdrop_figure(
    layer: LayerRewiring,
    position: np.ndarray,
    y: Tensor,
    injected: Tensor,
    theme: Theme,
    *,
    number: int = 1,
    names: Sequence[str] | None = None,
    selected_nodes: Sequence[int] = (),
    selected_edges: Sequence[tuple[int, int]] = (),
) -> GraphFigure:
    """Shade one layer by where its kept, pruned and added edges are, and draw what matters most above.

    A pixel is the more opaque, the more edges pass through it, by rank among all pixels. Its colour mixes those of the
    three kinds by their densities, each divided by the number of its own kind: so few added links are seen among a
    million kept edges, and a colour is strong where its kind is more frequent than elsewhere.

    Above it are drawn the nodes of most edges, the pruned edges of the highest torque with their ends, and all that is
    selected. Points carry what they stand for as ``customdata``: the number of a node, or both ends of an edge.

    Args:
        layer: What happened.
        position: From :func:`~torque_core.figures.layout.node_layout`, :math:`(|\\mathcal{V}|, 2)`.
        y: Labels, which colour the nodes, :math:`(|\\mathcal{V}|,)`.
        injected: Which of ``layer.pairs`` the noise inserted, bool, :math:`(|\\mathcal{E}|,)`.
        theme: Light or dark.
        number: The layer's number, for the description.
        names: Names of the nodes; by default their numbers.
        selected_nodes: Nodes that wear a ring.
        selected_edges: Pairs that are underlaid, whether they are linked or not.
    """
    pairs = layer.pairs.numpy()
    kinds = {
        "kept": (layer.kept.numpy(), theme.kept, "solid"),
        "pruned": (layer.pruned.numpy(), PRUNED, "dash"),
        "added": (layer.added.numpy(), theme.added, "solid"),
    }
    low, high = position.min(axis=0) - _PAD, position.max(axis=0) + _PAD
    place = (position - low) / (high - low) * (_COLUMNS, -_ROWS) + (0, _ROWS)  # rows count from above
    densities = {
        name: edge_density(place, links, (_ROWS, _COLUMNS), dashed=dash == "dash")
        for name, (links, _, dash) in kinds.items()
    }
    pruned = np.flatnonzero(layer.pruned_mask.numpy())
    torque = layer.torque.value.numpy()
    blamed = pruned[np.argsort(-torque[pruned], kind="stable")[:_BLAMED]]
    degree = np.bincount(pairs.ravel(), minlength=len(position))
    hubs = np.argsort(-degree, kind="stable")[:_HUBS]
    ends = np.setdiff1d(pairs[:, blamed], hubs)

    nothing = {"x": [None], "y": [None], "mode": "lines", "hoverinfo": "skip"}
    traces = [
        # only for the legend: the shading itself has none
        {**nothing, "line": {"color": colour, "width": 3, "dash": dash}, "name": f"{name} ({links.shape[1]:,})"}
        for name, (links, colour, dash) in kinds.items()
    ]
    if selected_edges:
        traces.append(selected_edge_lines(position, selected_edges, theme))
    traces += _blamed_edges(position, pairs[:, blamed], torque[blamed], injected.numpy()[blamed])
    traces.append(
        node_points(position, ends, y, theme, names, size=5)
        | {"name": f"their ends, coloured by class ({len(ends):,} that are no hubs)"}
    )
    traces.append(
        node_points(position, hubs, y, theme, names, size=6)
        | {"name": f"nodes of most edges, coloured by class ({len(hubs):,})"}
    )
    if selected_nodes:
        chosen = node_points(position, np.array(selected_nodes), y, theme, names, size=7)
        traces.append(chosen | {"name": "selected", "showlegend": False})
        traces.append(selected_node_rings(position, selected_nodes, theme))
    figure = go.Figure([go.Scatter(**trace) for trace in traces])
    figure.add_layout_image(
        source=_picture(densities, {name: colour for name, (_, colour, _) in kinds.items()}),
        xref="x",
        yref="y",
        x=low[0],
        y=high[1],
        sizex=high[0] - low[0],
        sizey=high[1] - low[1],
        sizing="stretch",
        layer="below",
    )
    figure.update_layout(
        annotations=node_labels(position, selected_nodes, theme, names),
        height=560,
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
        legend={"orientation": "h", "y": -0.02, "x": 0, "yanchor": "top"},
        xaxis={"visible": False, "range": [low[0], high[0]]},
        yaxis={"visible": False, "range": [low[1], high[1]]},
        dragmode="pan",
        uirevision="graph",  # zoom and pan stay when the settings change
        hovermode="closest",
    )
    counts = {name: f"{links.shape[1]:,}" for name, (links, *_) in kinds.items()}
    alt = (
        f"Graph of layer {number}: {len(position):,} nodes; all edges as a shading, {counts['kept']} kept in grey, "
        f"{counts['pruned']} pruned in vermilion, {counts['added']} added in blue; {int(injected.sum()):,} of the "
        "edges were injected by the noise."
    )
    shown = len(hubs) + len(ends) + len(set(selected_nodes) - set(hubs.tolist()) - set(ends.tolist()))
    note = (
        f"The shading counts all edges; a colour is strong where its kind is more frequent than elsewhere. Points to "
        f"click: {shown:,} of {len(position):,} nodes, which are the {len(hubs):,} of most edges, both ends of the "
        f"{len(blamed):,} pruned edges of the highest torque (of {counts['pruned']}), and what is selected."
    )
    return GraphFigure(figure, alt, note)


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


def _picture(densities: dict[str, np.ndarray], colours: dict[str, str]) -> str:
    """The densities as a PNG with a transparent background, in an address of its own."""
    from PIL import Image

    shares = {name: density / max(density.sum(), 1) for name, density in densities.items()}
    total = np.sum(list(shares.values()), axis=0)
    seen = total > 0
    mixed = np.zeros((*total.shape, 4))
    for name, colour in colours.items():
        channels = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
        mixed[seen, :3] += (shares[name][seen] / total[seen])[:, None] * channels
    rank = np.searchsorted(np.sort(total[seen]), total[seen], side="right") / max(seen.sum(), 1)
    mixed[seen, 3] = 255 * (_FAINTEST + (1 - _FAINTEST) * rank)
    file = io.BytesIO()
    # a palette of 256 colours looks the same, and takes a fifth of the bytes
    Image.fromarray(mixed.astype(np.uint8), "RGBA").quantize(256, Image.Quantize.FASTOCTREE).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
