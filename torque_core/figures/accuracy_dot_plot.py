"""Dot plot of the mean score of each method with its confidence interval."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from torque_core.figures.intervals import interval_text, marker_outline
from torque_core.figures.palette import Theme
from torque_core.figures.styles import Style

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["accuracy_dot_plot"]


def accuracy_dot_plot(
    summary: "DataFrame",
    styles: Mapping[str, Style],
    theme: Theme,
    *,
    baseline: str | None = None,
    title: str = "test accuracy (%)",
) -> go.Figure:
    """Draw the mean score of each method as a dot with its 95 % confidence interval, the best method on top.

    Args:
        summary: Columns ``label``, ``n``, ``mean``, ``low`` and ``high`` for one data set and noise level; scores in
            [0, 1].
        styles: Style of each label, see :func:`~torque_core.figures.styles.method_styles`.
        theme: Light or dark theme.
        baseline: Label whose mean is drawn as a vertical reference line.
        title: Title of the horizontal axis, with its unit.
    """
    rows = summary[summary["label"].isin(list(styles))].sort_values(["mean", "label"])
    order = list(rows["label"])
    figure = go.Figure()
    for row in rows.itertuples():
        style = styles[row.label]
        mean, low, high = (100 * float(value) for value in (row.mean, row.low, row.high))
        has_interval = np.isfinite(low)
        figure.add_trace(
            go.Scatter(
                x=[mean],
                y=[row.label],
                mode="markers",
                name=row.label,
                error_x={
                    "array": [high - mean if has_interval else 0],
                    "arrayminus": [mean - low if has_interval else 0],
                    "color": style.colour,
                    "thickness": style.width,
                },
                marker={
                    "color": style.colour,
                    "symbol": style.symbol,
                    "size": 11,
                    "line": marker_outline(style, theme),
                },
                hovertemplate=interval_text(row.label, "", mean, low, high, int(row.n), 1) + "<extra></extra>",
                showlegend=False,
            )
        )
    if (baseline_mean := rows.loc[rows["label"] == baseline, "mean"]).size:
        figure.add_vline(x=100 * float(baseline_mean.iloc[0]), line={"color": theme.text, "width": 1, "dash": "dot"})
    figure.update_layout(
        height=max(330, 90 + 30 * len(order)),
        margin={"l": 8, "r": 8, "t": 12, "b": 8},
        xaxis={"title": title},
        yaxis={"categoryorder": "array", "categoryarray": order, "showgrid": True},
    )
    return figure
