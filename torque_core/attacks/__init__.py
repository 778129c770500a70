"""Attacks on graphs: poisoning of the training graph, and adaptive attacks on trained models and their rewiring."""

from torque_core.attacks.metattack import metattack
from torque_core.attacks.nettack import nettack
from torque_core.attacks.pipeline import EdgeFilter, predict
from torque_core.attacks.poisoning import flip_pairs
from torque_core.attacks.prbcd import AttackedGraph, attack
from torque_core.attacks.soft_rewiring import SoftTorque
from torque_core.attacks.spec import AttackSpec, MetattackSpec

__all__ = [
    "AttackSpec",
    "AttackedGraph",
    "EdgeFilter",
    "MetattackSpec",
    "SoftTorque",
    "attack",
    "flip_pairs",
    "metattack",
    "nettack",
    "predict",
]
