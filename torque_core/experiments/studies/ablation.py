"""Study of the parts of torque: what does each contribute?"""

from dataclasses import replace
from typing import Any

from torque_core.experiments.plans import Cell, Study
from torque_core.experiments.studies.base import STUDIES, TRAINING
from torque_core.training import TrainSpec

__all__ = ["ablation"]


@STUDIES.register("ablation")
def ablation() -> Study:
    """Contribution of each part of torque: largest component of Cora, +50 % edges, no tuning."""
    variants: dict[str, tuple[str, dict[str, Any], TrainSpec]] = {
        "plain": ("plain", {}, TRAINING),
        "mlp": ("mlp", {}, TRAINING),
        "torque_default": ("torque_default", {}, TRAINING),
        "torque_auto": ("torque_auto", {}, TRAINING),
        "ablation_random": ("ablation_random", {}, TRAINING),
        "ablation_cosine": ("ablation_cosine", {}, TRAINING),
        "one graph for all layers": ("ablation_one_graph", {}, TRAINING),
        "nested hierarchy": ("torque_default", {"hierarchy": "nested"}, TRAINING),
        "kept edges unweighted": ("torque_default", {"weight_by_confidence": False}, TRAINING),
        "warm-up of 20 epochs": ("torque_default", {}, replace(TRAINING, warmup=20)),
        "no class probabilities": ("torque_default", {}, replace(TRAINING, refresh_every=2000)),
        "no additions": ("torque_default", {"additions": 0.0}, TRAINING),
        "no pruning": ("torque_default", {"cut": "none"}, TRAINING),
        "lever only": ("torque_default", {"force": "unit"}, TRAINING),
        "force only": ("torque_default", {"lever": "unit"}, TRAINING),
        "vector torque": ("torque_default", {"product": "cross"}, TRAINING),
        "neighbourhood lever": ("torque_default", {"lever": "neighbourhood"}, TRAINING),
        "combined lever": ("torque_default", {"lever": "combined"}, TRAINING),
        "pair force": ("torque_default", {"force": "pair"}, TRAINING),
        **{f"cut {cut}": ("torque_default", {"cut": cut}, TRAINING) for cut in ("otsu", "mixture", "bernoulli")},
        **{
            f"fixed ratio {fraction:.0%}": ("torque_default", {"cut": "fixed", "fraction": fraction}, TRAINING)
            for fraction in (0.1, 0.3, 0.5, 0.7)
        },
    }
    return Study(
        "ablation",
        tuple(
            Cell(
                label,
                method,
                "cora",
                scheme="component-10-10-80",
                rate=0.5,
                options=tuple(sorted(options.items())),
                trials=0,
                training=training,
            )
            for label, (method, options, training) in variants.items()
        ),
    )
