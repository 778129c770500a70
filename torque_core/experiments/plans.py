"""Studies and the plans they are made of: which experiments are wanted, and which those that follow depend on."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, Protocol

from torque_core.errors import BadConfig, TorqueError
from torque_core.experiments.experiment import Experiment, Result
from torque_core.experiments.kinds.training import Training
from torque_core.experiments.results.store import Role
from torque_core.experiments.tune import tune
from torque_core.graph.noise import Noise
from torque_core.methods.catalog import TRAINING_SPACE, Options, Space, find_method, rewiring_options
from torque_core.training import TrainSpec

__all__ = ["Cell", "ExperimentFailed", "Fixed", "Plan", "Step", "Steps", "Study"]

_TUNED_ON = 2  # splits
_TRAINING = TrainSpec(epochs=200, patience=60, hidden=64)


@dataclass(frozen=True)
class Step:
    """Experiments that a plan wants now, and what for."""

    role: Role
    experiments: tuple[Experiment, ...]


Steps = Generator[Step, Sequence[Result], None]
_Make = Callable[[dict[str, Any]], tuple[Options, Options]]


class ExperimentFailed(TorqueError):
    """Raised inside a plan at the step whose experiments did not all succeed; a plan may do without and go on."""


class Plan(Protocol):
    """What a study wants to know. A label may stand for several plans, such as one method on several data sets."""

    @property
    def label(self) -> str:
        """What its runs are called in tables."""

    def steps(self) -> Steps:
        """Yield what is to be run, one step after the other.

        Each is answered with its results in order, or with :class:`ExperimentFailed`. A plan that raises a
        :class:`~torque_core.errors.TorqueError` is given up.
        """


@dataclass(frozen=True)
class Fixed:
    """A plan that wants certain experiments, all at once."""

    label: str
    experiments: tuple[Experiment, ...]

    def steps(self) -> Steps:
        """One step."""
        yield Step("final", self.experiments)


@dataclass(frozen=True)
class Cell:
    """A plan that tunes one method on one data set at one level of noise, and then runs it on every split.

    The training is tuned for the plain model, whose learning rate, weight decay and dropout every rewiring method on
    that backbone takes over; another backbone tunes its own. Then the method's options are tuned. Both by the mean
    validation score of the first two splits, with ``trials`` choices each; no test node is looked at. A split's number
    also seeds its noise, its weights and its rewiring.

    Attributes:
        label: What its runs are called in tables.
        method: A key of :data:`~torque_core.experiments.METHODS`.
        dataset: See :class:`~torque_core.experiments.Training`, as of ``scheme``, ``layers``.
        noise_kind: Kind of the noise.
        rate: Level of the noise.
        splits: Those of the final runs.
        options: Of the method, by name and value: they are not tuned.
        space: Options of the method that are tuned, by name and choices, the default first; None for those that the
            method says.
        trials: How many choices tuning tries; 0 for the defaults.
        tune_rate: The level of the noise that is tuned at; None for ``rate``.
        training: How to train, but for what tuning chooses.

    Raises:
        BadConfig: A value that cannot be.

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
    trials: int = 12
    tune_rate: float | None = None
    training: TrainSpec = _TRAINING
    layers: int = 2

    def __post_init__(self) -> None:
        """Make the experiments once, so that what cannot be is said before anything runs."""
        if not self.splits:
            raise BadConfig("splits is empty; name one split or more")
        if type(self.trials) is not int or not 0 <= self.trials <= 1000:
            raise BadConfig(f"trials must be an integer in [0, 1000], got {self.trials!r}")
        self._finals(dict(self.options), {})
        for name, choices in self.space or ():
            for choice in choices:
                self._finals({**dict(self.options), name: choice}, {})
        if self.tune_rate is not None:
            Noise(self.noise_kind, self.tune_rate)

    def steps(self) -> Steps:
        """The trials of the training, then those of the method's options, then the final runs."""
        method = find_method(self.method)
        trained = self.method if method.tunes_training else "plain"
        training = yield from self._tuned(trained, TRAINING_SPACE, lambda chosen: ({}, chosen))
        asked = method.options_of or self.method
        given = dict(self.options)
        wide = find_method(asked).space if self.space is None else dict(self.space)
        space = {name: choices for name, choices in wide.items() if name not in given}
        chosen = yield from self._tuned(asked, space, lambda chosen: ({**chosen, **given}, training))
        yield Step("final", self._finals({**chosen, **given}, training))

    def _tuned(self, method: str, space: Space, make: _Make) -> Generator[Step, Sequence[Result], dict[str, Any]]:
        """The best choice from ``space``; ``make`` says what a choice means for the options and for the training."""
        if not self.trials or not space:
            return {}
        splits = self.splits[:_TUNED_ON]
        rate = self.rate if self.tune_rate is None else self.tune_rate

        def trial(chosen: dict[str, Any]) -> list[Training]:
            return [self._run(method, split, rate, *make(chosen), read_test=False) for split in splits]

        tuning = tune(space, trial, trials=self.trials)
        answer: Sequence[Result] | None = None
        while True:
            try:
                wanted = next(tuning) if answer is None else tuning.send(answer)
            except StopIteration as end:
                return end.value
            answer = yield Step("trial", tuple(wanted))

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
        )


@dataclass(frozen=True)
class Study:
    """Plans under one name, by which the store and the reports know them."""

    name: str
    plans: tuple[Plan, ...]
