"""Studies and their plans: the experiments to run, in steps, where later steps depend on earlier results."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, Protocol

from torque_core.attacks.noise import Noise
from torque_core.errors import BadConfig, TorqueError
from torque_core.experiments.experiment import Experiment, Result
from torque_core.experiments.kinds.training import Training
from torque_core.experiments.results.store import Role
from torque_core.experiments.tune import tune
from torque_core.methods.catalog import TRAINING_SPACE, Options, Space, find_method, rewiring_options
from torque_core.training import TrainSpec
from torque_core.utils.fields import check_fields, spec_field

__all__ = ["Cell", "ExperimentFailed", "Fixed", "Plan", "Step", "Steps", "Study"]

_TUNING_SPLITS = 2
_TRAINING = TrainSpec(epochs=200, patience=60, hidden=64)


@dataclass(frozen=True)
class Step:
    """Experiments that a plan needs next, and their role."""

    role: Role
    experiments: tuple[Experiment, ...]


Steps = Generator[Step, Sequence[Result], None]
_Make = Callable[[dict[str, Any]], tuple[Options, Options]]


class ExperimentFailed(TorqueError):
    """Raised inside a plan at a step of which an experiment failed; a plan may catch it and continue."""


class Plan(Protocol):
    """A sequence of steps of a study. Several plans may share a label, such as one method on several data sets."""

    @property
    def label(self) -> str:
        """Name of its runs in tables."""

    def steps(self) -> Steps:
        """Yield the steps.

        Each step receives its results in order, or :class:`ExperimentFailed`. A plan that raises a
        :class:`~torque_core.errors.TorqueError` counts as failed.
        """


@dataclass(frozen=True)
class Fixed:
    """A plan of a fixed list of experiments, in one step."""

    label: str
    experiments: tuple[Experiment, ...]

    def steps(self) -> Steps:
        """Yield one step with all experiments."""
        yield Step("final", self.experiments)


@dataclass(frozen=True)
class Cell:
    """A plan that tunes one method on one data set at one noise level, and then runs it on every split.

    First the training is tuned: learning rate, weight decay and dropout of the plain model, which all rewiring methods
    on that backbone use; another backbone tunes its own. Then the options of the method are tuned. Both use the mean
    validation score on the first two splits, with ``trials`` choices each, and no test nodes. The index of a split is
    also the random seed of its noise, weights and rewiring.

    Attributes:
        label: Name of its runs in tables.
        method: A key of :data:`~torque_core.methods.catalog.METHODS`.
        dataset: See :class:`~torque_core.experiments.Training`, also for ``scheme`` and ``layers``.
        noise_kind: Kind of the noise.
        rate: Noise level.
        splits: Indices of the splits of the final runs.
        options: Options of the method that are fixed, as names and values.
        space: Options of the method to tune, as names and choices, the default first; None for the search space of the
            method.
        trials: Number of choices that tuning tries; 0 for the defaults.
        tune_rate: Noise level of the tuning; None for ``rate``.
        directed: Whether the data set keeps the direction of its edges.
        training_space: Options of the training to tune, as names and choices, the default first; None for
            :data:`~torque_core.methods.catalog.TRAINING_SPACE`.
        training: How to train, apart from the tuned options.

    Raises:
        BadConfig: If a value is out of range, or an option does not fit the method.

    Example:
        >>> cell = Cell("GCN", "plain", "karate", splits=(0, 1), trials=0)
        >>> [(step.role, len(step.experiments)) for step in cell.steps()]
        [('final', 2)]
    """

    label: str
    method: str
    dataset: str
    _: KW_ONLY
    scheme: str | None = None
    noise_kind: str = "insert"
    rate: float = 0.0
    splits: tuple[int, ...] = tuple(range(10))
    options: tuple[tuple[str, Any], ...] = ()
    space: tuple[tuple[str, tuple[Any, ...]], ...] | None = None
    trials: int = spec_field(
        12, title="trials", low=0, high=1000, help="Number of choices that tuning tries; 0 for the defaults."
    )
    tune_rate: float | None = None
    directed: bool = False
    training_space: tuple[tuple[str, tuple[Any, ...]], ...] | None = None
    training: TrainSpec = _TRAINING
    layers: int = 2

    def __post_init__(self) -> None:
        """Create all experiments once, so that invalid values raise before anything runs."""
        if not self.splits:
            raise BadConfig("splits is empty; give at least one split")
        check_fields(self)
        self._finals(dict(self.options), {})
        for name, choices in self.space or ():
            for choice in choices:
                self._finals({**dict(self.options), name: choice}, {})
        if self.tune_rate is not None:
            Noise(self.noise_kind, self.tune_rate)

    def steps(self) -> Steps:
        """Yield the trials of the training, then those of the method's options, then the final runs."""
        method = find_method(self.method)
        trained = self.method if method.tunes_training else "plain"
        training_space = TRAINING_SPACE if self.training_space is None else dict(self.training_space)
        training = yield from self._tuned(trained, training_space, lambda chosen: ({}, chosen))
        tuned_method = method.options_of or self.method
        fixed = dict(self.options)
        full_space = find_method(tuned_method).space if self.space is None else dict(self.space)
        space = {name: choices for name, choices in full_space.items() if name not in fixed}
        chosen = yield from self._tuned(tuned_method, space, lambda chosen: ({**chosen, **fixed}, training))
        yield Step("final", self._finals({**chosen, **fixed}, training))

    def _tuned(self, method: str, space: Space, make: _Make) -> Generator[Step, Sequence[Result], dict[str, Any]]:
        """Return the best choice from ``space``; ``make`` turns a choice into options of method and training."""
        if not self.trials or not space:
            return {}
        splits = self.splits[:_TUNING_SPLITS]
        rate = self.rate if self.tune_rate is None else self.tune_rate

        def trial(chosen: dict[str, Any]) -> list[Training]:
            return [self._run(method, split, rate, *make(chosen), read_test=False) for split in splits]

        tuning = tune(space, trial, trials=self.trials)
        results: Sequence[Result] | None = None
        while True:
            try:
                experiments = next(tuning) if results is None else tuning.send(results)
            except StopIteration as end:
                return end.value
            results = yield Step("trial", tuple(experiments))

    def _finals(self, options: Options, training: Options) -> tuple[Training, ...]:
        return tuple(self._run(self.method, split, self.rate, options, training) for split in self.splits)

    def _run(
        self, method: str, split: int, rate: float, options: Options, training: Options, *, read_test: bool = True
    ) -> Training:
        return Training(
            dataset=self.dataset,
            scheme=self.scheme,
            split=split,
            noise=Noise(self.noise_kind, rate, split),
            method=method,
            options=tuple(rewiring_options(options).items()),
            spec=replace(self.training, **training, seed=split),
            layers=self.layers,
            read_test=read_test,
            directed=self.directed,
        )


@dataclass(frozen=True)
class Study:
    """Plans under a name, which stores and reports use."""

    name: str
    plans: tuple[Plan, ...]
