"""Torque gap: the ranked torques of the edges compared with those of the null model."""

import math

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.palette import PRUNED, Theme
from torque_core.figures.sampling import evenly_spaced
from torque_core.rewiring.cuts import Cut
from torque_core.rewiring.gap import TorqueGap, distinct
from torque_core.rewiring.record import LayerRewiring

__all__ = ["gap_figure"]

_MAX_POINTS = 2_000  # per curve


def gap_figure(layer: LayerRewiring, theme: Theme) -> DescribedFigure:
    """Draw the statistics behind the cut of a layer.

    The upper panel shows the fraction of edges with at least a given torque, :math:`S`, and the part of it expected
    under the null model, :math:`\\hat\\pi S_0`. The lower panel shows the gap :math:`g = 2 \\hat\\pi S_0 - S` with the
    height that sampling error alone reaches; see :func:`~torque_core.rewiring.gap.torque_gap`. The cut is at the
    maximum of the gap if that is significant. For any other cut rule, only the ranked torques and the cut are drawn.
    Each curve has invisible markers, because Plotly reports clicks on markers only: a click anywhere in a panel is one
    on the points above and below it.
    A curve with more than 2,000 distinct torques is thinned to as many points; the maximum of the gap is always
    included.

    Args:
        layer: Record of the rewired layer.
        theme: Light or dark theme.
    """
    values, counts = (column.numpy() for column in distinct(layer.torque.value))
    above = counts[::-1].cumsum()[::-1] / max(1, counts.sum())
    cut, gap = layer.cut, layer.cut.gap
    if gap is not None and len(gap.torques) < len(values):  # the curve of a large graph has fewer points
        above, values = above[np.searchsorted(values, gap.torques.numpy())], gap.torques.numpy()
    figure = make_subplots(
        2 if gap else 1, 1, shared_xaxes=True, vertical_spacing=0.06, row_heights=[3, 2][: 1 + bool(gap)]
    )
    shown = evenly_spaced(len(values), _MAX_POINTS)
    if gap is not None and len(values):
        heights = gap.heights.numpy()
        shown = np.union1d(shown, [int(heights.argmax())])
        expected = (heights + above) / 2
        figure.add_trace(
            _curve("expected under the null model", values[shown], expected[shown], theme.text, "dot"), row=1, col=1
        )
        figure.add_trace(_curve("gap", values[shown], heights[shown], theme.added, "solid", 2.5), row=2, col=1)
        figure.add_trace(_sampling_error(values, gap, theme), row=2, col=1)
    ranked = _curve("edges with at least this torque", values[shown], above[shown], theme.kept, "solid", 3)
    figure.add_trace(ranked, row=1, col=1)
    if math.isfinite(cut.threshold):
        figure.add_vline(x=cut.threshold, line={"color": PRUNED, "width": 2, "dash": "dash"}, row="all", col=1)
        figure.add_annotation(
            x=cut.threshold,
            y=1.02,
            yref="y domain",
            xanchor="right" if cut.threshold > values.max(initial=0) / 2 else "left",  # towards the wider side
            yanchor="bottom",
            text=f"cut at {cut.threshold:.3f}: pruned →",
            showarrow=False,
            font={"color": theme.text},
        )
    figure.update_xaxes(title="torque (no unit)", row=2 if gap else 1, col=1)
    figure.update_yaxes(title="fraction of edges", range=[0, 1.02], row=1, col=1)
    if gap:
        figure.update_yaxes(title="gap (fraction)", row=2, col=1)
    figure.update_layout(
        height=560 if gap else 360,
        margin={"l": 8, "r": 8, "t": 32, "b": 8},
        legend={"orientation": "h", "y": -0.13 if gap else -0.25, "x": 0, "yanchor": "top"},
        hovermode="x",
        uirevision="gap",
    )
    return DescribedFigure(figure, _alt(cut, values, above), None)


def _curve(name: str, x: np.ndarray, y: np.ndarray, colour: str, dash: str, width: float = 2) -> go.Scatter:
    """A fraction of edges as a function of torque."""
    invisible = {"marker": {"opacity": 0}}
    return go.Scatter(
        x=x,
        y=y,
        mode="lines+markers",
        line={"color": colour, "width": width, "dash": dash},
        **invisible,
        selected=invisible,
        unselected=invisible,
        name=name,
        hovertemplate=f"{name}: %{{y:.3f}}<extra></extra>",
    )


def _sampling_error(values: np.ndarray, gap: TorqueGap, theme: Theme) -> go.Scatter:
    """The height that sampling error alone reaches, with the area below it filled."""
    return go.Scatter(
        x=[0.0, values[-1]],
        y=[gap.sampling_error] * 2,
        mode="lines",
        line={"color": theme.text, "width": 1.5, "dash": "dash"},
        fill="tozeroy",
        fillcolor="rgba(148, 148, 148, 0.25)",
        name=f"sampling error, {gap.sampling_error:.3f}",
        hoverinfo="skip",
    )


def _alt(cut: Cut, values: np.ndarray, above: np.ndarray) -> str:
    if not len(values):
        return f"Ranked torques: none. {cut.reason}"
    text = f"Ranked torques of the edges, from {values[0]:.3f} to {values[-1]:.3f}."
    if math.isfinite(cut.threshold):
        pruned = above[np.searchsorted(values, cut.threshold)] if cut.threshold <= values[-1] else 0.0
        text += f" The cut at {cut.threshold:.3f} prunes {pruned:.1%} of them."
    if cut.gap is not None:
        heights = cut.gap.heights.numpy()
        text += (
            f" An estimated {cut.gap.null_fraction:.1%} of the edges follow the null model; the maximum of the gap is "
            f"{heights.max():.3f}, at torque {values[heights.argmax()]:.3f}; sampling error alone reaches "
            f"{cut.gap.sampling_error:.3f}."
        )
    return f"{text} {cut.reason}"
