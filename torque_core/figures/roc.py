"""ROC curves: how well scores of edges tell the injected ones, torque first."""

from collections.abc import Mapping

import plotly.graph_objects as go

from torque_core.diagnostics.detection import RocCurve
from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.palette import PRUNED, Theme

__all__ = ["roc_figure"]

# of Okabe and Ito and of Tol, as for the peers of a study; each with a dash of its own
_LINES = (
    ("#E69F00", "dash"),
    ("#009E73", "dot"),
    ("#AA4499", "dashdot"),
    ("#56B4E9", "longdash"),
    ("#999933", "longdashdot"),
)


def roc_figure(curves: Mapping[str, RocCurve], theme: Theme) -> DescribedFigure:
    """Draw detectors of injected edges against each other, with chance as the diagonal.

    A star on a curve is the threshold in use: what share of the injected edges it takes, and of the others.

    Args:
        curves: By name, see :func:`~torque_core.diagnostics.detectors.detector_curves`; the first is drawn wide.
        theme: Light or dark.
    """
    figure = go.Figure()
    figure.add_trace(
        go.Scatter(
            x=[0, 100],
            y=[0, 100],
            mode="lines",
            line={"color": theme.kept, "width": 1.5, "dash": "dot"},
            name="chance: AUROC 0.500",
            hoverinfo="skip",
        )
    )
    said = []
    for number, (name, curve) in enumerate(curves.items()):
        colour, dash = _LINES[(number - 1) % len(_LINES)] if number else (theme.added, "solid")
        figure.add_trace(
            go.Scatter(
                x=100 * curve.false_positive_rate.numpy(),
                y=100 * curve.true_positive_rate.numpy(),
                mode="lines",
                line={"color": colour, "width": 2 if number else 3.5, "dash": dash},
                name=f"{name}: AUROC {curve.auroc:.3f}",
                hovertemplate=f"{name}: %{{y:.1f}} % of the injected,<br>%{{x:.1f}} % of the others<extra></extra>",
            )
        )
        said.append(f"{name} {curve.auroc:.3f}")
    points = {name: curve.cut for name, curve in curves.items() if curve.cut is not None}
    for name, point in points.items():
        taken, wrongly = 100 * point.true_positive_rate, 100 * point.false_positive_rate
        figure.add_trace(
            go.Scatter(
                x=[wrongly],
                y=[taken],
                mode="markers",
                marker={"symbol": "star", "size": 15, "color": PRUNED, "line": {"color": theme.text, "width": 1}},
                name=f"the cut on {name}",
                hovertemplate="the cut prunes %{y:.1f} % of the injected,<br>%{x:.1f} % of the others<extra></extra>",
            )
        )
        said.append(f"the cut on {name} prunes {taken:.1f} % of the injected edges and {wrongly:.1f} % of the others")
    figure.update_layout(
        height=500,
        margin={"l": 8, "r": 8, "t": 12, "b": 8},
        xaxis={"title": "other edges above the threshold (%)", "range": [-1, 101]},
        yaxis={"title": "injected edges above it (%)", "range": [-1, 101]},
        legend={"orientation": "h", "y": -0.22, "x": 0, "yanchor": "top"},
        hovermode="closest",
        uirevision="roc",
    )
    alt = f"ROC curves of {len(curves)} detectors of injected edges, by area under the curve: {'; '.join(said)}."
    return DescribedFigure(figure, alt if curves else "No ROC curve: it needs injected edges and others.", None)
