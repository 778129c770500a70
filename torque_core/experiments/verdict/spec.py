"""The plan of a verdict: noise levels, methods, seeds and training."""

from dataclasses import dataclass, replace

from torque_core.attacks.noise import Noise
from torque_core.errors import BadConfig
from torque_core.methods.catalog import find_method
from torque_core.rewiring.spec import RewireSpec
from torque_core.training import TrainSpec
from torque_core.utils.fields import check_fields, spec_field

__all__ = ["EDGE_FREE", "VerdictSpec", "VerdictTask"]

EDGE_FREE = "mlp"
"""The method that ignores the edges: it is trained once per seed, on the clean graph."""

_PLAIN = "plain"
_TRAINING = TrainSpec(epochs=150, patience=30)
_REWIRE = RewireSpec()


@dataclass(frozen=True)
class VerdictTask:
    """One training of a verdict.

    Attributes:
        method: A key of :data:`~torque_core.methods.catalog.METHODS`.
        rate: Noise level.
        seed: Seed of noise, weights and rewiring, and index of the split.
    """

    method: str
    rate: float
    seed: int


@dataclass(frozen=True, kw_only=True)
class VerdictSpec:
    """Settings of a verdict.

    Attributes:
        rates: Noise levels, ascending; 0 is the clean graph.
        seeds: Number of seeds; each has its own split, noise, weights and null-model pairs.
        methods: Keys of methods; the first is the plain model, with which the others are compared.
        rewire: How torque and its controls rewire; its seed is replaced by that of each run.
        training: How to train; its seed is replaced likewise. The default stops earlier than the stored studies, so
            that a verdict on Cora takes less than three minutes on two cores.

    Raises:
        BadConfig: If a value is out of range, the first method is not ``plain``, or ``torque`` is missing.

    Example:
        >>> VerdictSpec(rates=(0.0, 0.5), seeds=1, methods=("plain", "torque", "mlp")).tasks()[:3]
        [VerdictTask(method='plain', rate=0.0, seed=0), VerdictTask(method='torque', rate=0.0, seed=0), \
VerdictTask(method='mlp', rate=0.0, seed=0)]
    """

    rates: tuple[float, ...] = (0.0, 0.2, 0.5, 1.0)
    seeds: int = spec_field(5, title="seeds", low=1, high=100, help="Number of seeds, each with its own split.")
    methods: tuple[str, ...] = (_PLAIN, "torque", "jaccard", "cosine", "ablation_random", "ablation_cosine", EDGE_FREE)
    rewire: RewireSpec = _REWIRE
    training: TrainSpec = _TRAINING

    def __post_init__(self) -> None:
        """Check all fields."""
        check_fields(self)
        if not self.rates or list(self.rates) != sorted(set(self.rates)):
            raise BadConfig(f"rates must be ascending, at least one, got {self.rates}")
        for rate in self.rates:
            Noise("insert", rate)
        for method in self.methods:
            find_method(method)
        if self.methods[:1] != (_PLAIN,) or "torque" not in self.methods:
            raise BadConfig(f"methods must begin with 'plain' and contain 'torque', got {self.methods}")

    @property
    def rewiring_methods(self) -> tuple[str, ...]:
        """Torque and the peers, without controls: those whose opinion of an edge counts."""
        return tuple(method for method in self.methods if find_method(method).kind in ("rewiring", "peer"))

    def tasks(self) -> list[VerdictTask]:
        """Return all trainings, seed by seed, so that every cell of the tables fills evenly."""
        return [
            VerdictTask(method, rate, seed)
            for seed in range(self.seeds)
            for rate in self.rates
            for method in self.methods
            if method != EDGE_FREE or rate == self.rates[0]
        ]

    def noise(self, task: VerdictTask) -> Noise:
        """Return the noise of a task."""
        return Noise("insert", task.rate, task.seed)

    def seeded(self, seed: int) -> tuple[TrainSpec, RewireSpec]:
        """Return training and rewiring with a seed."""
        return replace(self.training, seed=seed), replace(self.rewire, seed=seed)
