"""Diagnostics: what rewiring did, in numbers."""

from torque_core.diagnostics.calibration import Calibration, calibration
from torque_core.diagnostics.detection import Detection, auroc, detection
from torque_core.diagnostics.edge_scores import EDGE_SCORES, EdgeScore, detection_scores
from torque_core.diagnostics.homophily import (
    adjusted_homophily,
    class_insensitive_homophily,
    edge_homophily,
    label_informativeness,
    node_homophily,
)
from torque_core.diagnostics.influence import influence_by_class, influence_by_hop, jacobian_influence
from torque_core.diagnostics.receptive_field import ReceptiveField, receptive_field
from torque_core.diagnostics.resistance import effective_resistance, total_effective_resistance
from torque_core.diagnostics.smoothness import dirichlet_energy, mean_average_distance
from torque_core.diagnostics.spectrum import spectral_gap
from torque_core.diagnostics.structure import Structure, components, structure

__all__ = [
    "EDGE_SCORES",
    "Calibration",
    "Detection",
    "EdgeScore",
    "ReceptiveField",
    "Structure",
    "adjusted_homophily",
    "auroc",
    "calibration",
    "class_insensitive_homophily",
    "components",
    "detection",
    "detection_scores",
    "dirichlet_energy",
    "edge_homophily",
    "effective_resistance",
    "influence_by_class",
    "influence_by_hop",
    "jacobian_influence",
    "label_informativeness",
    "mean_average_distance",
    "node_homophily",
    "receptive_field",
    "spectral_gap",
    "structure",
    "total_effective_resistance",
]
