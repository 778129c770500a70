"""The edge-fate diagram: how many edges flow from one fate to the next, layer by layer."""

from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
import torch
from torch import Tensor

from torque_core.diagnostics.fates import FATES, EdgeFates
from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.palette import INJECTED, PRUNED, Theme

__all__ = ["fate_figure"]

_ORIGINS = ("original", "injected", "not yet")
_HEIGHT = 360  # pixels
_GAP = 0.05  # of the height, between two bars of a column
_BAR = 12  # pixels, the width of a bar
_ROOM_FOR_COUNTS, _ROOM_FOR_NAMES = 4, 8  # columns, in 400 pixels


def fate_figure(fates: EdgeFates, theme: Theme) -> DescribedFigure:
    """Draw the fates of all edges as flows (a Sankey diagram): the graph before, then a column for each layer.

    Bars are fates, as tall as they have edges. Flows of injected edges are purple and apart from the others, which have
    the colour of the fate that they go to; every bar is named, so that no colour has to be told.

    Args:
        fates: See :func:`~torque_core.diagnostics.fates.edge_fates`.
        theme: Light or dark.
    """
    before = torch.where(fates.origin, fates.injected.long(), 2)
    columns = [before, *fates.fates]
    kinds = [_ORIGINS, *[FATES] * len(fates.fates)]
    colours = {
        "original": theme.kept,
        "injected": INJECTED,
        "kept": theme.kept,
        "pruned": PRUNED,
        "added": theme.added,
    }
    bars = [
        (column, kind, int((at == kind).sum()))
        for column, at in enumerate(columns)
        for kind in range(len(kinds[column]))
    ]
    bars = [bar for bar in bars if bar[2]]
    place = {(column, kind): number for number, (column, kind, _) in enumerate(bars)}
    named = [kinds[column][kind] for column, kind, _ in bars]
    links = _flows(columns, fates.injected)
    last = len(columns) - 1
    figure = go.Figure(
        go.Sankey(
            arrangement="snap",
            node={
                "label": [
                    _label(name, column, count, last) for name, (column, _, count) in zip(named, bars, strict=True)
                ],
                "color": [colours.get(name, theme.background) for name in named],
                "line": {"color": theme.outline, "width": 1},
                "x": [0.001 + 0.998 * column / last for column, *_ in bars],
                "y": _middles(bars),
                "thickness": _BAR if last < _ROOM_FOR_NAMES else _BAR / 2,
                "pad": _GAP * _HEIGHT,
                "customdata": [f"{name}, {_heading(bar[0])}" for name, bar in zip(named, bars, strict=True)],
                "hovertemplate": "%{customdata}: %{value:,} edges<extra></extra>",
            },
            link={
                "source": [place[column, old] for column, old, *_ in links],
                "target": [place[column + 1, new] for column, _, new, *_ in links],
                "value": [count for *_, count in links],
                "color": [
                    _faded(INJECTED if noisy else colours.get(FATES[new], theme.outline), 0.75 if noisy else 0.45)
                    for _, _, new, noisy, _ in links
                ],
                "customdata": ["injected by the noise" if noisy else "not injected" for *_, noisy, _ in links],
                "hovertemplate": "%{source.customdata} → %{target.customdata}<br>"
                "%{value:,} edges, %{customdata}<extra></extra>",
            },
            textfont={"color": theme.text, "size": 12},
        )
    )
    for column in range(len(columns)):
        figure.add_annotation(
            x=column / last,
            xanchor="left" if column == 0 else "right" if column == last else "center",
            y=1,
            yanchor="bottom",
            yshift=6,
            text=f"<b>{_heading(column) if last < _ROOM_FOR_NAMES else column}</b>",
            showarrow=False,
            font={"color": theme.text},
        )
    figure.update_layout(height=_HEIGHT, margin={"l": 8, "r": 8, "t": 32, "b": 12}, uirevision="fates")
    return DescribedFigure(figure, _alt(fates), None)


def _heading(column: int) -> str:
    return f"layer {column}" if column else "before"


def _label(name: str, column: int, count: int, last: int) -> str:
    """What is written beside a bar, its name and count, if there is room."""
    if last < _ROOM_FOR_COUNTS:
        return f"{name} {count:,}"
    return name if last < _ROOM_FOR_NAMES or column == last else ""


def _flows(columns: list[Tensor], injected: Tensor) -> list[tuple[int, int, int, bool, int]]:
    """Column, fate there, fate in the next, whether injected, and how many edges."""
    flows = []
    for column, (old, new) in enumerate(pairwise(columns)):
        counts = torch.bincount((old * len(FATES) + new) * 2 + injected.long())
        for key in counts.nonzero().flatten().tolist():
            fates, noisy = divmod(key, 2)
            flows.append((column, *divmod(fates, len(FATES)), bool(noisy), int(counts[key])))
    return flows


def _middles(bars: list[tuple[int, int, int]]) -> list[float]:
    """The middle of each bar from the top, in the order of its column, each as tall as its share."""
    middles: list[float] = []
    for column in range(bars[-1][0] + 1 if bars else 0):
        counts = np.array([count for at, _, count in bars if at == column])
        heights = counts / counts.sum() * (1 - _GAP * 4)
        tops = np.cumsum(heights + _GAP) - heights - _GAP
        middles += (tops + heights / 2).clip(0.001, 0.999).tolist()
    return middles


def _faded(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity})"


def _alt(fates: EdgeFates) -> str:
    said = []
    for layer in range(len(fates.fates)):
        counts = ", ".join(f"{count:,} {fate}" for fate, count in fates.count(layer).items() if count)
        pruned = int((fates.fates[layer, fates.injected] == FATES.index("pruned")).sum())
        said.append(f"Layer {layer + 1}: {counts}" + (f"; of the pruned {pruned:,} were injected" if pruned else ""))
    return (
        f"Fates of {fates.pairs.size(1):,} edges, {int(fates.origin.sum()):,} of them there before, "
        f"{int(fates.injected.sum()):,} injected by the noise. {'. '.join(said)}."
    )
