"""Reliability diagram: accuracy as a function of confidence."""

from collections.abc import Mapping

import plotly.graph_objects as go

from torque_core.diagnostics.calibration import Calibration
from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.legend import put_legend_above
from torque_core.figures.palette import Theme
from torque_core.figures.plotly_text import plotly_text
from torque_core.figures.styles import Style

__all__ = ["reliability_figure"]


def reliability_figure(
    calibrations: Mapping[str, Calibration], styles: Mapping[str, Style], theme: Theme
) -> DescribedFigure:
    """Draw the accuracy within each confidence bin; a perfectly calibrated model follows the diagonal.

    Args:
        calibrations: Calibration of each model, see :func:`~torque_core.diagnostics.calibration.calibration`.
        styles: Style of each model.
        theme: Light or dark theme.

    Example:
        >>> import torch
        >>> from torque_core.diagnostics import calibration
        >>> from torque_core.figures import LIGHT
        >>> result = calibration(torch.tensor([[0.9, 0.1], [0.2, 0.8]]), torch.tensor([0, 0]), bins=2)
        >>> reliability_figure({"GCN": result}, {"GCN": Style("#31333F", "dot", "circle", 2.0)}, LIGHT).alt
        'Accuracy by confidence. Expected calibration error: GCN 35.0 %.'
    """
    figure = go.Figure(
        go.Scatter(
            x=[0, 100],
            y=[0, 100],
            mode="lines",
            line={"color": theme.kept, "width": 1, "dash": "dot"},
            name="perfect calibration",
            hoverinfo="skip",
        )
    )
    for name, calibration in calibrations.items():
        style, nonempty, text = styles[name], calibration.count > 0, plotly_text(name)
        count = calibration.count[nonempty]
        figure.add_trace(
            go.Scatter(
                x=(100 * calibration.confidence[nonempty]).tolist(),
                y=(100 * calibration.accuracy[nonempty]).tolist(),
                mode="lines+markers",
                name=f"{text}: ECE {100 * calibration.error:.1f} %",
                line={"color": style.colour, "width": style.width, "dash": style.dash},
                marker={"symbol": style.symbol, "size": (6 + 14 * (count / count.max()).sqrt()).tolist()},
                customdata=count.tolist(),
                hovertemplate=(
                    f"{text}: confidence %{{x:.0f}} %, accuracy %{{y:.0f}} %<extra>%{{customdata}} nodes</extra>"
                ),
            )
        )
    figure.update_layout(
        margin={"l": 8, "r": 8, "t": 12, "b": 8},
        xaxis={"title": "confidence (%)", "range": [0, 102]},
        yaxis={"title": "accuracy (%)", "range": [0, 104]},
        uirevision="reliability",
    )
    put_legend_above(figure, 320)
    errors = "; ".join(f"{name} {100 * calibration.error:.1f} %" for name, calibration in calibrations.items())
    return DescribedFigure(figure, f"Accuracy by confidence. Expected calibration error: {errors}.", None)
