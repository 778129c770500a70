"""Image of the edge density, for graphs that are too large to draw each edge as a line."""

import base64
import io
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from torque_core.figures.density import edge_density
from torque_core.utils.optional import require

__all__ = ["MAX_DRAWN_AS_LINES", "Shading", "StyledEdges", "legend_lines", "shade_edges", "too_large_for_lines"]

MAX_DRAWN_AS_LINES = {"nodes": 5_000, "edges": 10_000}
"""Above either limit the edge density is drawn: more lines take seconds to render and hide each other."""
_ROWS, _COLUMNS = 600, 900  # pixels
_PAD = 0.01  # around the nodes; the largest component is 1 wide
_MIN_OPACITY = 0.15  # of a pixel with at least one edge


class StyledEdges(NamedTuple):
    """Edges of one kind with their line style."""

    pairs: np.ndarray
    """Undirected edges, :math:`(2, |\\mathcal{E}|)`."""
    colour: str
    dash: str


class Shading(NamedTuple):
    """Density image and the rectangle of the plane that it covers."""

    picture: str
    """PNG with a transparent background, as a data URL."""
    low: np.ndarray
    """Lower left corner, :math:`(2,)`."""
    high: np.ndarray
    """Upper right corner, :math:`(2,)`."""

    def image(self, number: str = "") -> dict[str, Any]:
        """Return the image for a Plotly layout, below the traces of the axes with this number."""
        (left, bottom), (right, top) = self.low, self.high
        return {
            "source": self.picture,
            "xref": f"x{number}",
            "yref": f"y{number}",
            "x": left,
            "y": top,
            "sizex": right - left,
            "sizey": top - bottom,
            "sizing": "stretch",
            "layer": "below",
        }


def too_large_for_lines(nodes: int, edges: int) -> bool:
    """Return True if a graph of this size exceeds :data:`MAX_DRAWN_AS_LINES`."""
    return nodes > MAX_DRAWN_AS_LINES["nodes"] or edges > MAX_DRAWN_AS_LINES["edges"]


def shade_edges(kinds: Mapping[str, StyledEdges], position: np.ndarray) -> Shading:
    """Draw the edge density of a graph.

    The opacity of a pixel increases with the number of edges that pass through it, by rank among all pixels. Its colour
    is the mean of the colours of the kinds, weighted by their densities, each normalised by the total of its kind. Thus
    a few added edges are visible among a million kept edges, and a colour is stronger where its kind is more frequent
    than elsewhere.

    Args:
        kinds: Edges by kind: kept, pruned or added.
        position: Node positions, :math:`(|\\mathcal{V}|, 2)`.
    """
    low, high = position.min(axis=0) - _PAD, position.max(axis=0) + _PAD
    pixel = (position - low) / (high - low) * (_COLUMNS, -_ROWS) + (0, _ROWS)  # rows are counted from the top
    densities = {
        name: edge_density(pixel, edges.pairs, (_ROWS, _COLUMNS), dashed=edges.dash == "dash")
        for name, edges in kinds.items()
    }
    return Shading(_picture(densities, {name: edges.colour for name, edges in kinds.items()}), low, high)


def legend_lines(kinds: Mapping[str, StyledEdges]) -> list[dict[str, Any]]:
    """Return an empty trace for each kind, which adds it to the legend; an image has no legend entries."""
    empty = {"x": [None], "y": [None], "mode": "lines", "hoverinfo": "skip"}
    return [
        {
            **empty,
            "line": {"color": edges.colour, "width": 3, "dash": edges.dash},
            "name": f"{name} ({edges.pairs.shape[1]:,})",
        }
        for name, edges in kinds.items()
    ]


def _picture(densities: dict[str, np.ndarray], colours: dict[str, str]) -> str:
    """The densities as a data URL, see :attr:`Shading.picture`."""
    image = require("PIL.Image", extra="figures")
    file = io.BytesIO()
    # a palette of 256 colours looks the same and takes a fifth of the size; more compression saves little of that
    pixels = image.fromarray(_pixels(densities, colours), "RGBA").quantize(256, image.Quantize.FASTOCTREE)
    pixels.save(file, "PNG", compress_level=2)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _pixels(densities: dict[str, np.ndarray], colours: dict[str, str]) -> np.ndarray:
    """Colour and opacity of each pixel, see :func:`shade_edges`, uint8, (H, W, 4)."""
    normalised = {name: density / max(density.sum(), 1) for name, density in densities.items()}
    total = np.sum(list(normalised.values()), axis=0)
    covered = np.flatnonzero(total)
    values = total.ravel()[covered]
    mixed = np.zeros((4, len(covered)))
    for name, colour in colours.items():
        part = normalised[name].ravel()[covered] / values
        for channel, i in enumerate((1, 3, 5)):
            mixed[channel] += part * int(colour[i : i + 2], 16)
    mixed[3] = _opacities(values)
    pixels = np.zeros((total.size, 4), dtype=np.uint8)
    pixels[covered] = mixed.T
    return pixels.reshape(*total.shape, 4)


def _opacities(values: np.ndarray) -> np.ndarray:
    """Opacity by the rank of each value, the same for equal ones, from 0 to 255, (K,).

    There are fewer opacities than values, so that each value is compared with the first of every opacity.
    """
    count = len(values)
    of_rank = (255 * (_MIN_OPACITY + (1 - _MIN_OPACITY) * (np.arange(1, count + 1) / max(count, 1)))).astype(np.uint8)
    first = np.flatnonzero(np.diff(of_rank, prepend=0))
    return of_rank[first][np.searchsorted(np.sort(values)[first], values, side="right") - 1]
