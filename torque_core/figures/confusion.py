"""Confusion matrix of a node classifier."""

from collections.abc import Sequence

import plotly.graph_objects as go
from torch import Tensor

from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.palette import Theme
from torque_core.figures.plotly_text import plotly_texts
from torque_core.utils.text import visible

__all__ = ["confusion_figure"]

_MAX_LABELLED = 12  # classes; with more, the counts do not fit into the cells


def confusion_figure(counts: Tensor, theme: Theme, *, names: Sequence[str] | None = None) -> DescribedFigure:
    """Draw a confusion matrix: rows are the true classes, colours are row percentages, texts are counts.

    Args:
        counts: Number of nodes by true and predicted class, see
            :func:`~torque_core.diagnostics.confusion.confusion`, :math:`(C, C)`.
        theme: Light or dark theme.
        names: Names of the classes; by default their indices.

    Example:
        >>> import torch
        >>> from torque_core.figures import LIGHT
        >>> confusion_figure(torch.tensor([[3, 1], [0, 4]]), LIGHT).alt
        'Confusion matrix of 8 nodes, 7 correct. Most frequent error: class 0 predicted as class 1 (1 node).'
    """
    num_classes = len(counts)
    labels = [visible(name) for name in names or map(str, range(num_classes))]
    percentages = 100 * counts / counts.sum(dim=1, keepdim=True).clamp(min=1)
    figure = go.Figure(
        go.Heatmap(
            z=percentages.numpy(),
            x=plotly_texts(labels),
            y=plotly_texts(labels),
            customdata=counts.numpy(),
            text=counts.numpy(),
            texttemplate="%{text}" if num_classes <= _MAX_LABELLED else None,
            colorscale=[[0, theme.background], [1, theme.added]],
            zmin=0,
            zmax=100,
            xgap=1,
            ygap=1,
            colorbar={"title": "% of row"},
            hovertemplate=(
                "true class %{y}, predicted class %{x}: %{customdata} nodes, %{z:.1f} % of row<extra></extra>"
            ),
        )
    )
    figure.update_layout(
        height=380,
        margin={"l": 8, "r": 8, "t": 12, "b": 8},
        xaxis={"title": "predicted class", "type": "category", "showgrid": False},
        yaxis={"title": "true class", "type": "category", "autorange": "reversed", "showgrid": False},
        uirevision="confusion",
    )
    return DescribedFigure(figure, _alt(counts, labels), None)


def _alt(counts: Tensor, labels: Sequence[str]) -> str:
    correct = int(counts.diagonal().sum())
    summary = f"Confusion matrix of {int(counts.sum()):,} nodes, {correct:,} correct."
    errors = counts.clone().fill_diagonal_(0)
    if not bool(errors.any()):
        return summary
    true, predicted = divmod(int(errors.argmax()), len(counts))
    count = int(errors.max())
    return (
        f"{summary} Most frequent error: class {labels[true]} predicted as class {labels[predicted]} "
        f"({count:,} node{'s'[: count != 1]})."
    )
