"""Torque histogram of original, injected and selected edges, with the cut."""

import math
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from torch import Tensor

from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.palette import INJECTED, PRUNED, Theme

__all__ = ["TorqueHistogram", "histogram_figure", "torque_histogram"]

_BINS = 48


@dataclass(frozen=True)
class TorqueHistogram:
    """Numbers of edges by torque, in 48 bins of equal width from 0, regardless of the number of edges.

    Attributes:
        width: Width of a bin.
        bin_index: Bin of each edge, :math:`(|\\mathcal{E}|,)`.
        original: Number of original edges in each bin, :math:`(48,)`.
        injected: Number of edges inserted by the noise.
        selected: Number of selected edges, original and injected ones; None without a selection.
    """

    width: float
    bin_index: np.ndarray
    original: np.ndarray
    injected: np.ndarray
    selected: np.ndarray | None

    @property
    def top(self) -> float:
        """Upper bound of the last bin."""
        return self.width * _BINS


def torque_histogram(torque: Tensor, injected: Tensor, selected: Tensor | None = None) -> TorqueHistogram:
    """Count edges by their torque.

    Args:
        torque: Torques of the edges, :math:`(|\\mathcal{E}|,)`.
        injected: Mask of the edges that the noise inserted, bool, :math:`(|\\mathcal{E}|,)`.
        selected: Mask of the selected edges, bool, :math:`(|\\mathcal{E}|,)`.

    Example:
        >>> import torch
        >>> counts = torque_histogram(torch.tensor([0.0, 0.01, 2.0]), torch.tensor([False, True, True]))
        >>> counts.original[0], counts.injected[0], counts.injected[47], round(counts.top, 3)
        (np.int64(1), np.int64(1), np.int64(1), 2.0)
    """
    values, injected_mask = torque.numpy(), injected.numpy()
    high = float(values.max()) if len(values) else 1.0
    width = max(high, 1e-6) * (1 + 1e-6) / _BINS
    bin_index = np.minimum((values / width).astype(np.int64), _BINS - 1)
    original, from_noise = np.bincount(bin_index + _BINS * injected_mask, minlength=2 * _BINS).reshape(2, _BINS)
    chosen = None if selected is None else np.bincount(bin_index[selected.numpy()], minlength=_BINS)
    return TorqueHistogram(width, bin_index, original, from_noise, chosen)


def histogram_figure(
    torque: Tensor, injected: Tensor, threshold: float, theme: Theme, *, selected: Tensor | None = None
) -> DescribedFigure:
    """Draw a stacked histogram of the torques of original and injected edges, with the cut as a vertical line.

    The figure contains 48 bars of each kind, regardless of the number of edges. The ``customdata`` of a bar are the
    lower and upper bound of its torques, so that selected bars define a range of torque.

    Args:
        torque: Torques of the edges, dimensionless, :math:`(|\\mathcal{E}|,)`.
        injected: Mask of the edges that the noise inserted, bool, :math:`(|\\mathcal{E}|,)`.
        threshold: Edges with at least this torque are pruned; infinity if none are.
        theme: Light or dark theme.
        selected: Mask of the selected edges, bool, :math:`(|\\mathcal{E}|,)`; they are also drawn as an outline.
    """
    values, injected_mask = torque.numpy(), injected.numpy()
    histogram = torque_histogram(torque, injected, selected)
    width = histogram.width
    starts = width * np.arange(_BINS)
    plain: dict[str, object] = {"color": theme.kept, "line": {"width": 0}}
    hatched: dict[str, object] = {"color": INJECTED, "line": {"width": 0}, "pattern": {"shape": "/", "size": 4}}
    bars: list[tuple[str, np.ndarray, dict[str, object], np.ndarray | None]] = [
        ("original", histogram.original, plain, None),
        ("injected by the noise", histogram.injected, hatched, None),
    ]
    if histogram.selected is not None:
        outline: dict[str, object] = {"color": "rgba(0, 0, 0, 0)", "line": {"color": theme.text, "width": 2}}
        # an explicit base draws these bars in front of the stack instead of on top of it
        bars.append(("selected", histogram.selected, outline, np.zeros(_BINS)))
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
            xanchor="right" if threshold > width * _BINS / 2 else "left",  # towards the wider side
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
    effect = f"the cut at {threshold:.3f} prunes {pruned:,}" if math.isfinite(threshold) else "no edge is pruned"
    outlined = "" if selected is None else f" {int(selected.sum()):,} edges are selected and outlined."
    num_injected = int(injected_mask.sum())
    alt = f"Histogram of the torques of {len(values):,} edges, {num_injected:,} of them injected; {effect}.{outlined}"
    return DescribedFigure(figure, alt, None)
