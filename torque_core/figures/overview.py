"""Figure of a whole graph: lines or, if the graph is too large, an image of the edge density."""

from collections.abc import Sequence

import numpy as np
from torch import Tensor

from torque_core.figures.backdrop import backdrop_figure
from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.graph import graph_figure
from torque_core.figures.palette import Theme
from torque_core.figures.shading import too_large_for_lines
from torque_core.rewiring.record import LayerRewiring

__all__ = ["overview_figure"]


def overview_figure(
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
    """Draw the whole graph of one layer.

    Small graphs are drawn by :func:`~torque_core.figures.graph.graph_figure`, large ones by
    :func:`~torque_core.figures.backdrop.backdrop_figure`; see these for the arguments.
    """
    large = too_large_for_lines(len(position), layer.pairs.size(1))
    return (backdrop_figure if large else graph_figure)(
        layer,
        position,
        y,
        injected,
        theme,
        number=number,
        names=names,
        classes=classes,
        selected_nodes=selected_nodes,
        selected_edges=selected_edges,
    )
