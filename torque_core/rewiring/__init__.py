"""Torque-based rewiring: cut rules, additions, the layer-by-layer procedure and its record."""

from torque_core.rewiring.additions import ADDITIONS, AdditionRule, bernoulli_additions, budget_additions, gap_additions
from torque_core.rewiring.auto import FORMS, choose_form
from torque_core.rewiring.bounded_gap import bounded_gap
from torque_core.rewiring.candidates import candidate_pairs
from torque_core.rewiring.cuts import (
    CUTS,
    Cut,
    CutInputs,
    CutRule,
    bernoulli_cut,
    bounded_gap_cut,
    budget_cut,
    fixed_cut,
    gap_cut,
    mixture_cut,
    no_cut,
    otsu_cut,
)
from torque_core.rewiring.edge_confidence import EdgeConfidence, estimate_edge_confidence
from torque_core.rewiring.gap import GapCurve, TorqueGap, distinct, gap_curve, torque_gap
from torque_core.rewiring.graph_change import GraphChange
from torque_core.rewiring.random_control import rewire_at_random
from torque_core.rewiring.record import LayerRewiring, Rewiring
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.scorer_factory import LayerScorerFactory
from torque_core.rewiring.separation import separation
from torque_core.rewiring.spec import AUTO, HIERARCHIES, RewireSpec
from torque_core.rewiring.transform import TorqueRewire, layer_graphs

__all__ = [
    "ADDITIONS",
    "AUTO",
    "CUTS",
    "FORMS",
    "HIERARCHIES",
    "AdditionRule",
    "Cut",
    "CutInputs",
    "CutRule",
    "EdgeConfidence",
    "GapCurve",
    "GraphChange",
    "LayerRewiring",
    "LayerScorerFactory",
    "RewireSpec",
    "Rewiring",
    "TorqueGap",
    "TorqueRewire",
    "bernoulli_additions",
    "bernoulli_cut",
    "bounded_gap",
    "bounded_gap_cut",
    "budget_additions",
    "budget_cut",
    "candidate_pairs",
    "choose_form",
    "distinct",
    "estimate_edge_confidence",
    "fixed_cut",
    "gap_additions",
    "gap_curve",
    "gap_cut",
    "layer_graphs",
    "mixture_cut",
    "no_cut",
    "otsu_cut",
    "rewire",
    "rewire_at_random",
    "separation",
    "torque_gap",
]
