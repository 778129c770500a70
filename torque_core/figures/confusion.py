"""Confusion matrix: which classes a model takes for which."""

from collections.abc import Sequence

import plotly.graph_objects as go
from torch import Tensor

from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.palette import Theme

__all__ = ["confusion_figure"]

_WRITTEN_UP_TO = 12  # classes; beyond, numbers do not fit into the cells


def confusion_figure(counts: Tensor, theme: Theme, *, names: Sequence[str] | None = None) -> DescribedFigure:
    """Draw a matrix whose rows are the true classes, shaded by the share of the row, with the counts written in.

    Args:
        counts: See :func:`~torque_core.diagnostics.confusion.confusion`, :math:`(C, C)`.
        theme: Light or dark.
        names: Of the classes; by default their numbers.

    Example:
        >>> import torch
        >>> from torque_core.figures import LIGHT
        >>> confusion_figure(torch.tensor([[3, 1], [0, 4]]), LIGHT).alt
        'Confusion matrix of 8 nodes, 7 of them right. Most often mistaken: class 0 for class 1 (1 node).'
    """
    classes = len(counts)
    labels = list(names or map(str, range(classes)))
    shares = 100 * counts / counts.sum(dim=1, keepdim=True).clamp(min=1)
    figure = go.Figure(
        go.Heatmap(
            z=shares.numpy(),
            x=labels,
            y=labels,
            customdata=counts.numpy(),
            text=counts.numpy(),
            texttemplate="%{text}" if classes <= _WRITTEN_UP_TO else None,
            colorscale=[[0, theme.background], [1, theme.added]],
            zmin=0,
            zmax=100,
            xgap=1,
            ygap=1,
            colorbar={"title": "% of row"},
            hovertemplate="class %{y}, taken for %{x}: %{customdata} nodes, %{z:.1f} %<extra></extra>",
        )
    )
    figure.update_layout(
        height=380,
        margin={"l": 8, "r": 8, "t": 12, "b": 8},
        xaxis={"title": "predicted class", "type": "category", "showgrid": False},
        yaxis={"title": "true class", "type": "category", "autorange": "reversed", "showgrid": False},
        uirevision="confusion",
    )
    return DescribedFigure(figure, _said(counts, labels), None)


def _said(counts: Tensor, labels: Sequence[str]) -> str:
    right = int(counts.diagonal().sum())
    said = f"Confusion matrix of {int(counts.sum()):,} nodes, {right:,} of them right."
    wrong = counts.clone().fill_diagonal_(0)
    if not bool(wrong.any()):
        return said
    true, predicted = divmod(int(wrong.argmax()), len(counts))
    most = int(wrong.max())
    return (
        f"{said} Most often mistaken: class {labels[true]} for class {labels[predicted]} "
        f"({most:,} node{'s'[: most != 1]})."
    )
