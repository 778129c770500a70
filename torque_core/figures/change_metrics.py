"""Every method in three numbers, beside each other."""

from collections.abc import Mapping

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from torque_core.diagnostics.graph_change import ChangeReport
from torque_core.figures.palette import Theme
from torque_core.figures.styles import Style

__all__ = ["change_metrics_figure"]

_MEASURES = {
    "precision": "precision (% of the pruned)",
    "recall": "recall (% of the injected)",
    "homophily_change": "homophily (change in points)",
}


def change_metrics_figure(reports: Mapping[str, ChangeReport], styles: Mapping[str, Style], theme: Theme) -> go.Figure:
    """Precision, recall and the change of homophily of every method, as dots; who has none of it has no dot.

    A dotted line in the first panel is the precision of chance, the share of the edges that are injected; in the last
    one it is no change.

    Args:
        reports: Of the methods by title, in order, the first on top.
        styles: Of every title, see :func:`~torque_core.figures.styles.method_styles`.
        theme: Light or dark.
    """
    figure = make_subplots(1, len(_MEASURES), shared_yaxes=True, horizontal_spacing=0.04)
    order = list(reports)[::-1]
    for at, (measure, axis) in enumerate(_MEASURES.items(), start=1):
        for title in order:
            style, value = styles[title], getattr(reports[title], measure)
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
                    hovertemplate=f"{title}<br>{axis}: %{{x:.1f}}<extra></extra>",
                    name=title,
                    showlegend=False,
                ),
                row=1,
                col=at,
            )
        shares = measure != "homophily_change"
        figure.update_xaxes(title=axis, **({"range": [-4, 104]} if shares else {}), row=1, col=at)
    # where all stay, zero is in view, so that a change of a hundredth of a point does not look like one
    changes = [100 * (report.homophily_change or 0) for report in reports.values()]
    figure.update_xaxes(range=[min(-2.0, *changes) * 1.1, max(2.0, *changes) * 1.1], row=1, col=len(_MEASURES))
    line = {"color": theme.kept, "width": 1.5, "dash": "dot"}
    figure.add_vline(x=0, line=line, row=1, col=len(_MEASURES))
    one = next(iter(reports.values()))  # the graph before is the same for all
    if one.injected:
        figure.add_vline(x=100 * one.injected / (one.kept + one.pruned), line=line, row=1, col=1)
    figure.update_yaxes(categoryorder="array", categoryarray=order, showgrid=True)
    figure.update_layout(height=90 + 28 * len(order), margin={"l": 8, "r": 8, "t": 12, "b": 8})
    return figure
