"""Training curves of several models by epoch, with markers where their graphs were rewired."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.palette import Theme
from torque_core.figures.plotly_text import plotly_text
from torque_core.figures.styles import Style
from torque_core.training import Epoch

__all__ = ["TrainingCurve", "smoothed", "training_curves_figure"]

_OFFSET = 0.05  # of the range; markers on the line would not receive clicks, the line would
_PADDING = 0.02  # of the width; otherwise the marker of the first epoch is clipped
_HIGHEST = 105.0  # %, above the markers of perfect scores
_MARK_EVERY = 20  # epochs, on the test curve


@dataclass(frozen=True)
class TrainingCurve:
    """Training history of one model.

    Attributes:
        name: Name in the legend.
        style: Style of its lines.
        epochs: Scores and losses of each epoch.
        refreshes: Epochs before which its graph was rewired.
        key: The ``customdata`` of a rewiring marker, to which the epoch is appended.
    """

    name: str
    style: Style
    epochs: Sequence[Epoch]
    refreshes: Sequence[int] = ()
    key: tuple[str, ...] = ()


def training_curves_figure(
    curves: Sequence[TrainingCurve],
    theme: Theme,
    *,
    quantity: str,
    title: str,
    epochs: int,
    test: bool = False,
    smoothing: float = 0.0,
) -> DescribedFigure:
    """Draw the scores or losses of each model, with thick validation curves and thin training curves.

    Args:
        curves: Curves in the order of the legend.
        theme: Light or dark theme.
        quantity: ``score``, with a clickable triangle at each rewiring, or ``loss``.
        title: Title of the vertical axis, with its unit.
        epochs: Total number of epochs, so that the horizontal axis stays fixed during training.
        test: Also draw the test curves, with markers.
        smoothing: Weight in [0, 1) of the earlier epochs in an exponential moving average, see :func:`smoothed`; only
            lines are smoothed, not the numbers of the description.

    Example:
        >>> from torque_core.figures import LIGHT
        >>> line = TrainingCurve("GCN", Style("#31333F", "dot", "circle", 2.0), [Epoch(1, 2.0, 0.5, 0.25)])
        >>> training_curves_figure([line], LIGHT, quantity="score", title="accuracy (%)", epochs=9).alt
        'accuracy (%) by epoch: GCN 25 (validation, epoch 1).'
    """
    figure = go.Figure()
    for curve in curves:
        for part, values, line_style in _lines(curve, quantity, test):
            figure.add_trace(
                go.Scatter(
                    x=[event.epoch for event in curve.epochs],
                    y=smoothed(values, smoothing),
                    name=plotly_text(curve.name),
                    legendgroup=f"{curve.name} {curve.key}",
                    showlegend=part == "validation",
                    hovertemplate=f"{plotly_text(curve.name)}, {part}: %{{y:.3g}}<extra>epoch %{{x}}</extra>",
                    **line_style,
                )
            )
    if quantity == "score":
        drawn_values: list[float] = [value for line in figure.data for value in line.y if value is not None]
        offset = _OFFSET * (max(drawn_values) - min(drawn_values)) if drawn_values else 0.0
        for curve in curves:
            _mark_rewirings(figure, curve, theme, offset, smoothing)
    figure.update_layout(
        height=380,
        margin={"l": 8, "r": 8, "t": 12, "b": 8},
        xaxis={"title": "epoch", "range": [-_PADDING * epochs, (1 + _PADDING) * epochs]},
        yaxis={"title": title, "minallowed": 0, **({"maxallowed": _HIGHEST} if quantity == "score" else {})},
        # above the plot it grows away from the titles of the axes
        legend={"orientation": "h", "y": 1.02, "x": 0, "yanchor": "bottom"},
        # in "x", all points of an epoch are hovered at once, and a click selects the first line instead of the marker
        hovermode="closest" if quantity == "score" else "x",
        clickmode="event+select",
        uirevision="curves",
    )
    spike = {"showspikes": True, "spikemode": "across", "spikesnap": "data", "spikethickness": 1, "spikedash": "dot"}
    figure.update_xaxes(**spike, spikecolor=theme.text)
    summary = "; ".join(_latest(curve, quantity) for curve in curves if curve.epochs)
    return DescribedFigure(figure, f"{title} by epoch: {summary or 'no epochs yet'}.", None)


def smoothed(values: Sequence[float | None], weight: float) -> list[float | None]:
    """Return an exponential moving average that starts without bias, as TensorBoard draws it.

    .. math::
        s_t = \\frac{\\sum_{i \\le t} w^{t - i} v_i}{\\sum_{i \\le t} w^{t - i}}

    Args:
        values: One value per epoch; None is skipped and stays None.
        weight: Weight :math:`w` in [0, 1) of the average so far; 0 changes nothing.

    Example:
        >>> smoothed([1.0, None, 4.0], 0.5)
        [1.0, None, 3.0]
    """
    total = norm = 0.0
    result: list[float | None] = []
    for value in values:
        if value is not None:
            total, norm = weight * total + value, weight * norm + 1
        result.append(None if value is None else total / norm)
    return result


def _lines(curve: TrainingCurve, quantity: str, test: bool) -> list[tuple[str, list[float | None], dict[str, object]]]:
    """Lines of a model: part of the data, values and style of each."""
    line = {"color": curve.style.colour, "dash": curve.style.dash}
    thick: dict[str, object] = {"mode": "lines", "line": {**line, "width": curve.style.width}}
    thin: dict[str, object] = {"mode": "lines", "line": {**line, "width": 1}, "opacity": 0.7}
    marked: dict[str, object] = {
        "mode": "lines+markers",
        "line": {**line, "width": 1.5},
        "marker": {"symbol": curve.style.symbol, "size": 8, "maxdisplayed": max(len(curve.epochs) // _MARK_EVERY, 2)},
    }
    rows = [_values(event, quantity) for event in curve.epochs]
    values = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
    parts = list(zip(("validation", "training", "test"), values, (thick, thin, marked), strict=True))
    return parts if test else parts[:2]


def _mark_rewirings(figure: go.Figure, curve: TrainingCurve, theme: Theme, offset: float, smoothing: float) -> None:
    """Add a triangle that points down to the validation curve at each epoch with a newly rewired graph."""
    lines = smoothed([_score(event) for event in curve.epochs], smoothing)
    scores = {event.epoch: score for event, score in zip(curve.epochs, lines, strict=True) if score is not None}
    marks, name = [epoch for epoch in curve.refreshes if epoch in scores], plotly_text(curve.name)
    if not marks:
        return
    figure.add_trace(
        go.Scatter(
            x=marks,
            y=[100 * scores[epoch] + offset for epoch in marks],
            mode="markers",
            name=f"{name}: rewired",
            legendgroup=f"{curve.name} {curve.key}",
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


def _values(event: Epoch, quantity: str) -> tuple[float | None, ...]:
    """Validation, training and test scores in %, or losses."""
    if quantity == "loss":
        return event.validation_loss, event.loss, event.test_loss
    return tuple(None if score is None else 100 * score for score in (event.validation, event.train, event.test))


def _score(event: Epoch) -> float:
    """Validation score, or the training score if there are no validation nodes."""
    return event.train if event.validation is None else event.validation


def _latest(curve: TrainingCurve, quantity: str) -> str:
    event = curve.epochs[-1]
    validation, training, _ = _values(event, quantity)
    part, value = ("training", training) if validation is None else ("validation", validation)
    return f"{curve.name} {value:.3g} ({part}, epoch {event.epoch})"
