"""Study of over-squashing."""

from dataclasses import replace

from torque_core.attacks.noise import Noise
from torque_core.experiments.kinds.squashing import Squashing
from torque_core.experiments.kinds.squashing_trees import TREE_METHODS, SquashingTrees
from torque_core.experiments.plans import Fixed, Study
from torque_core.experiments.studies.base import STUDIES, TRAINING

__all__ = ["squashing"]

# number of assignments and batch size by depth: eight batches of all 76 training trees, or of 512
_TREES = {2: (24, 10), 3: (80, 64), 4: (40, 64), 5: (20, 64)}


@STUDIES.register("squashing")
def squashing() -> Study:
    """Over-squashing: trees of depth 2 to 5, and influence by hop in the largest component of Cora, +0 % and +50 %."""
    return Study(
        "squashing",
        (
            *(
                Fixed(
                    f"{method}, {backbone}",
                    tuple(
                        SquashingTrees(
                            depth=depth,
                            assignments=assignments,
                            batch=batch,
                            method=method,
                            backbone=backbone,
                            epochs=80,
                        )
                        for depth, (assignments, batch) in _TREES.items()
                    ),
                )
                for backbone in ("gcn", "sum")
                for method in TREE_METHODS
            ),
            *(
                Fixed(
                    method,
                    tuple(
                        Squashing(
                            dataset="cora",
                            scheme="component-10-10-80",
                            split=split,
                            noise=Noise("insert", rate, split),
                            method=method,
                            spec=replace(TRAINING, seed=split),
                        )
                        for rate in (0.0, 0.5)
                        for split in range(3)
                    ),
                )
                for method in ("plain", "torque_default", "ablation_random", "fosr")
            ),
        ),
    )
