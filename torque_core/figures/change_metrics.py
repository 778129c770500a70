"""Dot plot of the precision, recall and homophily change of several methods."""

from collections.abc import Mapping

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from torque_core.diagnostics.change_report import ChangeReport
from torque_core.figures.palette import Theme
from torque_core.figures.styles import Style

__all__ = ["change_metrics_figure"]

_METRICS = {
    "precision": "precision (% of pruned edges)",
    "recall": "recall (% of injected edges)",
    "homophily_change": "homophily change (points)",
}


def change_metrics_figure(reports: Mapping[str, ChangeReport], styles: Mapping[str, Style], theme: Theme) -> go.Figure:
    """Draw the precision, the recall and the change in edge homophily of each method as dots.

    Without injected edges, only the last panel is drawn. A metric that is None has no dot. The dotted line in the first
    panel is the precision of pruning at random, which equals the fraction of injected edges; in the last panel it marks
    no change.

    Args:
        reports: Report of each method by title, in order from top to bottom.
        styles: Style of each title, see :func:`~torque_core.figures.styles.method_styles`.
        theme: Light or dark theme.
    """
    report = next(iter(reports.values()))  # all methods start from the same graph
    metrics = {name: title for name, title in _METRICS.items() if report.injected or name == "homophily_change"}
    figure = make_subplots(1, len(metrics), shared_yaxes=True, horizontal_spacing=0.04)
    order = list(reports)[::-1]
    for column, (metric, axis_title) in enumerate(metrics.items(), start=1):
        for title in order:
            style, value = styles[title], getattr(reports[title], metric)
            figure.add_trace(
                go.Scatter(
                    x=[None if value is None else 100 * value],
                    y=[title],
                    mode="markers",
                    marker={
                        "color": style.colour,
                        "symbol": style.symbol,
                        "size": 12,
                        "line": {"color": style.colour, "width": 2} if "open" in style.symbol else {},
                    },
                    hovertemplate=f"{title}<br>{axis_title}: %{{x:.1f}}<extra></extra>",
                    name=title,
                    showlegend=False,
                ),
                row=1,
                col=column,
            )
        is_fraction = metric != "homophily_change"
        figure.update_xaxes(title=axis_title, **({"range": [-4, 104]} if is_fraction else {}), row=1, col=column)
    # at least two points to either side of zero, so that a tiny change does not look large
    changes = [100 * (report.homophily_change or 0) for report in reports.values()]
    figure.update_xaxes(range=[min(-2.0, *changes) * 1.1, max(2.0, *changes) * 1.1], row=1, col=len(metrics))
    line = {"color": theme.kept, "width": 1.5, "dash": "dot"}
    figure.add_vline(x=0, line=line, row=1, col=len(metrics))
    if report.injected:
        figure.add_vline(x=100 * report.injected / (report.kept + report.pruned), line=line, row=1, col=1)
    figure.update_yaxes(categoryorder="array", categoryarray=order, showgrid=True)
    figure.update_layout(height=90 + 28 * len(order), margin={"l": 8, "r": 8, "t": 12, "b": 8})
    return figure
