"""ROC curves of edge scores as detectors of injected edges."""

from collections.abc import Mapping

import plotly.graph_objects as go

from torque_core.diagnostics.detection import RocCurve
from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.palette import PRUNED, Theme

__all__ = ["roc_figure"]

# colours of Okabe and Ito and of Tol, as for the peers of a study; each has a different dash
_LINES = (
    ("#E69F00", "dash"),
    ("#009E73", "dot"),
    ("#AA4499", "dashdot"),
    ("#56B4E9", "longdash"),
    ("#999933", "longdashdot"),
)


def roc_figure(curves: Mapping[str, RocCurve], theme: Theme) -> DescribedFigure:
    """Draw the ROC curves of several detectors of injected edges, with the diagonal of random guessing.

    A star on a curve marks the cut: the fractions of injected and of original edges that it prunes.

    Args:
        curves: Curves by name, see :func:`~torque_core.diagnostics.detectors.detector_curves`; the first line is
            drawn thicker.
        theme: Light or dark theme.
    """
    figure = go.Figure()
    figure.add_trace(
        go.Scatter(
            x=[0, 100],
            y=[0, 100],
            mode="lines",
            line={"color": theme.kept, "width": 1.5, "dash": "dot"},
            name="random guessing: AUROC 0.500",
            hoverinfo="skip",
        )
    )
    summaries = []
    for number, (name, curve) in enumerate(curves.items()):
        colour, dash = _LINES[(number - 1) % len(_LINES)] if number else (theme.added, "solid")
        figure.add_trace(
            go.Scatter(
                x=100 * curve.false_positive_rate.numpy(),
                y=100 * curve.true_positive_rate.numpy(),
                mode="lines",
                line={"color": colour, "width": 2 if number else 3.5, "dash": dash},
                name=f"{name}: AUROC {curve.auroc:.3f}",
                hovertemplate=(
                    f"{name}: true positive rate %{{y:.1f}} %,<br>false positive rate %{{x:.1f}} %<extra></extra>"
                ),
            )
        )
        summaries.append(f"{name} {curve.auroc:.3f}")
    points = {name: curve.cut for name, curve in curves.items() if curve.cut is not None}
    for name, point in points.items():
        recall, false_positive_rate = 100 * point.true_positive_rate, 100 * point.false_positive_rate
        figure.add_trace(
            go.Scatter(
                x=[false_positive_rate],
                y=[recall],
                mode="markers",
                marker={"symbol": "star", "size": 15, "color": PRUNED, "line": {"color": theme.text, "width": 1}},
                name=f"cut on {name}",
                hovertemplate="prunes %{y:.1f} % of injected edges<br>and %{x:.1f} % of original edges<extra></extra>",
            )
        )
        summaries.append(
            f"the cut on {name} prunes {recall:.1f} % of the injected edges and {false_positive_rate:.1f} % of the "
            "original edges"
        )
    figure.update_layout(
        height=500,
        margin={"l": 8, "r": 8, "t": 12, "b": 8},
        xaxis={"title": "false positive rate (% of original edges)", "range": [-1, 101]},
        yaxis={"title": "true positive rate (% of injected edges)", "range": [-1, 101]},
        legend={"orientation": "h", "y": -0.22, "x": 0, "yanchor": "top"},
        hovermode="closest",
        uirevision="roc",
    )
    alt = f"ROC curves of {len(curves)} detectors of injected edges, by area under the curve: {'; '.join(summaries)}."
    return DescribedFigure(
        figure, alt if curves else "No ROC curve: both injected and original edges are required.", None
    )
