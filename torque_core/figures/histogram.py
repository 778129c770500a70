"""The torque histogram: the graph's own edges, the injected ones, chance, and the cut."""

import math

import numpy as np
import plotly.graph_objects as go
from torch import Tensor

from torque_core.figures.palette import INJECTED, PRUNED, Theme

__all__ = ["torque_histogram"]

_BINS = 48


def torque_histogram(torque: Tensor, injected: Tensor, threshold: float, theme: Theme) -> go.Figure:
    """Stacked histogram of the torques of original and injected edges, with the cut as a vertical line.

    Args:
        torque: Torques of the edges, :math:`(|\\mathcal{E}|,)`, without unit.
        injected: Which of them the noise inserted, bool, :math:`(|\\mathcal{E}|,)`.
        threshold: Edges from here up are pruned; infinity if none are.
        theme: Light or dark.
    """
    values, noisy = torque.numpy(), injected.numpy()
    high = float(values.max()) if len(values) else 1.0
    width = max(high, 1e-6) * (1 + 1e-6) / _BINS
    starts = width * np.arange(_BINS)
    figure = go.Figure()
    for name, chosen, colour, pattern in (
        ("original", ~noisy, theme.kept, ""),
        ("injected by the noise", noisy, INJECTED, "/"),
    ):
        counts, _ = np.histogram(values[chosen], bins=_BINS, range=(0, width * _BINS))
        figure.add_trace(
            go.Bar(
                x=starts + width / 2,
                y=counts,
                width=width,
                name=f"{name} ({int(chosen.sum()):,})",
                marker={"color": colour, "line": {"width": 0}, "pattern": {"shape": pattern, "size": 4}},
                customdata=np.column_stack([starts, starts + width]),
                hovertemplate="torque %{customdata[0]:.3f} to %{customdata[1]:.3f}: %{y} edges<extra></extra>",
            )
        )
    if math.isfinite(threshold):
        figure.add_vline(x=threshold, line={"color": PRUNED, "width": 2, "dash": "dash"})
        figure.add_annotation(
            x=threshold,
            y=1,
            yref="paper",
            yanchor="bottom",
            text=f"cut at {threshold:.3f}: pruned →",
            showarrow=False,
            font={"color": PRUNED},
        )
    figure.update_layout(
        barmode="stack",
        bargap=0,
        height=330,
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        xaxis={"title": "torque (no unit)", "range": [0, width * _BINS]},
        yaxis={"title": "number of edges"},
        legend={"orientation": "h", "y": -0.28, "x": 0, "yanchor": "top"},
    )
    return figure
