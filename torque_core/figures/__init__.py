"""Figures that show graphs, torques and results: functions from data to a Plotly figure or an HTML page.

The package needs the optional dependencies ``torque-core[figures]``; ``import torque_core`` does not import it.
"""

from torque_core.utils.optional import require

for _module in ("pandas", "plotly"):  # imported by the modules below; raise an error that names the extra
    require(_module, extra="figures")

# ruff: noqa: E402 - the check above must precede these imports
from torque_core.figures.accuracy_dot_plot import accuracy_dot_plot
from torque_core.figures.backdrop import backdrop_figure
from torque_core.figures.change_metrics import change_metrics_figure
from torque_core.figures.confusion import confusion_figure
from torque_core.figures.described_figure import DescribedFigure
from torque_core.figures.fates import fate_figure
from torque_core.figures.gap import gap_figure
from torque_core.figures.gates import gates_figure
from torque_core.figures.graph import graph_figure
from torque_core.figures.histogram import histogram_figure
from torque_core.figures.influence import influence_figure
from torque_core.figures.layout import in_unit_square, node_layout
from torque_core.figures.layout_store import stored_layout
from torque_core.figures.mean_training_curves import mean_training_curves
from torque_core.figures.network import network_data
from torque_core.figures.network_edges import NetworkEdges, change_edges, layer_edges, receptive_field_edges
from torque_core.figures.network_page import network_html, network_script, network_style
from torque_core.figures.over_noise import accuracy_over_noise, detection_over_noise
from torque_core.figures.overview import overview_figure
from torque_core.figures.palette import DARK, LIGHT, Theme
from torque_core.figures.plane import torque_plane
from torque_core.figures.reliability import reliability_figure
from torque_core.figures.report import report_html
from torque_core.figures.rewiring import plot_rewiring
from torque_core.figures.rings import ring_layout, ring_positions
from torque_core.figures.roc import roc_figure
from torque_core.figures.side_by_side import side_by_side_figure
from torque_core.figures.styles import Style, method_styles
from torque_core.figures.training_curve import TrainingCurve
from torque_core.figures.training_curves import training_curves_figure

__all__ = [
    "DARK",
    "LIGHT",
    "DescribedFigure",
    "NetworkEdges",
    "Style",
    "Theme",
    "TrainingCurve",
    "accuracy_dot_plot",
    "accuracy_over_noise",
    "backdrop_figure",
    "change_edges",
    "change_metrics_figure",
    "confusion_figure",
    "detection_over_noise",
    "fate_figure",
    "gap_figure",
    "gates_figure",
    "graph_figure",
    "histogram_figure",
    "in_unit_square",
    "influence_figure",
    "layer_edges",
    "mean_training_curves",
    "method_styles",
    "network_data",
    "network_html",
    "network_script",
    "network_style",
    "node_layout",
    "overview_figure",
    "plot_rewiring",
    "receptive_field_edges",
    "reliability_figure",
    "report_html",
    "ring_layout",
    "ring_positions",
    "roc_figure",
    "side_by_side_figure",
    "stored_layout",
    "torque_plane",
    "training_curves_figure",
]
