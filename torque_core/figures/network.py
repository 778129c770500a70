"""A small graph or a neighbourhood as an interactive network (vis-network through pyvis), with no outside request."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pyvis.network import Network
from torch import Tensor

from torque_core.figures.palette import CLASS_SHAPES, PRUNED, Theme, class_colour

__all__ = ["Link", "network_html"]

_SCALE = 900
_LARGE = 60  # nodes; beyond it their numbers show only when zoomed in
# pyvis links Bootstrap from a CDN even when told to put all in line
_OUTSIDE = re.compile(r"<link[^>]*?href=\"https?://[^>]*?>|<script[^>]*?src=\"https?://[^>]*?>\s*</script>", re.DOTALL)


@dataclass(frozen=True)
class Link:
    """One edge to draw.

    Attributes:
        source: A node.
        target: Another one.
        fate: ``kept``, ``pruned`` or ``added``.
        injected: Whether the noise inserted it.
        title: What the pointer shows, plain text.
    """

    source: int
    target: int
    fate: str
    injected: bool
    title: str


def network_html(
    nodes: Sequence[int],
    links: Sequence[Link],
    position: np.ndarray,
    y: Tensor,
    theme: Theme,
    *,
    names: Sequence[str] | None = None,
    focus: int | None = None,
    height: int = 560,
) -> str:
    """A page that draws nodes and links at fixed positions; it can be dragged, zoomed and hovered.

    Args:
        nodes: The nodes to draw.
        links: The edges among them.
        position: Where each node of the graph stands, :math:`(|\\mathcal{V}|, 2)`.
        y: Labels, which give each node its colour and shape, :math:`(|\\mathcal{V}|,)`.
        theme: Light or dark.
        names: Names of the nodes; by default their numbers.
        focus: A node to be drawn larger.
        height: Of the picture, in pixels.

    Returns:
        One HTML document that loads nothing from anywhere.
    """
    network = Network(height=f"{height}px", width="100%", bgcolor=theme.background, cdn_resources="in_line")
    # filled directly: add_node and add_edge look through all that is there, which is quadratic
    network.nodes = [_node(node, position[node], int(y[node]), theme, names, focus, len(nodes)) for node in nodes]
    network.node_ids = list(nodes)
    network.edges = [_edge(link, theme) for link in links]
    network.set_options(json.dumps(_OPTIONS))
    page = _OUTSIDE.sub("", network.generate_html(notebook=False))
    style = f"<style>body{{margin:0;background:{theme.background}}}center{{display:none}}" \
            "#mynetwork{border:0!important}.card{border:0;background:transparent}</style>"  # fmt: skip
    return page.replace("</head>", f"{style}</head>", 1)


_OPTIONS = {
    "physics": {"enabled": False},
    "layout": {"improvedLayout": False},
    "interaction": {"hover": True, "tooltipDelay": 80, "keyboard": {"enabled": False}, "navigationButtons": False},
    "edges": {"smooth": False},
}


def _node(
    node: int, at: np.ndarray, label: int, theme: Theme, names: Sequence[str] | None, focus: int | None, count: int
) -> dict[str, object]:
    name = names[node] if names else str(node)
    colour = class_colour(label)
    size = 22 if node == focus else 13 if count <= _LARGE else 8
    return {
        "id": node,
        "label": name,
        "title": f"{name}: class {label if label >= 0 else 'unknown'}",
        "x": float(at[0]) * _SCALE,
        "y": -float(at[1]) * _SCALE,  # vis-network counts downwards
        "shape": "dot" if label < 0 else CLASS_SHAPES[label % len(CLASS_SHAPES)],
        "size": size,
        "borderWidth": 4 if node == focus else 1,
        "color": {
            "background": colour,
            "border": theme.text if node == focus else theme.outline,
            "highlight": {"background": colour, "border": theme.text},
            "hover": {"background": colour, "border": theme.text},
        },
        "font": {"color": theme.text, "size": 16 if count <= _LARGE else 11},
    }


def _edge(link: Link, theme: Theme) -> dict[str, object]:
    colour = {"kept": theme.kept, "pruned": PRUNED, "added": theme.added}[link.fate]
    edge: dict[str, object] = {
        "from": link.source,
        "to": link.target,
        "title": link.title,
        "color": {"color": colour, "highlight": colour, "hover": colour},
        "width": {"kept": 1.2, "pruned": 2, "added": 3}[link.fate],
        "dashes": [7, 5] if link.fate == "pruned" else False,
    }
    if link.injected:
        edge["arrows"] = {"middle": {"enabled": True, "type": "diamond", "scaleFactor": 0.5}}
    return edge
