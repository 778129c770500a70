"""Figures: data in, Plotly figure or HTML out; no page and no server is needed to draw them."""

from torque_core.figures.backdrop import backdrop_figure
from torque_core.figures.compared import change_pair
from torque_core.figures.confusion import confusion_figure
from torque_core.figures.curves import Curve, score_curves
from torque_core.figures.fates import fate_figure
from torque_core.figures.gap import gap_figure
from torque_core.figures.graph import GraphFigure, graph_figure
from torque_core.figures.histogram import histogram_figure
from torque_core.figures.influence import influence_figure
from torque_core.figures.layout import node_layout
from torque_core.figures.layout_store import stored_layout
from torque_core.figures.links import field_links, layer_links
from torque_core.figures.network import NetworkLinks, network_data, network_html
from torque_core.figures.palette import DARK, LIGHT, Theme
from torque_core.figures.plane import torque_plane
from torque_core.figures.reliability import reliability_figure
from torque_core.figures.rings import ring_positions
from torque_core.figures.roc import roc_figure
from torque_core.figures.tiers import overview_figure

__all__ = [
    "DARK",
    "LIGHT",
    "Curve",
    "GraphFigure",
    "NetworkLinks",
    "Theme",
    "backdrop_figure",
    "change_pair",
    "confusion_figure",
    "fate_figure",
    "field_links",
    "gap_figure",
    "graph_figure",
    "histogram_figure",
    "influence_figure",
    "layer_links",
    "network_data",
    "network_html",
    "node_layout",
    "overview_figure",
    "reliability_figure",
    "ring_positions",
    "roc_figure",
    "score_curves",
    "stored_layout",
    "torque_plane",
]
