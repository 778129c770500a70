"""Training curves averaged over several splits."""

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from torque_core.figures.epoch_statistics import statistics_by_epoch
from torque_core.figures.intervals import error_band, set_layout
from torque_core.figures.palette import translucent
from torque_core.figures.styles import Style

__all__ = ["mean_training_curves"]


def mean_training_curves(
    curves: Mapping[str, Sequence[Mapping[str, Sequence[float]]]],
    styles: Mapping[str, Style],
    *,
    quantity: str = "score",
    title: str = "accuracy (%)",
) -> go.Figure:
    """Draw the mean over splits by epoch, in a band of one sample standard deviation to either side.

    A curve ends at the last epoch that at least half of the runs reached.

    Args:
        curves: For each label, the curves of its runs by name, one number per epoch; scores in [0, 1].
        styles: Style of each label, see :func:`~torque_core.figures.styles.method_styles`.
        quantity: ``score`` (thick validation curve with a band, thin training curve) or ``loss``.
        title: Title of the vertical axis, with its unit.
    """
    figure = go.Figure()
    parts = (
        [("loss", "loss", True)] if quantity == "loss" else [("validation", "val.", True), ("train", "train.", False)]
    )
    scale = 1 if quantity == "loss" else 100
    for label, runs in curves.items():
        style = styles[label]
        for key, short_name, thick in parts:
            finite = [run[key] for run in runs if run.get(key) and np.isfinite(run[key]).all()]
            mean, deviation = statistics_by_epoch(finite)
            if not len(mean):
                continue
            epochs = np.arange(1, len(mean) + 1)
            mean, deviation = scale * mean, scale * deviation
            if thick:
                figure.add_trace(error_band(epochs, mean - deviation, mean + deviation, style, label))
            figure.add_trace(
                go.Scatter(
                    x=epochs,
                    y=mean,
                    mode="lines",
                    name=label,
                    legendgroup=label,
                    showlegend=thick,
                    line={
                        "color": style.colour if thick else translucent(style.colour, 0.7),
                        "width": style.width if thick else 1,
                        "dash": style.dash,
                    },
                    customdata=deviation,
                    hovertemplate="%{y:.3g} ± %{customdata:.2g}<extra>"
                    + f"{label}, {short_name}, epoch %{{x}}</extra>",
                )
            )
    set_layout(figure, "epoch", title)
    return figure
