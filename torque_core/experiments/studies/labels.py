"""Studies of labels: few of them, and wrong pseudo-labels."""

from dataclasses import replace
from typing import Any

from torque_core.attacks.noise import Noise
from torque_core.experiments.kinds.training import Training
from torque_core.experiments.plans import Fixed, Study
from torque_core.experiments.studies.base import (
    ABLATIONS,
    STUDIES,
    TRAINING,
    cell,
)
from torque_core.training import TrainSpec

__all__ = ["labels", "pseudo_labels"]


@STUDIES.register("labels")
def labels() -> Study:
    """Few labels: 5, 10, 20 and 40 training nodes per class of Cora, clean and with +50 % edges; not tuned."""
    return Study(
        "labels",
        tuple(
            cell(method, "cora", scheme=f"per-class-{train}", rate=rate, trials=0, splits=tuple(range(8)))
            for train in (5, 10, 20, 40)
            for rate in (0.0, 0.5)
            for method in ("plain", "mlp", *ABLATIONS, "gdc")
        ),
    )


# rewired often enough that the best epoch follows a rewiring with class probabilities
_FREQUENT = replace(TRAINING, refresh_every=5, patience=40)


@STUDIES.register("pseudo_labels")
def pseudo_labels() -> Study:
    """Pseudo-labels made wrong: largest component of Cora, +50 % edges, rewired every 5 epochs; not tuned."""
    plans = [_with_errors(method, method, _FREQUENT) for method in ("plain", "mlp")]
    for errors in (0.0, 0.1, 0.3, 0.5):
        plans += [
            _with_errors(f"{force}, {errors:.0%} wrong", "torque_default", _FREQUENT, errors, (("force", force),))
            for force in ("dirichlet", "pair", "disparity")
        ]
    plans += [
        _with_errors(f"dirichlet every 60 epochs, {errors:.0%} wrong", "torque_default", TRAINING, errors)
        for errors in (0.0, 0.5)
    ]
    return Study("pseudo_labels", tuple(plans))


def _with_errors(
    label: str, method: str, training: TrainSpec, errors: float = 0.0, options: tuple[tuple[str, Any], ...] = ()
) -> Fixed:
    return Fixed(
        label,
        tuple(
            Training(
                dataset="cora",
                scheme="component-10-10-80",
                split=split,
                noise=Noise("insert", 0.5, split),
                method=method,
                options=options,
                spec=replace(training, seed=split),
                pseudo_label_errors=errors,
            )
            for split in range(5)
        ),
    )
