"""The torque histogram: the graph's own edges, the injected ones, those selected, and the cut."""

import math

import numpy as np
import plotly.graph_objects as go
from torch import Tensor

from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.palette import INJECTED, PRUNED, Theme

__all__ = ["histogram_figure"]

_BINS = 48


def histogram_figure(
    torque: Tensor, injected: Tensor, threshold: float, theme: Theme, *, selected: Tensor | None = None
) -> DescribedFigure:
    """Stacked histogram of the torques of original and injected edges, with the cut as a vertical line.

    The edges are counted once, here: the figure holds 48 bars of each kind however many edges there are. Each bar has
    the range of its torques, from and to, as ``customdata``, so that selected bars are a range of torque.

    Args:
        torque: Torques of the edges, :math:`(|\\mathcal{E}|,)`, without unit.
        injected: Which of them the noise inserted, bool, :math:`(|\\mathcal{E}|,)`.
        threshold: Edges from here up are pruned; infinity if none are.
        theme: Light or dark.
        selected: Which of them are selected, bool, :math:`(|\\mathcal{E}|,)`; they are drawn once more, as an outline.
    """
    values, noisy = torque.numpy(), injected.numpy()
    high = float(values.max()) if len(values) else 1.0
    width = max(high, 1e-6) * (1 + 1e-6) / _BINS
    starts = width * np.arange(_BINS)
    place = np.minimum((values / width).astype(np.int64), _BINS - 1)
    own, from_noise = np.bincount(place + _BINS * noisy, minlength=2 * _BINS).reshape(2, _BINS)
    plain: dict[str, object] = {"color": theme.kept, "line": {"width": 0}}
    hatched: dict[str, object] = {"color": INJECTED, "line": {"width": 0}, "pattern": {"shape": "/", "size": 4}}
    bars: list[tuple[str, np.ndarray, dict[str, object], np.ndarray | None]] = [
        ("original", own, plain, None),
        ("injected by the noise", from_noise, hatched, None),
    ]
    if selected is not None:
        chosen = np.bincount(place[selected.numpy()], minlength=_BINS)
        outline: dict[str, object] = {"color": "rgba(0, 0, 0, 0)", "line": {"color": theme.text, "width": 2}}
        # bars with a base of their own stand before the stack, not on it
        bars.append(("selected", chosen, outline, np.zeros(_BINS)))
    figure = go.Figure(
        [
            go.Bar(
                x=starts + width / 2,
                y=counts,
                width=width,
                base=base,
                name=f"{name} ({counts.sum():,})",
                marker=marker,
                customdata=np.column_stack([starts, starts + width]),
                hovertemplate=f"torque %{{customdata[0]:.3f}} to %{{customdata[1]:.3f}}<extra>%{{y:,}} {name}</extra>",
            )
            for name, counts, marker, base in bars
        ]
    )
    if math.isfinite(threshold):
        figure.add_vline(x=threshold, line={"color": PRUNED, "width": 2, "dash": "dash"})
        figure.add_annotation(
            x=threshold,
            y=1,
            yref="paper",
            xanchor="right" if threshold > width * _BINS / 2 else "left",  # to where there is room
            yanchor="bottom",
            text=f"cut at {threshold:.3f}: pruned →",
            showarrow=False,
            font={"color": theme.text},
        )
    figure.update_layout(
        barmode="stack",
        bargap=0,
        height=330,
        margin={"l": 8, "r": 8, "t": 28, "b": 8},
        xaxis={"title": "torque (no unit)", "range": [0, width * _BINS]},
        yaxis={"title": "number of edges"},
        legend={"orientation": "h", "y": -0.28, "x": 0, "yanchor": "top", "traceorder": "normal"},
        selectdirection="h",
        uirevision="histogram",
    )
    pruned = int((values >= threshold).sum())
    where = f"the cut at {threshold:.3f} prunes {pruned:,}" if math.isfinite(threshold) else "nothing is cut"
    outlined = "" if selected is None else f" {int(selected.sum()):,} edges are selected and outlined."
    alt = f"Histogram of the torques of {len(noisy):,} edges, {int(noisy.sum()):,} of them injected; {where}.{outlined}"
    return DescribedFigure(figure, alt, None)
