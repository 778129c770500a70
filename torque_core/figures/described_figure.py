"""A Plotly figure together with its description in words."""

from dataclasses import dataclass

import plotly.graph_objects as go

__all__ = ["DescribedFigure"]


@dataclass(frozen=True)
class DescribedFigure:
    """A Plotly figure with alternative text.

    Attributes:
        figure: The figure.
        alt: Alternative text for readers who cannot see the figure.
        sampling_note: States how many edges or nodes were drawn; None if all of them were.
    """

    figure: go.Figure
    alt: str
    sampling_note: str | None
