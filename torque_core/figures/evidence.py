"""Figures of many runs: means over splits with their uncertainty, method by method, and what is behind them."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from torque_core.figures.palette import Theme
from torque_core.figures.styles import Style

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = [
    "accuracy_bars",
    "accuracy_over_noise",
    "detection_over_noise",
    "training_curves",
]

_NOISE_AXES = {
    "insert": "edges inserted (% of the edges)",
    "insert_by_degree": "edges inserted by degree (% of the edges)",
    "delete": "edges deleted (% of the edges)",
    "dice": "edges swapped by DICE (% of the edges)",
    "features": "blur of the features (% of their standard deviation)",
}


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
    """Mean score over the noise level, a line a method, in a band of its 95 % confidence interval.

    A point has its label and its level as ``customdata``.

    Args:
        summary: ``label``, ``rate``, ``n``, ``mean``, ``low`` and ``high``, of one data set and kind of noise, see
            :func:`~torque_core.experiments.statistics.summarise`; shares in [0, 1].
        styles: Of every label, see :func:`~torque_core.figures.styles.method_styles`; their order is the legend's.
        theme: Light or dark.
        title: Of the vertical axis, with its unit.
        noise_kind: A name in :data:`~torque_core.graph.noise.NOISE_KINDS`, for the horizontal axis.
        level: A noise level that is marked by an upright line.
        ringed: Labels and levels of points that have a ring.
    """
    figure = _lines(summary, styles, theme, title=title, noise_kind=noise_kind, scale=100, digits=1)
    _mark(figure, summary, styles, theme, level, ringed, 100)
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
    """Area under the ROC curve of every edge score over the noise level; a line at 0.5 is chance.

    Args:
        summary: As in :func:`accuracy_over_noise`; a label is a score of edges.
        styles: Of every label.
        theme: Light or dark.
        noise_kind: A name in :data:`~torque_core.graph.noise.NOISE_KINDS`, for the horizontal axis.
        level: As in :func:`accuracy_over_noise`.
        ringed: Likewise.
    """
    title = "AUROC: injected edges against original ones"
    figure = _lines(summary, styles, theme, title=title, noise_kind=noise_kind, scale=1, digits=3)
    figure.add_hline(y=0.5, line={"color": theme.kept, "width": 1, "dash": "dot"})
    figure.add_annotation(
        x=1, xref="paper", xanchor="right", y=0.5, yanchor="bottom", text="chance", showarrow=False
    )  # fmt: skip
    _mark(figure, summary, styles, theme, level, ringed, 1)
    return figure


def accuracy_bars(
    summary: "DataFrame",
    styles: Mapping[str, Style],
    theme: Theme,
    *,
    baseline: str | None = None,
    title: str = "test accuracy (%)",
) -> go.Figure:
    """Mean score of every method as a dot with its 95 % confidence interval, the best on top.

    Args:
        summary: ``label``, ``n``, ``mean``, ``low`` and ``high`` of one cell; shares in [0, 1].
        styles: Of every label, see :func:`~torque_core.figures.styles.method_styles`.
        theme: Light or dark.
        baseline: A label whose mean is drawn as a line through all.
        title: Of the horizontal axis, with its unit.
    """
    rows = summary[summary["label"].isin(list(styles))].sort_values(["mean", "label"])
    order = list(rows["label"])
    figure = go.Figure()
    for row in rows.itertuples():
        style = styles[row.label]
        mean, low, high = (100 * float(value) for value in (row.mean, row.low, row.high))
        known = np.isfinite(low)
        figure.add_trace(
            go.Scatter(
                x=[mean],
                y=[row.label],
                mode="markers",
                name=row.label,
                error_x={
                    "array": [high - mean if known else 0],
                    "arrayminus": [mean - low if known else 0],
                    "color": style.colour,
                    "thickness": style.width,
                },
                marker={"color": style.colour, "symbol": style.symbol, "size": 11, "line": _edge(style, theme)},
                hovertemplate=_hover(row.label, "", mean, low, high, int(row.n), 1) + "<extra></extra>",
                showlegend=False,
            )
        )
    if (at := rows.loc[rows["label"] == baseline, "mean"]).size:
        figure.add_vline(x=100 * float(at.iloc[0]), line={"color": theme.text, "width": 1, "dash": "dot"})
    figure.update_layout(
        height=max(330, 90 + 30 * len(order)),
        margin={"l": 8, "r": 8, "t": 12, "b": 8},
        xaxis={"title": title},
        yaxis={"categoryorder": "array", "categoryarray": order, "showgrid": True},
    )
    return figure


def training_curves(
    curves: Mapping[str, Sequence[Mapping[str, Sequence[float]]]],
    styles: Mapping[str, Style],
    *,
    quantity: str = "score",
    title: str = "accuracy (%)",
) -> go.Figure:
    """Mean over splits by epoch, in a band of a standard deviation to either side; as far as half of the runs go.

    Args:
        curves: Of each label, the curves of its runs by name, a number an epoch; scores are shares in [0, 1].
        styles: Of every label, see :func:`~torque_core.figures.styles.method_styles`.
        quantity: ``score`` (validation, bold with a band, and training, thin) or ``loss``.
        title: Of the vertical axis, with its unit.
    """
    figure = go.Figure()
    parts = (
        [("loss", "loss", True)] if quantity == "loss" else [("validation", "val.", True), ("train", "train.", False)]
    )
    scale = 1 if quantity == "loss" else 100
    for label, runs in curves.items():
        style = styles[label]
        for key, short, bold in parts:
            known = [run[key] for run in runs if run.get(key) and np.isfinite(run[key]).all()]
            mean, deviation = _by_epoch(known)
            if not len(mean):
                continue
            epochs = np.arange(1, len(mean) + 1)
            mean, deviation = scale * mean, scale * deviation
            if bold:
                figure.add_trace(_band(epochs, mean - deviation, mean + deviation, style, label))
            figure.add_trace(
                go.Scatter(
                    x=epochs,
                    y=mean,
                    mode="lines",
                    name=label,
                    legendgroup=label,
                    showlegend=bold,
                    line={"color": style.colour, "width": style.width if bold else 1, "dash": style.dash},
                    opacity=1 if bold else 0.7,
                    customdata=deviation,
                    hovertemplate="%{y:.3g} ± %{customdata:.2g}<extra>" + f"{label}, {short} epoch %{{x}}</extra>",
                )
            )
    _arrange(figure, "epoch", title)
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
    """Bands first, so that no band covers a line."""
    figure = go.Figure()
    lines = {label: summary[summary["label"] == label].sort_values("rate") for label in styles}
    lines = {label: rows for label, rows in lines.items() if len(rows)}
    for label, rows in lines.items():
        sure = rows.dropna(subset=["low", "high"])
        if len(sure) > 1:
            low, high = (scale * sure[end].to_numpy(dtype=float) for end in ("low", "high"))
            figure.add_trace(_band(100 * sure["rate"].to_numpy(dtype=float), low, high, styles[label], label))
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
                marker={"symbol": style.symbol, "size": 8, "line": _edge(style, theme)},
                text=[
                    _hover(label, f"at {100 * row.rate:.0f} % ", scale * row.mean, scale * row.low, scale * row.high,
                           int(row.n), digits)
                    for row in rows.itertuples()
                ],
                customdata=[[label, float(rate)] for rate in rows["rate"]],
                hovertemplate="%{text}<extra></extra>",
                unselected={"marker": {"opacity": 1}},
            )
        )  # fmt: skip
    _arrange(figure, _NOISE_AXES.get(noise_kind, "noise level (%)"), title)
    return figure


def _mark(
    figure: go.Figure,
    summary: "DataFrame",
    styles: Mapping[str, Style],
    theme: Theme,
    level: float | None,
    ringed: Collection[tuple[str, float]],
    scale: float,
) -> None:
    """An upright line at a level, and rings around points."""
    if level is not None:
        figure.add_vline(x=100 * level, line={"color": theme.text, "width": 1, "dash": "dash"}, opacity=0.6)
    given = zip(summary["label"], summary["rate"], summary["mean"], strict=True)
    points = [(rate, mean) for label, rate, mean in given if label in styles and (label, rate) in ringed]
    if points:
        figure.add_trace(
            go.Scatter(
                x=[100 * rate for rate, _ in points],
                y=[scale * mean for _, mean in points],
                mode="markers",
                name="run here",
                marker={"symbol": "circle-open", "size": 16, "color": theme.text, "line": {"width": 1.5}},
                hoverinfo="skip",
            )
        )


def _band(x: np.ndarray, low: np.ndarray, high: np.ndarray, style: Style, group: str) -> go.Scatter:
    """A shaded area around a line, that comes and goes with it."""
    red, green, blue = (int(style.colour[at : at + 2], 16) for at in (1, 3, 5))
    return go.Scatter(
        x=np.concatenate([x, x[::-1]]),
        y=np.concatenate([high, low[::-1]]),
        fill="toself",
        fillcolor=f"rgba({red},{green},{blue},0.13)",
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        showlegend=False,
        legendgroup=group,
    )


def _by_epoch(runs: Sequence[Sequence[float]]) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of the runs that reach an epoch, as long as at least half of them do."""
    if not runs:
        return np.empty(0), np.empty(0)
    ends = sorted((len(run) for run in runs), reverse=True)
    length = ends[(len(runs) - 1) // 2]
    reached = [[run[epoch] for run in runs if len(run) > epoch] for epoch in range(length)]
    return np.array([np.mean(values) for values in reached]), np.array([np.std(values) for values in reached])


def _edge(style: Style, theme: Theme) -> dict[str, object]:
    """The rim of a marker: pale colours need one to stand out from the page."""
    return (
        {"width": 1.5, "color": style.colour}
        if style.symbol.endswith("-open")
        else {"width": 1, "color": theme.outline}
    )


def _hover(name: str, where: str, mean: float, low: float, high: float, n: int, digits: int) -> str:
    interval = f"95 % interval {low:.{digits}f} to {high:.{digits}f}, " if np.isfinite(low) else ""
    return f"<b>{name}</b> {where}{mean:.{digits}f}<br>{interval}n = {n}"


def _arrange(figure: go.Figure, x: str, y: str) -> None:
    figure.update_layout(
        height=420,
        margin={"l": 8, "r": 8, "t": 12, "b": 8},
        xaxis={"title": x},
        yaxis={"title": y},
        legend={"orientation": "h", "y": -0.2, "x": 0, "yanchor": "top"},
        uirevision="evidence",
    )
