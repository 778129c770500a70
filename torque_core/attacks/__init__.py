"""Adaptive attacks on trained models and their rewiring."""

from torque_core.attacks.pipeline import EdgeFilter, predict
from torque_core.attacks.prbcd import AttackedGraph, attack
from torque_core.attacks.soft_rewiring import SoftTorque
from torque_core.attacks.spec import AttackSpec

__all__ = ["AttackSpec", "AttackedGraph", "EdgeFilter", "SoftTorque", "attack", "predict"]
