"""Figures: data in, Plotly figure or HTML out; no page and no server is needed to draw them."""

from torque_core.figures.curves import score_curves
from torque_core.figures.graph import GraphFigure, graph_figure
from torque_core.figures.histogram import torque_histogram
from torque_core.figures.layout import node_layout
from torque_core.figures.links import field_links, layer_links
from torque_core.figures.network import Link, network_html
from torque_core.figures.palette import DARK, LIGHT, Theme
from torque_core.figures.rings import ring_positions

__all__ = [
    "DARK",
    "LIGHT",
    "GraphFigure",
    "Link",
    "Theme",
    "field_links",
    "graph_figure",
    "layer_links",
    "network_html",
    "node_layout",
    "ring_positions",
    "score_curves",
    "torque_histogram",
]
