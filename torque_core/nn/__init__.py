"""Models whose layers each have a graph of their own."""

from torque_core.nn.backbones import BACKBONES, Backbone
from torque_core.nn.convs import WeightedGATConv, WeightedGCNConv, WeightedSAGEConv
from torque_core.nn.fsgnn import FSGNN
from torque_core.nn.gate import TorqueGate
from torque_core.nn.gpr_gnn import GPRGNN
from torque_core.nn.torque_gnn import NORMS, RELATIONS, Graph, TorqueGNN

__all__ = [
    "BACKBONES",
    "FSGNN",
    "GPRGNN",
    "NORMS",
    "RELATIONS",
    "Backbone",
    "Graph",
    "TorqueGNN",
    "TorqueGate",
    "WeightedGATConv",
    "WeightedGCNConv",
    "WeightedSAGEConv",
]
