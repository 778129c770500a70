"""Reliability diagram: how sure models are against how often they are right."""

from collections.abc import Mapping

import plotly.graph_objects as go

from torque_core.diagnostics.calibration import Calibration
from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.palette import Theme
from torque_core.figures.styles import Style

__all__ = ["reliability_figure"]


def reliability_figure(found: Mapping[str, Calibration], styles: Mapping[str, Style], theme: Theme) -> DescribedFigure:
    """Draw the accuracy of each bin of confidence; on the diagonal a model is as sure as it is right.

    Args:
        found: Each model's calibration, see :func:`~torque_core.diagnostics.calibration.calibration`.
        styles: How each model is drawn.
        theme: Light or dark.

    Example:
        >>> import torch
        >>> from torque_core.diagnostics import calibration
        >>> from torque_core.figures import LIGHT
        >>> sure = calibration(torch.tensor([[0.9, 0.1], [0.2, 0.8]]), torch.tensor([0, 0]), bins=2)
        >>> reliability_figure({"GCN": sure}, {"GCN": Style("#31333F", "dot", "circle", 2.0)}, LIGHT).alt
        'Accuracy by confidence. Expected calibration error: GCN 35.0 %.'
    """
    figure = go.Figure(
        go.Scatter(
            x=[0, 100],
            y=[0, 100],
            mode="lines",
            line={"color": theme.kept, "width": 1, "dash": "dot"},
            name="as sure as right",
            hoverinfo="skip",
        )
    )
    for name, calibration in found.items():
        style, filled = styles[name], calibration.count > 0
        count = calibration.count[filled]
        figure.add_trace(
            go.Scatter(
                x=(100 * calibration.confidence[filled]).tolist(),
                y=(100 * calibration.accuracy[filled]).tolist(),
                mode="lines+markers",
                name=f"{name}: ECE {100 * calibration.error:.1f} %",
                line={"color": style.colour, "width": style.width, "dash": style.dash},
                marker={"symbol": style.symbol, "size": (6 + 14 * (count / count.max()).sqrt()).tolist()},
                customdata=count.tolist(),
                hovertemplate=f"{name}: %{{x:.0f}} % sure, %{{y:.0f}} % right<extra>%{{customdata}} nodes</extra>",
            )
        )
    figure.update_layout(
        height=380,
        margin={"l": 8, "r": 8, "t": 12, "b": 8},
        xaxis={"title": "confidence of the prediction (%)", "range": [0, 102]},
        yaxis={"title": "predictions that are right (%)", "range": [0, 104]},
        legend={"orientation": "h", "y": -0.22, "x": 0, "yanchor": "top"},
        uirevision="reliability",
    )
    errors = "; ".join(f"{name} {100 * calibration.error:.1f} %" for name, calibration in found.items())
    return DescribedFigure(figure, f"Accuracy by confidence. Expected calibration error: {errors}.", None)
