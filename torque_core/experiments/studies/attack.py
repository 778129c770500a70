"""Study of adaptive attacks."""

from dataclasses import replace

from torque_core.attacks import AttackSpec
from torque_core.experiments.kinds.attack import DEFENCES, Attack
from torque_core.experiments.plans import Fixed, Study
from torque_core.experiments.studies.base import STUDIES, TRAINING

__all__ = ["attack"]


@STUDIES.register("attack")
def attack() -> Study:
    """Adaptive attacks that flip a tenth of the edges of the largest component of Cora; three splits."""
    return Study(
        "attack",
        tuple(
            Fixed(
                defence,
                tuple(
                    Attack(
                        dataset="cora",
                        scheme="component-10-10-80",
                        split=split,
                        defence=defence,
                        spec=replace(TRAINING, seed=split),
                        attack=AttackSpec(budget=0.1, epochs=50, seed=split),
                    )
                    for split in range(3)
                ),
            )
            for defence in DEFENCES
        ),
    )
