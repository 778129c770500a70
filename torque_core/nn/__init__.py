"""Graph neural networks whose layers use different graphs."""

from torque_core.nn.backbones import BACKBONES, Backbone, NodewiseLinear, make_conv
from torque_core.nn.directed_gcn import DirectedGCNConv
from torque_core.nn.fsgnn import FSGNN
from torque_core.nn.further_relations import GATES
from torque_core.nn.gate import TorqueGate
from torque_core.nn.gnn_guard import GNNGuard
from torque_core.nn.gpr_gnn import GPRGNN
from torque_core.nn.layer_graphs import Graph
from torque_core.nn.low_rank_gcn import LowRankGCNConv
from torque_core.nn.relations import DIRECTIONS, RELATIONS, relation_graphs
from torque_core.nn.robust_aggregation import SoftMedianConv, SoftMedoidConv
from torque_core.nn.shared_weights import RELATION_WEIGHTS
from torque_core.nn.torque_gnn import TorqueGNN
from torque_core.nn.weighted_gat import WeightedGATConv
from torque_core.nn.weighted_gcn import WeightedGCNConv
from torque_core.nn.weighted_sage import WeightedSAGEConv

__all__ = [
    "BACKBONES",
    "DIRECTIONS",
    "FSGNN",
    "GATES",
    "GPRGNN",
    "RELATIONS",
    "RELATION_WEIGHTS",
    "Backbone",
    "DirectedGCNConv",
    "GNNGuard",
    "Graph",
    "LowRankGCNConv",
    "NodewiseLinear",
    "SoftMedianConv",
    "SoftMedoidConv",
    "TorqueGNN",
    "TorqueGate",
    "WeightedGATConv",
    "WeightedGCNConv",
    "WeightedSAGEConv",
    "make_conv",
    "relation_graphs",
]
