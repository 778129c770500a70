"""Elements shared by figures of results over several splits: confidence bands, marker outlines and hover text."""

import numpy as np
import plotly.graph_objects as go

from torque_core.figures.legend import put_legend_above
from torque_core.figures.palette import Theme, translucent
from torque_core.figures.styles import Style

__all__ = ["error_band", "interval_text", "marker_outline", "set_layout"]


def error_band(x: np.ndarray, low: np.ndarray, high: np.ndarray, style: Style, group: str) -> go.Scatter:
    """Create a shaded area around a line, shown and hidden together with the line in the legend.

    Args:
        x: Horizontal coordinates, :math:`(N,)`.
        low: Lower bounds, :math:`(N,)`.
        high: Upper bounds, :math:`(N,)`.
        style: Style of the line.
        group: Legend group of the line.
    """
    return go.Scatter(
        x=np.concatenate([x, x[::-1]]),
        y=np.concatenate([high, low[::-1]]),
        fill="toself",
        fillcolor=translucent(style.colour, 0.13),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        showlegend=False,
        legendgroup=group,
    )


def marker_outline(style: Style, theme: Theme) -> dict[str, object]:
    """Return the outline of a marker, without which pale colours would not contrast with the page."""
    return (
        {"width": 1.5, "color": style.colour}
        if style.symbol.endswith("-open")
        else {"width": 1, "color": theme.outline}
    )


def interval_text(name: str, condition: str, mean: float, low: float, high: float, n: int, digits: int) -> str:
    """Return the hover text of a mean: name, condition, value, 95 % confidence interval if finite, and sample size."""
    interval = f"95 % CI {low:.{digits}f} to {high:.{digits}f}, " if np.isfinite(low) else ""
    return f"<b>{name}</b> {condition}{mean:.{digits}f}<br>{interval}n = {n}"


def set_layout(figure: go.Figure, x: str, y: str) -> None:
    """Set the axis titles, the size and the legend of a line figure."""
    figure.update_layout(
        margin={"l": 8, "r": 8, "t": 12, "b": 8},
        xaxis={"title": x},
        yaxis={"title": y},
        uirevision="evidence",
    )
    put_legend_above(figure, 380, in_row=3)
