"""Measures of a graph and of the effect of a rewiring."""

from torque_core.diagnostics.before_after import BeforeAfter, MeasureChange, changes
from torque_core.diagnostics.calibration import Calibration, calibration
from torque_core.diagnostics.confusion import confusion
from torque_core.diagnostics.detection import DetectionReport, RocCurve, RocPoint, auroc, detection, roc_curve
from torque_core.diagnostics.detectors import detector_curves
from torque_core.diagnostics.edge_scores import EDGE_SCORES, EdgeScore, detection_scores
from torque_core.diagnostics.fates import FATES, EdgeFates, edge_fates
from torque_core.diagnostics.gates import RelationGates, relation_gates
from torque_core.diagnostics.homophily import (
    adjusted_homophily,
    class_insensitive_homophily,
    edge_homophily,
    label_informativeness,
    node_homophily,
)
from torque_core.diagnostics.influence import influence_by_class, influence_by_hop, jacobian_influence
from torque_core.diagnostics.receptive_field import ReceptiveField, receptive_field
from torque_core.diagnostics.relation_influence import (
    RelationInfluence,
    relation_influence,
    walk_influence_by_relation,
)
from torque_core.diagnostics.resistance import effective_resistance, total_effective_resistance
from torque_core.diagnostics.smoothness import dirichlet_energy, mean_average_distance
from torque_core.diagnostics.spectrum import spectral_gap
from torque_core.diagnostics.structure import Structure, components, structure
from torque_core.diagnostics.telling_edges import TellingEdges, factor_ranks, telling_edges
from torque_core.diagnostics.walk_influence import walk_influence

__all__ = [
    "EDGE_SCORES",
    "FATES",
    "BeforeAfter",
    "Calibration",
    "DetectionReport",
    "EdgeFates",
    "EdgeScore",
    "MeasureChange",
    "ReceptiveField",
    "RelationGates",
    "RelationInfluence",
    "RocCurve",
    "RocPoint",
    "Structure",
    "TellingEdges",
    "adjusted_homophily",
    "auroc",
    "calibration",
    "changes",
    "class_insensitive_homophily",
    "components",
    "confusion",
    "detection",
    "detection_scores",
    "detector_curves",
    "dirichlet_energy",
    "edge_fates",
    "edge_homophily",
    "effective_resistance",
    "factor_ranks",
    "influence_by_class",
    "influence_by_hop",
    "jacobian_influence",
    "label_informativeness",
    "mean_average_distance",
    "node_homophily",
    "receptive_field",
    "relation_gates",
    "relation_influence",
    "roc_curve",
    "spectral_gap",
    "structure",
    "telling_edges",
    "total_effective_resistance",
    "walk_influence",
    "walk_influence_by_relation",
]
