"""Figure of one layer of a rewiring with nothing but the record of it, for notebooks."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
import torch
from torch import Tensor

from torque_core.errors import BadConfig
from torque_core.figures.layout import node_layout
from torque_core.figures.overview import overview_figure
from torque_core.figures.palette import DARK, LIGHT
from torque_core.graph.pairs import is_among, undirected_pairs
from torque_core.rewiring.record import Rewiring

__all__ = ["THEMES", "injected_mask", "plot_rewiring"]

THEMES = {theme.name: theme for theme in (LIGHT, DARK)}
"""Themes by name."""


def plot_rewiring(
    rewiring: Rewiring,
    layer: int = 0,
    *,
    injected: Tensor | None = None,
    y: Tensor | None = None,
    names: Sequence[str] | None = None,
    classes: Sequence[str] | None = None,
    position: np.ndarray | None = None,
    theme: str = "light",
) -> go.Figure:
    """Draw the graph of a layer: kept edges grey, pruned ones dashed vermilion, added ones solid blue.

    A large graph is drawn as the density of its edges, with the most relevant elements on top.

    Args:
        rewiring: The rewiring.
        layer: Index of the layer, from 0.
        injected: Edges that noise inserted, such as :attr:`NoisyGraph.injected
            <torque_core.graph.noise.NoisyGraph>`, which are marked with a diamond, :math:`(2, I)`.
        y: Labels, which determine the colours of the nodes, :math:`(|\\mathcal{V}|,)`; -1 where unknown.
        names: Names of the nodes; by default their indices.
        classes: Names of the classes; by default their indices.
        position: Node positions, :math:`(|\\mathcal{V}|, 2)`; by default
            :func:`~torque_core.figures.layout.node_layout` of the graph that the first layer received, so that the
            figures of all layers agree.
        theme: ``light`` or ``dark``.

    Returns:
        A Plotly figure.

    Raises:
        BadConfig: If the layer or the theme does not exist.

    Example:
        >>> from torque_core import load, rewire
        >>> karate = load("karate").data
        >>> figure = plot_rewiring(rewire(karate, cut="fixed", fraction=0.1), y=karate.y)
        >>> [trace.name for trace in figure.data if trace.mode == "lines"]
        ['pruned (8)', 'kept (70)', 'added (2)']
    """
    if layer not in range(len(rewiring.layers)):
        raise BadConfig(f"layer must be in 0 to {len(rewiring.layers) - 1}, got {layer!r}")
    if theme not in THEMES:
        raise BadConfig(f"theme must be one of {', '.join(THEMES)}; got {theme!r}")
    record, colours = rewiring.layers[layer].to("cpu"), THEMES[theme]
    if position is None:
        position = node_layout(rewiring.layers[0].pairs, rewiring.num_nodes)
    drawn = overview_figure(
        record,
        position,
        torch.full((rewiring.num_nodes,), -1) if y is None else y.cpu(),
        injected_mask(record.pairs, injected, rewiring.num_nodes),
        colours,
        number=layer,
        names=names,
        classes=classes,
    )
    figure = drawn.figure
    if y is None:
        figure.for_each_trace(lambda trace: trace.update(name=trace.name.replace(", coloured by class", "")))
    figure.update_layout(
        template=f"plotly_{'white' if colours is LIGHT else 'dark'}",
        paper_bgcolor=colours.background,
        plot_bgcolor=colours.background,
        meta=drawn.alt,
    )
    if drawn.sampling_note is not None:
        figure.update_layout(title={"text": drawn.sampling_note, "font": {"size": 12}}, margin={"t": 40})
    return figure


def injected_mask(pairs: Tensor, injected: Tensor | None, num_nodes: int) -> Tensor:
    """Return a mask of the pairs that are among the injected edges, in whichever direction these are given.

    Args:
        pairs: Edges of a layer, with :math:`i < j`, :math:`(2, |\\mathcal{E}|)`.
        injected: Edges that noise inserted, :math:`(2, I)`; None for none.
        num_nodes: :math:`|\\mathcal{V}|`.
    """
    if injected is None:
        return torch.zeros_like(pairs[0], dtype=torch.bool)
    return is_among(pairs, undirected_pairs(injected.cpu(), num_nodes), num_nodes)
