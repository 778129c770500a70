"""Training curves of several models by epoch, with markers where their graphs were rewired."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.intervals import error_band
from torque_core.figures.legend import put_legend_above
from torque_core.figures.palette import Theme, translucent
from torque_core.figures.plotly_text import plotly_text
from torque_core.figures.training_curve import TrainingCurve, values_of

__all__ = ["training_curves_figure"]

_OFFSET = 0.05  # of the range; markers on the line would not receive clicks, the line would
_PADDING = 0.02  # of the width; otherwise the marker of the first epoch is clipped
_HIGHEST = 105.0  # %, above the markers of perfect scores
_MARK_EVERY = 20  # epochs, on the test curve
_HEIGHT = 600  # pixels of both charts and the axis
_SPLIT = 0.44  # of the height; the losses are below
_AXES = {"score": "y", "loss": "y2"}


def training_curves_figure(
    curves: Sequence[TrainingCurve],
    theme: Theme,
    *,
    metric: str,
    epochs: int,
    test: bool = False,
    smoothing: float = 0.0,
) -> DescribedFigure:
    """Draw the scores of each model above its losses, with thick validation curves and thin training curves.

    Both charts share their axis of epochs, and a dotted line marks the same epoch in both while the pointer is over one
    of them. A triangle marks each rewiring. Models that were trained with several seeds have a band of one standard
    deviation.

    Args:
        curves: Curves in the order of the legend.
        theme: Light or dark theme.
        metric: Name of the score.
        epochs: Total number of epochs, so that the horizontal axis stays fixed during training.
        test: Also draw the test curves, with markers.
        smoothing: Weight in [0, 1) of the earlier epochs in an exponential moving average, see
            :func:`~torque_core.figures.training_curve.smoothed`; the numbers of the description are not smoothed.

    Example:
        >>> from torque_core.figures import LIGHT, Style
        >>> from torque_core.training import Epoch
        >>> line = TrainingCurve("GCN", Style("#31333F", "dot", "circle", 2.0), [Epoch(1, 2.0, 0.5, 0.25)])
        >>> training_curves_figure([line], LIGHT, metric="accuracy", epochs=9).alt
        'accuracy (%) by epoch: GCN 25 (validation, epoch 1). Loss: GCN 2 (training, epoch 1).'
    """
    figure = go.Figure()
    for quantity, axis in _AXES.items():
        for curve in curves:
            _add_band(figure, curve, quantity, axis, smoothing)
        for curve in curves:
            _add_lines(figure, curve, quantity, axis, test, smoothing)
    drawn: list[float] = [
        value for line in figure.data if line.yaxis == "y" for value in line.y if value is not None
    ]  # fmt: skip
    offset = _OFFSET * (max(drawn) - min(drawn)) if drawn else 0.0
    for curve in curves:
        _mark_rewirings(figure, curve, theme, offset, smoothing)
    spike = {"showspikes": True, "spikemode": "across", "spikesnap": "cursor", "spikethickness": 1, "spikedash": "dot"}
    figure.update_layout(
        margin={"l": 8, "r": 8, "t": 12, "b": 8},
        xaxis={
            "title": "epoch", "range": [-_PADDING * epochs, (1 + _PADDING) * epochs], "anchor": "y2",
            **spike, "spikecolor": theme.text,
        },
        yaxis={"title": f"{metric} (%)", "minallowed": 0, "maxallowed": _HIGHEST, "domain": [_SPLIT + 0.04, 1]},
        yaxis2={"title": "cross-entropy loss (nats)", "minallowed": 0, "domain": [0, _SPLIT - 0.04], "anchor": "x"},
        # in "x", all points of an epoch are hovered at once, and a click selects the first line instead of the marker
        hovermode="closest",
        clickmode="event+select",
        uirevision="curves",
    )  # fmt: skip
    put_legend_above(figure, _HEIGHT)
    scores, losses = ("; ".join(_latest(curve, quantity) for curve in curves if curve.epochs) for quantity in _AXES)
    alt = f"{metric} (%) by epoch: {scores}. Loss: {losses}." if scores else f"{metric} (%) by epoch: no epochs yet."
    return DescribedFigure(figure, alt, None)


def _add_band(figure: go.Figure, curve: TrainingCurve, quantity: str, axis: str, smoothing: float) -> None:
    """Add the band over seeds; bands come first, so that no band covers a line."""
    epochs, low, high = curve.band(quantity, smoothing)
    if epochs:
        band = error_band(np.array(epochs), np.array(low), np.array(high), curve.style, _group(curve))
        figure.add_trace(band.update(yaxis=axis))


def _add_lines(figure: go.Figure, curve: TrainingCurve, quantity: str, axis: str, test: bool, smoothing: float) -> None:
    """Add the validation curve, the training curve and, if requested, the test curve of a model."""
    line = {"color": curve.style.colour, "dash": curve.style.dash}
    styles: list[dict[str, object]] = [
        {"mode": "lines", "line": {**line, "width": curve.style.width}},
        {"mode": "lines", "line": {**line, "width": 1, "color": translucent(curve.style.colour, 0.7)}},
        {
            "mode": "lines+markers",
            "line": {**line, "width": 1.5},
            "marker": {
                "symbol": curve.style.symbol, "size": 8, "maxdisplayed": max(len(curve.epochs) // _MARK_EVERY, 2),
            },
        },
    ]  # fmt: skip
    parts = list(zip(("validation", "training", "test"), curve.lines(quantity, smoothing), styles, strict=True))
    name = plotly_text(curve.name)
    for part, values, style in parts if test else parts[:2]:
        figure.add_trace(
            go.Scatter(
                x=[event.epoch for event in curve.epochs],
                y=values,
                yaxis=axis,
                name=plotly_text(curve.name),
                legendgroup=_group(curve),
                showlegend=part == "validation" and quantity == "score",
                hovertemplate=f"epoch %{{x}}<br>{name}, {part}: %{{y:.3g}}<extra></extra>",
                **style,
            )
        )


def _mark_rewirings(figure: go.Figure, curve: TrainingCurve, theme: Theme, offset: float, smoothing: float) -> None:
    """Add a triangle that points down to the validation curve at each epoch with a newly rewired graph."""
    validation, training, _ = curve.lines("score", smoothing)
    heights: dict[int, float] = {}
    for event, *scores in zip(curve.epochs, validation, training, strict=True):
        heights |= {event.epoch: next(score for score in scores if score is not None)}
    marks, name = [epoch for epoch in curve.refreshes if epoch in heights], plotly_text(curve.name)
    if not marks:
        return
    figure.add_trace(
        go.Scatter(
            x=marks,
            y=[heights[epoch] + offset for epoch in marks],
            mode="markers",
            name=f"{name}: rewired",
            legendgroup=_group(curve),
            showlegend=False,
            marker={
                "symbol": "triangle-down",
                "size": 14,
                "color": curve.style.colour,
                "line": {"color": theme.background, "width": 1.5},
            },
            customdata=[[*curve.key, epoch] for epoch in marks],
            hovertemplate=f"{name} was rewired before epoch %{{x}}; click to open this graph<extra></extra>",
            unselected={"marker": {"opacity": 1}},
        )
    )


def _group(curve: TrainingCurve) -> str:
    """Group of all traces of a model in the legend."""
    return f"{curve.name} {curve.key}"


def _latest(curve: TrainingCurve, quantity: str) -> str:
    event = curve.epochs[-1]
    validation, training, _ = values_of(event, quantity)
    part, value = ("training", training) if validation is None else ("validation", validation)
    return f"{curve.name} {value:.3g} ({part}, epoch {event.epoch})"
