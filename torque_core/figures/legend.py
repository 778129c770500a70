"""Legends above a chart."""

from typing import Any

import plotly.graph_objects as go

__all__ = ["put_legend_above"]

_ROW = 20  # pixels


def put_legend_above(figure: go.Figure, height: int, *, in_row: int = 1) -> None:
    """Put the legend above the chart, where it grows away from the titles of the axes, and make room for it.

    Args:
        figure: The figure with all its traces.
        height: Height of the figure without the legend, in pixels.
        in_row: Number of entries that fit into a row of a narrow window.

    Example:
        >>> figure = go.Figure([go.Scatter(y=[1, 2], name=name) for name in ("a", "b", "c")])
        >>> put_legend_above(figure, 300, in_row=2)
        >>> figure.layout.height, figure.layout.legend.yanchor
        (340, 'bottom')
    """
    entries = sum(trace.showlegend is not False for trace in figure.data)
    legend: dict[str, Any] = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}
    figure.update_layout(legend=legend, height=height + _ROW * -(-entries // in_row))
