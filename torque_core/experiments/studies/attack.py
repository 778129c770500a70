"""Studies of attacks: on trained models and their rewiring, and on the graph that they are trained on."""

from dataclasses import replace

from torque_core.attacks import AttackSpec
from torque_core.attacks.noise import Noise
from torque_core.experiments.attack_command import ATTACKED_SPLITS
from torque_core.experiments.kinds.attack import DEFENCES, Attack
from torque_core.experiments.kinds.detection import Detection
from torque_core.experiments.plans import Fixed, Study
from torque_core.experiments.studies.base import ABLATIONS, STUDIES, TRAINING, cells_over_rates

__all__ = ["attack", "attack_poisoning"]

_POISONED = (
    ("cora", "component-10-10-80"), ("chameleon_filtered", "component-10-10-80"), ("digits", "component-10-10-80"),
)  # fmt: skip
_RATES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25)
_DEFENCES = ("jaccard", "gnnguard", "gcn_svd", "soft_median", "soft_medoid")


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


@STUDIES.register("attack_poisoning")
def attack_poisoning() -> Study:
    """Metattack and PRBCD before training: torque, its ablations and other defences, and the detection of flips."""
    methods = ("plain", "mlp", *ABLATIONS, *_DEFENCES)
    kinds = ("metattack", "prbcd")
    places = [(place, kind, tuple(range(ATTACKED_SPLITS[place]))) for place in _POISONED for kind in kinds]
    cells = (
        cell
        for (dataset, scheme), kind, splits in places
        for cell in cells_over_rates(dataset, methods, _RATES, scheme=scheme, noise_kind=kind, splits=splits)
    )
    detections = (
        Fixed(
            "detection",
            tuple(
                Detection(dataset=dataset, scheme=scheme, split=split, noise=Noise(kind, rate, split))
                for rate in _RATES[1:]
                for split in splits
            ),
        )
        for (dataset, scheme), kind, splits in places
    )
    return Study("attack_poisoning", (*cells, *detections))
