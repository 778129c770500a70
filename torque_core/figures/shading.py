"""All edges of a graph as one picture, for graphs that are too large for lines."""

import base64
import io
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from torque_core.figures.density import edge_density

__all__ = ["LINES_UP_TO", "Shading", "StyledEdges", "legend_lines", "shade", "too_large_for_lines"]

LINES_UP_TO = {"nodes": 5_000, "edges": 10_000}
"""Beyond either, edges are shaded: more lines take a browser seconds to draw, and hide each other."""
_ROWS, _COLUMNS = 600, 900  # pixels
_PAD = 0.01  # around the nodes, where the largest part of the graph is 1 wide
_FAINTEST = 0.15  # opacity of a pixel with any edge at all


class StyledEdges(NamedTuple):
    """One kind of edges, and how it is drawn."""

    pairs: np.ndarray
    """:math:`(2, |\\mathcal{E}|)`."""
    colour: str
    dash: str


class Shading(NamedTuple):
    """A picture, and what part of the plane it covers."""

    picture: str
    """A PNG with a transparent background, in an address of its own."""
    low: np.ndarray
    """Left and bottom end."""
    high: np.ndarray
    """Right and top end."""

    def image(self, number: str = "") -> dict[str, Any]:
        """The picture as an image of a Plotly layout, below the traces of the axes with that number."""
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
    """Whether a graph of that size is to be shaded, by :data:`LINES_UP_TO`."""
    return nodes > LINES_UP_TO["nodes"] or edges > LINES_UP_TO["edges"]


def shade(kinds: Mapping[str, StyledEdges], position: np.ndarray) -> Shading:
    """Shade a graph by where its edges are.

    A pixel is the more opaque, the more edges pass through it, by rank among all pixels. Its colour mixes those of the
    kinds by their densities, each divided by the number of its own kind: so few added links are seen among a million
    kept edges, and a colour is strong where its kind is more frequent than elsewhere.

    Args:
        kinds: Edges by what happened to them.
        position: Where each node stands, :math:`(|\\mathcal{V}|, 2)`.
    """
    low, high = position.min(axis=0) - _PAD, position.max(axis=0) + _PAD
    place = (position - low) / (high - low) * (_COLUMNS, -_ROWS) + (0, _ROWS)  # rows count from above
    densities = {
        name: edge_density(place, links.pairs, (_ROWS, _COLUMNS), dashed=links.dash == "dash")
        for name, links in kinds.items()
    }
    return Shading(_picture(densities, {name: links.colour for name, links in kinds.items()}), low, high)


def legend_lines(kinds: Mapping[str, StyledEdges]) -> list[dict[str, Any]]:
    """A trace for each kind that shows nothing: for the legend, as a shading has none."""
    nothing = {"x": [None], "y": [None], "mode": "lines", "hoverinfo": "skip"}
    return [
        {
            **nothing,
            "line": {"color": links.colour, "width": 3, "dash": links.dash},
            "name": f"{name} ({links.pairs.shape[1]:,})",
        }
        for name, links in kinds.items()
    ]


def _picture(densities: dict[str, np.ndarray], colours: dict[str, str]) -> str:
    """The densities as :attr:`Shading.picture`."""
    from PIL import Image

    shares = {name: density / max(density.sum(), 1) for name, density in densities.items()}
    total = np.sum(list(shares.values()), axis=0)
    seen = total > 0
    mixed = np.zeros((*total.shape, 4))
    for name, colour in colours.items():
        channels = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
        mixed[seen, :3] += (shares[name][seen] / total[seen])[:, None] * channels
    rank = np.searchsorted(np.sort(total[seen]), total[seen], side="right") / max(seen.sum(), 1)
    mixed[seen, 3] = 255 * (_FAINTEST + (1 - _FAINTEST) * rank)
    file = io.BytesIO()
    # a palette of 256 colours looks the same, and takes a fifth of the bytes
    Image.fromarray(mixed.astype(np.uint8), "RGBA").quantize(256, Image.Quantize.FASTOCTREE).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
