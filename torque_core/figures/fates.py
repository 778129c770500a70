"""Sankey diagram of edge fates: the number of edges that pass from one fate to the next, layer by layer."""

from itertools import pairwise

import numpy as np
import plotly.graph_objects as go
import torch
from torch import Tensor

from torque_core.diagnostics.fates import FATES, EdgeFates
from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.palette import INJECTED, PRUNED, Theme, translucent

__all__ = ["fate_figure"]

_ORIGINS = ("original", "injected", "not yet")
_HEIGHT = 360  # pixels
_GAP = 0.05  # between two bars of a column, as a fraction of the height
_BAR = 12  # pixels, the width of a bar
_MAX_COLUMNS_WITH_COUNTS, _MAX_COLUMNS_WITH_NAMES = 4, 8  # in 400 pixels


def fate_figure(fates: EdgeFates, theme: Theme) -> DescribedFigure:
    """Draw the fates of all edges as a Sankey diagram: the input graph, followed by one column per layer.

    The height of a bar is the number of edges with that fate. Flows of injected edges are purple and drawn separately;
    other flows have the colour of the fate that they lead to. Each bar is labelled, so that no information is conveyed
    by colour alone.

    Args:
        fates: Fates of all edges, see :func:`~torque_core.diagnostics.fates.edge_fates`.
        theme: Light or dark theme.
    """
    before = torch.where(fates.origin, fates.injected.long(), 2)
    columns = [before, *fates.fates]
    column_names = [_ORIGINS, *[FATES] * len(fates.fates)]
    colours = {
        "original": theme.kept,
        "injected": INJECTED,
        "kept": theme.kept,
        "pruned": PRUNED,
        "added": theme.added,
    }
    bars = [
        (column, fate, int((fate_of_edge == fate).sum()))
        for column, fate_of_edge in enumerate(columns)
        for fate in range(len(column_names[column]))
    ]
    bars = [bar for bar in bars if bar[2]]
    bar_index = {(column, fate): index for index, (column, fate, _) in enumerate(bars)}
    bar_names = [column_names[column][fate] for column, fate, _ in bars]
    flows = _flows(columns, fates.injected)
    last = len(columns) - 1
    figure = go.Figure(
        go.Sankey(
            arrangement="snap",
            node={
                "label": [
                    _label(name, column, count, last) for name, (column, _, count) in zip(bar_names, bars, strict=True)
                ],
                "color": [colours.get(name, theme.background) for name in bar_names],
                "line": {"color": theme.outline, "width": 1},
                "x": [0.001 + 0.998 * column / last for column, *_ in bars],
                "y": _bar_centres(bars),
                "thickness": _BAR if last < _MAX_COLUMNS_WITH_NAMES else _BAR / 2,
                "pad": _GAP * _HEIGHT,
                "customdata": [f"{name}, {_heading(bar[0])}" for name, bar in zip(bar_names, bars, strict=True)],
                "hovertemplate": "%{customdata}: %{value:,} edges<extra></extra>",
            },
            link={
                "source": [bar_index[column, old] for column, old, *_ in flows],
                "target": [bar_index[column + 1, new] for column, _, new, *_ in flows],
                "value": [count for *_, count in flows],
                "color": [
                    translucent(
                        INJECTED if injected else colours.get(FATES[new], theme.outline), 0.75 if injected else 0.45
                    )
                    for _, _, new, injected, _ in flows
                ],
                "customdata": ["injected by the noise" if injected else "not injected" for *_, injected, _ in flows],
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
            text=f"<b>{_heading(column) if last < _MAX_COLUMNS_WITH_NAMES else column}</b>",
            showarrow=False,
            font={"color": theme.text},
        )
    figure.update_layout(height=_HEIGHT, margin={"l": 8, "r": 8, "t": 32, "b": 12}, uirevision="fates")
    return DescribedFigure(figure, _alt(fates), None)


def _heading(column: int) -> str:
    return f"layer {column}" if column else "before"


def _label(name: str, column: int, count: int, last: int) -> str:
    """Label of a bar, as detailed as the number of columns permits."""
    if last < _MAX_COLUMNS_WITH_COUNTS:
        return f"{name} {count:,}"
    return name if last < _MAX_COLUMNS_WITH_NAMES or column == last else ""


def _flows(columns: list[Tensor], injected: Tensor) -> list[tuple[int, int, int, bool, int]]:
    """Column, fate in this column, fate in the next one, whether injected, and number of edges of each flow."""
    flows = []
    for column, (old, new) in enumerate(pairwise(columns)):
        counts = torch.bincount((old * len(FATES) + new) * 2 + injected.long())
        for key in counts.nonzero().flatten().tolist():
            fates, is_injected = divmod(key, 2)
            flows.append((column, *divmod(fates, len(FATES)), bool(is_injected), int(counts[key])))
    return flows


def _bar_centres(bars: list[tuple[int, int, int]]) -> list[float]:
    """Vertical centre of each bar, measured from the top; heights are proportional to the counts."""
    centres: list[float] = []
    for column in range(bars[-1][0] + 1 if bars else 0):
        counts = np.array([count for bar_column, _, count in bars if bar_column == column])
        heights = counts / counts.sum() * (1 - _GAP * 4)
        tops = np.cumsum(heights + _GAP) - heights - _GAP
        centres += (tops + heights / 2).clip(0.001, 0.999).tolist()
    return centres


def _alt(fates: EdgeFates) -> str:
    sentences = []
    for layer in range(len(fates.fates)):
        counts = ", ".join(f"{count:,} {fate}" for fate, count in fates.count(layer).items() if count)
        hits = int((fates.fates[layer, fates.injected] == FATES.index("pruned")).sum())
        sentences.append(f"Layer {layer + 1}: {counts}" + (f"; {hits:,} of the pruned edges injected" if hits else ""))
    return (
        f"Fates of {fates.pairs.size(1):,} edges, {int(fates.origin.sum()):,} of them in the input graph, "
        f"{int(fates.injected.sum()):,} injected by the noise. {'. '.join(sentences)}."
    )
