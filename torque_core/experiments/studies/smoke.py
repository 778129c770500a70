"""Studies that run in seconds, to see that everything works."""

from torque_core.experiments.plans import Cell, Study
from torque_core.experiments.studies.base import STUDIES
from torque_core.training import TrainSpec

__all__ = ["smoke", "smoke_tuned"]

_SHORT = TrainSpec(epochs=20, warmup=5, refresh_every=10, hidden=16)


@STUDIES.register("smoke")
def smoke() -> Study:
    """A test of a few seconds: four methods on two small graphs, without tuning."""
    return Study("smoke", _small(trials=0))


@STUDIES.register("smoke_tuned")
def smoke_tuned() -> Study:
    """As `smoke`, with two trials of tuning."""
    return Study("smoke_tuned", _small(trials=2))


def _small(trials: int) -> tuple[Cell, ...]:
    return tuple(
        Cell(method, method, dataset, splits=(0, 1), rate=0.2, trials=trials, training=_SHORT)
        for dataset in ("karate", "block_model")
        for method in ("plain", "mlp", "torque_default", "ablation_random")
    )
