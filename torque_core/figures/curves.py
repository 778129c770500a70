"""Training curves: the plain and the rewired model side by side, epoch by epoch."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from torque_core.figures.palette import Theme
from torque_core.train import Epoch

__all__ = ["score_curves"]


def score_curves(
    runs: Mapping[str, Sequence[Epoch]],
    refreshes: Sequence[int],
    theme: Theme,
    *,
    quantity: str,
    title: str,
    epochs: int,
) -> go.Figure:
    """One line per model and, for scores, per part of the split.

    Args:
        runs: Epochs of each model by its name; the first is the plain one.
        refreshes: Epochs at which the graph was rewired.
        theme: Light or dark.
        quantity: ``score`` (training and validation) or ``loss``.
        title: Of the vertical axis, with its unit.
        epochs: How many epochs there will be, so that the axis stays.
    """
    figure = go.Figure()
    for (name, events), colour, dash in zip(runs.items(), (theme.text, theme.added), ("dot", "solid"), strict=False):
        x = [event.epoch for event in events]
        if quantity == "loss":
            lines: list[tuple[str, list[float | None], float]] = [("training loss", [e.loss for e in events], 2.0)]
        else:
            lines = [
                ("validation", [None if e.validation is None else 100 * e.validation for e in events], 2.5),
                ("training", [100 * event.train for event in events], 1.0),
            ]
        for part, values, width in lines:
            figure.add_trace(
                go.Scatter(
                    x=x,
                    y=values,
                    mode="lines",
                    name=f"{name}, {part}",
                    line={"color": colour, "width": width, "dash": dash},
                    opacity=1 if width > 1 else 0.6,
                    hovertemplate=f"{name}, {part}: %{{y:.3g}}<extra>epoch %{{x}}</extra>",
                )
            )
    for epoch in refreshes:
        figure.add_vline(x=epoch, line={"color": theme.added, "width": 1, "dash": "dash"}, opacity=0.6)
        figure.add_annotation(x=epoch, y=1, yref="paper", yanchor="bottom", text="rewired", showarrow=False)
    figure.update_layout(
        height=380,
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        xaxis={"title": "epoch", "range": [0, epochs + 1]},
        yaxis={"title": title},
        legend={"orientation": "h", "y": -0.22, "x": 0, "yanchor": "top"},
        uirevision="curves",
    )
    return figure
