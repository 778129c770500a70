"""The picture of a whole graph that its size allows: lines, or a shading of all edges."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from torque_core.figures.backdrop import backdrop_figure
from torque_core.figures.graph import GraphFigure, graph_figure
from torque_core.figures.palette import Theme
from torque_core.record import LayerRewiring

__all__ = ["LINES_UP_TO", "overview_figure"]

LINES_UP_TO = {"nodes": 50_000, "edges": 500_000}
"""Beyond either, a graph is shaded: a browser cannot draw so many nodes, or the sample of edges would say little."""


def overview_figure(
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
    """Draw the whole graph of one layer, by :func:`~torque_core.figures.graph.graph_figure` if its size allows it.

    Otherwise :func:`~torque_core.figures.backdrop.backdrop_figure` draws it, from the same arguments.
    """
    few = len(position) <= LINES_UP_TO["nodes"] and layer.pairs.size(1) <= LINES_UP_TO["edges"]
    return (graph_figure if few else backdrop_figure)(
        layer,
        position,
        y,
        injected,
        theme,
        number=number,
        names=names,
        selected_nodes=selected_nodes,
        selected_edges=selected_edges,
    )
