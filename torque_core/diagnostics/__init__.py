"""Diagnostics: what rewiring did, in numbers."""

from torque_core.diagnostics.detection import Detection, auroc, detection
from torque_core.diagnostics.receptive_field import ReceptiveField, receptive_field
from torque_core.diagnostics.structure import Structure, components, edge_homophily, structure

__all__ = [
    "Detection",
    "ReceptiveField",
    "Structure",
    "auroc",
    "components",
    "detection",
    "edge_homophily",
    "receptive_field",
    "structure",
]
