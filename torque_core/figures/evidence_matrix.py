"""Figure of the matrix of evidence: one cell for each graph and disturbance, with its difference to the plain model."""

from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.palette import ADDED, PRUNED, Theme

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["MARKS", "evidence_matrix_figure"]

MARKS = {"better": "▲", "undecided": "", "worse": "▼"}
"""Mark of each verdict, which repeats what the colour of the cell conveys."""

_FILLS = {"better": ADDED, "undecided": "#808080", "worse": PRUNED}
_OPACITIES = {"better": 0.34, "undecided": 0.10, "worse": 0.34}
_HALF, _REACH = 0.47, 0.42  # half the width of a cell, and how far the axis in it reaches
_TEXT, _LINE = 0.24, -0.2  # heights in a cell
_ROW_PIXELS = 44
_LEAST_SCALE, _QUANTILE = 0.05, 0.8


def evidence_matrix_figure(matrix: "DataFrame", theme: Theme) -> DescribedFigure:
    """Draw the matrix with graphs as rows and disturbances as columns.

    A cell has the difference in points, a mark if it is significant, and below, on an axis that is the same in all
    cells, the difference with its confidence interval, a line for the MLP and a diamond for the best control. What is
    beyond the cell is drawn at its edge. The ``customdata`` of a cell is its position in ``matrix``.

    Args:
        matrix: Table of ``torque_core.experiments.report.matrix.evidence_matrix``, with at least one row.
        theme: Light or dark theme.
    """
    columns = list(matrix["column"].cat.categories)
    graphs = list(dict.fromkeys(matrix["row"]))[::-1]
    x = np.array([columns.index(name) for name in matrix["column"]], dtype=float)
    y = np.array([graphs.index(name) for name in matrix["row"]], dtype=float)
    rows: list[Any] = list(matrix.itertuples())
    scale = _scale(matrix)

    def across(name: str) -> np.ndarray:
        """Horizontal positions of a quantity, within the cells."""
        return x + _REACH * np.clip(matrix[name].to_numpy(dtype=float) / scale, -1, 1)

    figure = go.Figure()
    figure.add_trace(_cells(matrix, x, y))
    gap = np.full(len(x), np.nan)
    figure.add_trace(_line(x, x, y + _LINE - 0.14, y + _LINE + 0.14, {"color": theme.kept, "width": 1}))
    figure.add_trace(
        go.Scatter(
            x=np.stack([across("low"), across("high"), gap], axis=1).ravel(),
            y=np.repeat(y + _LINE, 3),
            mode="lines",
            line={"color": theme.text, "width": 2.5},
            hoverinfo="skip",
            showlegend=False,
        )
    )
    for title, name, marker in (
        ("torque, with its confidence interval", "difference", {"symbol": "circle", "size": 8, "color": theme.text}),
        ("MLP", "mlp", {"symbol": "line-ns-open", "size": 11, "color": theme.text, "line": {"width": 2}}),
        ("best control", "control", {"symbol": "diamond-open", "size": 8, "color": theme.text}),
    ):
        figure.add_trace(
            go.Scatter(
                x=across(name),
                y=y + _LINE,
                mode="markers",
                marker=marker,
                hoverinfo="skip",
                name=title,
                unselected={"marker": {"opacity": 1}},
            )
        )
    figure.add_trace(
        go.Scatter(
            x=x,
            y=y + _TEXT,
            mode="text",
            text=[f"{_points(row.difference)} {MARKS[row.verdict]}".strip() for row in rows],
            textfont={"size": 12, "color": theme.text},
            unselected={"textfont": {"color": theme.text}},
            hoverinfo="skip",
            showlegend=False,
        )
    )
    figure.update_layout(
        height=90 + _ROW_PIXELS * len(graphs),
        margin={"l": 4, "r": 4, "t": 44, "b": 4},
        barmode="overlay",
        dragmode=False,
        xaxis={
            "side": "top", "tickvals": list(range(len(columns))), "tickangle": 0,
            "ticktext": ["<br>".join(name.rsplit(" ", 1)) if len(name) > 8 else name for name in columns],
            "showgrid": False,
            "zeroline": False, "range": [-0.5, len(columns) - 0.5], "fixedrange": True, "title": None,
        },
        yaxis={
            "tickvals": list(range(len(graphs))), "ticktext": [name.replace(", ", "<br>") for name in graphs],
            "showgrid": False, "zeroline": False, "range": [-0.5, len(graphs) - 0.5], "fixedrange": True,
        },
        legend={"orientation": "h", "y": 0, "yanchor": "top", "x": 0, "itemclick": False, "itemdoubleclick": False},
    )  # fmt: skip
    alt = "Difference of torque to the plain model in points. " + " ".join(
        f"{row.row}, {row.column}: {_points(row.difference)}, {row.verdict}." for row in rows
    )
    return DescribedFigure(figure, alt, f"Each cell spans -{100 * scale:g} to +{100 * scale:g} points.")


def _scale(matrix: "DataFrame") -> float:
    """Return the difference at the edge of a cell: few intervals are wider."""
    ends = np.abs(matrix[["difference", "low", "high"]].to_numpy(dtype=float))
    ends = ends[np.isfinite(ends)]
    wanted = max(_LEAST_SCALE, float(np.quantile(ends, _QUANTILE)) if len(ends) else 0.0)
    return float(np.ceil(100 * wanted)) / 100


def _line(first: np.ndarray, last: np.ndarray, low: np.ndarray, high: np.ndarray, line: dict[str, Any]) -> go.Scatter:
    gap = np.full(len(first), np.nan)
    return go.Scatter(
        x=np.stack([first, last, gap], axis=1).ravel(), y=np.stack([low, high, gap], axis=1).ravel(), mode="lines",
        line=line, hoverinfo="skip", showlegend=False,
    )  # fmt: skip


def _cells(matrix: "DataFrame", x: np.ndarray, y: np.ndarray) -> go.Bar:
    """Return the cells as bars, which can be clicked anywhere."""
    return go.Bar(
        x=np.full(len(x), 2 * _HALF),
        base=x - _HALF,
        y=y,
        width=0.94,
        orientation="h",
        marker={
            "color": [_FILLS[verdict] for verdict in matrix["verdict"]],
            "opacity": [_OPACITIES[verdict] for verdict in matrix["verdict"]],
            "line": {"width": 0},
        },
        customdata=list(range(len(matrix))),
        text=[_hover(row) for row in matrix.itertuples()],
        textposition="none",
        hovertemplate="%{text}<extra></extra>",
        # a click opens a cell, and must not fade the others
        selected={"marker": {"opacity": 0.6}},
        unselected={"marker": {"opacity": 0.25}},
        showlegend=False,
    )


def _hover(row: Any) -> str:
    lines = [f"<b>{row.row}, {row.column}</b>: {row.verdict}", f"{row.label} {_points(row.difference)} points"]
    if np.isfinite(row.low):
        lines.append(f"95 % CI {_points(row.low)} to {_points(row.high)}, p = {row.p:.2g}, n = {row.n}")
    if np.isfinite(row.mlp):
        lines.append(f"MLP {_points(row.mlp)}")
    if np.isfinite(row.control):
        lines.append(f"{row.control_label} {_points(row.control)}")
    return "<br>".join(lines)


def _points(fraction: float) -> str:
    text = f"{100 * fraction:+.1f}"
    return text[1:] if float(text) == 0 else text
