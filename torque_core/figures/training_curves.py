"""Training curves: models side by side, epoch by epoch, with the moments at which their graphs were rewired."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.palette import Theme
from torque_core.figures.styles import Style
from torque_core.training.loop import Epoch

__all__ = ["TrainingCurve", "training_curves_figure"]

_ABOVE = 0.05  # of the height; on a line, Plotly would take the click for one on the line
_BESIDE = 0.02  # of the width; else the mark of the first epoch is cut in two
_MARK_EVERY = 20  # epochs, on the test curve


@dataclass(frozen=True)
class TrainingCurve:
    """One model's training.

    Attributes:
        name: For the legend.
        style: How its lines are drawn.
        epochs: What each epoch said.
        refreshes: Epochs before which its graph was rewired.
        key: What a click on such a mark brings, before the epoch.
    """

    name: str
    style: Style
    epochs: Sequence[Epoch]
    refreshes: Sequence[int] = ()
    key: tuple[str, ...] = ()


def training_curves_figure(
    curves: Sequence[TrainingCurve], theme: Theme, *, quantity: str, title: str, epochs: int, test: bool = False
) -> DescribedFigure:
    """Draw each model's scores or losses, validation thick and training thin.

    Args:
        curves: In the order of the legend.
        theme: Light or dark.
        quantity: ``score``, with a triangle at each rewiring that can be clicked, or ``loss``.
        title: Of the vertical axis, with its unit.
        epochs: How many epochs there will be, so that the axis stays.
        test: Whether those of the test nodes are drawn as well, with marks.

    Example:
        >>> from torque_core.figures import LIGHT
        >>> line = TrainingCurve("GCN", Style("#31333F", "dot", "circle", 2.0), [Epoch(1, 2.0, 0.5, 0.25)])
        >>> training_curves_figure([line], LIGHT, quantity="score", title="accuracy (%)", epochs=9).alt
        'accuracy (%) by epoch: GCN 25 in validation at epoch 1.'
    """
    figure = go.Figure()
    for curve in curves:
        for part, values, look in _lines(curve, quantity, test):
            figure.add_trace(
                go.Scatter(
                    x=[event.epoch for event in curve.epochs],
                    y=values,
                    name=curve.name,
                    legendgroup=f"{curve.name} {curve.key}",
                    showlegend=part == "validation",
                    hovertemplate=f"{curve.name}, {part}: %{{y:.3g}}<extra>epoch %{{x}}</extra>",
                    **look,
                )
            )
    if quantity == "score":
        drawn: list[float] = [value for line in figure.data for value in line.y if value is not None]
        above = _ABOVE * (max(drawn) - min(drawn)) if drawn else 0.0
        for curve in curves:
            _mark_rewirings(figure, curve, theme, above)
    figure.update_layout(
        height=380,
        margin={"l": 8, "r": 8, "t": 12, "b": 8},
        xaxis={"title": "epoch", "range": [-_BESIDE * epochs, (1 + _BESIDE) * epochs]},
        yaxis={"title": title},
        legend={"orientation": "h", "y": -0.22, "x": 0, "yanchor": "top"},
        clickmode="event+select",
        uirevision="curves",
    )
    said = "; ".join(_said(curve, quantity) for curve in curves if curve.epochs)
    return DescribedFigure(figure, f"{title} by epoch: {said or 'nothing yet'}.", None)


def _lines(curve: TrainingCurve, quantity: str, test: bool) -> list[tuple[str, list[float | None], dict[str, object]]]:
    """Each line of a model: what it is, its values, and how it is drawn."""
    line = {"color": curve.style.colour, "dash": curve.style.dash}
    thick: dict[str, object] = {"mode": "lines", "line": {**line, "width": curve.style.width}}
    thin: dict[str, object] = {"mode": "lines", "line": {**line, "width": 1}, "opacity": 0.7}
    marked: dict[str, object] = {
        "mode": "lines+markers",
        "line": {**line, "width": 1.5},
        "marker": {"symbol": curve.style.symbol, "size": 8, "maxdisplayed": max(len(curve.epochs) // _MARK_EVERY, 2)},
    }
    found = [_values(event, quantity) for event in curve.epochs]
    values = [list(column) for column in zip(*found, strict=True)] or [[], [], []]
    parts = list(zip(("validation", "training", "test"), values, (thick, thin, marked), strict=True))
    return parts if test else parts[:2]


def _mark_rewirings(figure: go.Figure, curve: TrainingCurve, theme: Theme, above: float) -> None:
    """A triangle that points down to the validation curve at each epoch that saw a new graph."""
    scores = {event.epoch: _score(event) for event in curve.epochs}
    marks = [epoch for epoch in curve.refreshes if epoch in scores]
    if not marks:
        return
    figure.add_trace(
        go.Scatter(
            x=marks,
            y=[100 * scores[epoch] + above for epoch in marks],
            mode="markers",
            name=f"{curve.name}: rewired",
            legendgroup=f"{curve.name} {curve.key}",
            showlegend=False,
            marker={
                "symbol": "triangle-down",
                "size": 14,
                "color": curve.style.colour,
                "line": {"color": theme.background, "width": 1.5},
            },
            customdata=[[*curve.key, epoch] for epoch in marks],
            hovertemplate=f"{curve.name} was rewired before epoch %{{x}}: click to see that graph<extra></extra>",
            unselected={"marker": {"opacity": 1}},
        )
    )


def _values(event: Epoch, quantity: str) -> tuple[float | None, ...]:
    """Of the validation, training and test nodes: scores in %, or losses."""
    if quantity == "loss":
        return event.validation_loss, event.loss, event.test_loss
    return tuple(None if share is None else 100 * share for share in (event.validation, event.train, event.test))


def _score(event: Epoch) -> float:
    """What is looked at: validation, where there is any."""
    return event.train if event.validation is None else event.validation


def _said(curve: TrainingCurve, quantity: str) -> str:
    event = curve.epochs[-1]
    validation, training, _ = _values(event, quantity)
    part, value = ("training", training) if validation is None else ("validation", validation)
    return f"{curve.name} {value:.3g} in {part} at epoch {event.epoch}"
