"""Mean scores over the noise level, one line per method, with confidence bands."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from torque_core.attacks.noise import NOISE_KINDS
from torque_core.figures.intervals import error_band, interval_text, marker_outline, set_layout
from torque_core.figures.palette import Theme
from torque_core.figures.styles import Style

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["accuracy_over_noise", "detection_over_noise"]


def accuracy_over_noise(
    summary: "DataFrame",
    styles: Mapping[str, Style],
    theme: Theme,
    *,
    title: str = "test accuracy (%)",
    noise_kind: str = "",
    level: float | None = None,
    ringed: Collection[tuple[str, float]] = (),
) -> go.Figure:
    """Draw the mean score of each method over the noise level, with a band for its 95 % confidence interval.

    The ``customdata`` of a point are its label and its noise level.

    Args:
        summary: Columns ``label``, ``rate``, ``n``, ``mean``, ``low`` and ``high`` for one data set and kind of noise,
            see :func:`~torque_core.experiments.statistics.summarise`; scores in [0, 1].
        styles: Style of each label, see :func:`~torque_core.figures.styles.method_styles`, in the order of the legend.
        theme: Light or dark theme.
        title: Title of the vertical axis, with its unit.
        noise_kind: A key of :data:`~torque_core.attacks.noise.NOISE_KINDS`, which determines the horizontal axis title.
        level: Noise level to mark with a vertical line.
        ringed: Labels and noise levels of the points to mark with a ring.
    """
    figure = _lines(summary, styles, theme, title=title, noise_kind=noise_kind, scale=100, digits=1)
    _mark_points(figure, summary, styles, theme, level, ringed, 100)
    return figure


def detection_over_noise(
    summary: "DataFrame",
    styles: Mapping[str, Style],
    theme: Theme,
    *,
    noise_kind: str = "",
    level: float | None = None,
    ringed: Collection[tuple[str, float]] = (),
) -> go.Figure:
    """Draw the area under the ROC curve of each edge score over the noise level, with a reference line at 0.5.

    Args:
        summary: As in :func:`accuracy_over_noise`; each label is an edge score.
        styles: Style of each label.
        theme: Light or dark theme.
        noise_kind: A key of :data:`~torque_core.attacks.noise.NOISE_KINDS`, which determines the horizontal axis title.
        level: As in :func:`accuracy_over_noise`.
        ringed: As in :func:`accuracy_over_noise`.
    """
    title = "AUROC for detecting injected edges"
    figure = _lines(summary, styles, theme, title=title, noise_kind=noise_kind, scale=1, digits=3)
    figure.add_hline(y=0.5, line={"color": theme.kept, "width": 1, "dash": "dot"})
    figure.add_annotation(
        x=1, xref="paper", xanchor="right", y=0.5, yanchor="bottom", text="random guessing", showarrow=False
    )
    _mark_points(figure, summary, styles, theme, level, ringed, 1)
    return figure


def _lines(
    summary: "DataFrame",
    styles: Mapping[str, Style],
    theme: Theme,
    *,
    title: str,
    noise_kind: str,
    scale: float,
    digits: int,
) -> go.Figure:
    """Lines of all methods; the bands are drawn first, so that no band covers a line."""
    figure = go.Figure()
    lines = {label: summary[summary["label"] == label].sort_values("rate") for label in styles}
    lines = {label: rows for label, rows in lines.items() if len(rows)}
    for label, rows in lines.items():
        bounded = rows.dropna(subset=["low", "high"])
        if len(bounded) > 1:
            low, high = (scale * bounded[bound].to_numpy(dtype=float) for bound in ("low", "high"))
            rates = 100 * bounded["rate"].to_numpy(dtype=float)
            figure.add_trace(error_band(rates, low, high, styles[label], label))
    for label, rows in lines.items():
        style = styles[label]
        figure.add_trace(
            go.Scatter(
                x=100 * rows["rate"].to_numpy(dtype=float),
                y=scale * rows["mean"].to_numpy(dtype=float),
                mode="lines+markers",
                name=label,
                legendgroup=label,
                line={"color": style.colour, "width": style.width, "dash": style.dash},
                marker={"symbol": style.symbol, "size": 8, "line": marker_outline(style, theme)},
                text=[
                    interval_text(label, f"at {100 * row.rate:.0f} % ", scale * row.mean, scale * row.low,
                                  scale * row.high, int(row.n), digits)
                    for row in rows.itertuples()
                ],
                customdata=[[label, float(rate)] for rate in rows["rate"]],
                hovertemplate="%{text}<extra></extra>",
                unselected={"marker": {"opacity": 1}},
            )
        )  # fmt: skip
    level = NOISE_KINDS[noise_kind].level if noise_kind in NOISE_KINDS else "noise level (%)"
    set_layout(figure, level, title)
    return figure


def _mark_points(
    figure: go.Figure,
    summary: "DataFrame",
    styles: Mapping[str, Style],
    theme: Theme,
    level: float | None,
    ringed: Collection[tuple[str, float]],
    scale: float,
) -> None:
    """Add a vertical line at a noise level and rings around points."""
    if level is not None:
        figure.add_vline(x=100 * level, line={"color": theme.text, "width": 1, "dash": "dash"}, opacity=0.6)
    rows = zip(summary["label"], summary["rate"], summary["mean"], strict=True)
    points = [(rate, mean) for label, rate, mean in rows if label in styles and (label, rate) in ringed]
    if points:
        figure.add_trace(
            go.Scatter(
                x=[100 * rate for rate, _ in points],
                y=[scale * mean for _, mean in points],
                mode="markers",
                name="run on this machine",
                marker={"symbol": "circle-open", "size": 16, "color": theme.text, "line": {"width": 1.5}},
                hoverinfo="skip",
            )
        )
