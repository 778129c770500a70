"""Execution of a study: advance its plans, run the experiments that are not stored yet, and store the results."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from types import FrameType

from torque_core.errors import BadConfig, TorqueError
from torque_core.experiments.executors import DaskExecutor, Executor, InProcess, Outcome
from torque_core.experiments.experiment import Experiment, Result, key
from torque_core.experiments.plans import ExperimentFailed, Plan, Step, Steps, Study
from torque_core.experiments.results.claims import Claims
from torque_core.experiments.results.store import Role, Store

__all__ = ["Progress", "Summary", "run_study"]

Progress = Callable[[int, int], object]
_SECONDS_BETWEEN_LOOKS = 1.0  # at experiments that other processes run


@dataclass(frozen=True)
class Summary:
    """Summary of a run of a study.

    Attributes:
        done: Number of experiments that were run now, failures included.
        known: Number of experiments whose results were stored before.
        failed: Label and message of each plan that could not be finished.
        unfinished: Number of plans that need experiments beyond the limit.
    """

    done: int
    known: int
    failed: tuple[tuple[str, str], ...]
    unfinished: int


def run_study(
    study: Study,
    store: Store,
    *,
    scheduler: str | None = None,
    workers: int = 0,
    limit: int | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Run the experiments of a study that the store does not have, and store each result at once.

    An interrupted study (Ctrl-C, SIGTERM, a crash) continues where it was when it is run again. If an experiment
    fails, the failure is stored and the plan that needs it ends; all others continue. The next run tries it again. An
    experiment that several plans need is run once.

    Args:
        study: The study.
        store: Store of the results. Another process may work on it, too: an experiment that it runs is waited for.
        scheduler: Address of a Dask scheduler to run on, such as ``tcp://10.0.0.1:8786``; see
            :class:`~torque_core.experiments.executors.DaskExecutor`.
        workers: Without a scheduler, number of processes on this machine; with 0, everything runs in this process,
            plan by plan.
        limit: Largest number of experiments to run.
        progress: Called with the number of finished experiments and the number of those known to be left.

    Raises:
        BadConfig: If both a scheduler and workers are given, or the cluster cannot be reached.
        KeyboardInterrupt: On Ctrl-C or SIGTERM.

    Example:
        >>> import tempfile
        >>> from torque_core.experiments import STUDIES
        >>> with tempfile.TemporaryDirectory() as folder, Store(f"{folder}/runs.sqlite") as store:
        ...     run_study(STUDIES["smoke"](), store, limit=2).done
        2
    """
    if scheduler is not None and workers:
        raise BadConfig(f"give a scheduler or a number of workers, not both: {scheduler!r}, {workers}")
    if workers < 0 or (limit is not None and limit < 0):
        raise BadConfig(f"workers and limit must be 0 or more, got {workers} and {limit}")
    in_process = scheduler is None and not workers
    with (
        _terminable(),
        Claims(store.path) as claims,
        nullcontext(InProcess()) if in_process else DaskExecutor(scheduler, workers) as executor,
    ):
        return _Driver(study, store, claims, executor, limit, progress).drive()


@dataclass(eq=False)
class _Running:
    """State of a plan: its current step, the results received, and the keys of the missing ones."""

    plan: Plan
    place: int
    steps: Steps
    step: Step | None = None
    keys: tuple[str, ...] = ()
    missing: set[str] = field(default_factory=set)
    answers: dict[str, Result] = field(default_factory=dict)
    failure: str | None = None

    def next_step(self) -> Step | None:
        """Send the results of the current step to the plan and return its next step; None after the last."""
        try:
            if self.step is None:
                self.step = next(self.steps)
            elif self.failure is not None:
                self.step = self.steps.throw(ExperimentFailed(self.failure))
            else:
                self.step = self.steps.send([self.answers[name] for name in self.keys])
        except StopIteration:
            return None
        self.keys, self.answers, self.failure = tuple(map(key, self.step.experiments)), {}, None
        return self.step

    def receive(self, name: str, answer: Result | str) -> None:
        """Take the result of an experiment, or the message of its failure."""
        self.missing.discard(name)
        if isinstance(answer, Result):
            self.answers[name] = answer
        else:
            self.failure = self.failure or answer


class _Driver:
    """Moves experiments and results between plans, store and executor."""

    def __init__(
        self,
        study: Study,
        store: Store,
        claims: Claims,
        executor: Executor,
        limit: int | None,
        progress: Progress | None,
    ) -> None:
        self._study, self._store, self._claims, self._executor = study, store, claims, executor
        self._limit, self._progress = limit, progress
        self._waiting: dict[str, list[_Running]] = {}  # plans that wait, by the key of the experiment
        self._elsewhere: dict[str, tuple[Experiment, int]] = {}  # run by other processes, with their priority
        self._messages: dict[str, str] = {}  # of failures, by key
        self._known: set[str] = set()
        self._members: set[tuple[str, Role, str]] = set()
        self._failed: dict[int, tuple[str, str]] = {}  # label and message, by the place of the plan
        self._submitted = self._done = self._ended = 0

    def drive(self) -> Summary:
        """Run until nothing is left."""
        for place, plan in enumerate(self._study.plans):
            self._advance(_Running(plan, place, plan.steps()))
        while self._waiting:
            self._report()
            if len(self._waiting) > len(self._elsewhere):
                self._take(*self._executor.wait())
            else:
                time.sleep(_SECONDS_BETWEEN_LOOKS)
            for name, (experiment, priority) in list(self._elsewhere.items()):
                if (result := self._start(name, experiment, priority)) is not None:
                    self._answer(name, result)
        self._report()
        unfinished = len(self._study.plans) - self._ended
        if not unfinished and not self._failed:
            self._store.retain(self._study.name, self._members)
        return Summary(
            self._done, len(self._known), tuple(failure for _, failure in sorted(self._failed.items())), unfinished
        )

    def _advance(self, running: _Running) -> None:
        """Advance a plan as long as all results that it needs are available."""
        label = running.plan.label
        while not running.missing:
            try:
                step = running.next_step()
            except TorqueError as error:
                self._failed[running.place] = label, str(error)
                step = None
            if step is None:
                self._ended += 1
                return
            self._store.enrol(self._study.name, label, step.role, step.experiments)
            for name, experiment in zip(running.keys, step.experiments, strict=True):
                self._members.add((label, step.role, name))
                self._request(running, name, experiment)

    def _request(self, running: _Running, name: str, experiment: Experiment) -> None:
        if name in self._messages:
            running.receive(name, self._messages[name])
        elif name in self._waiting:
            running.missing.add(name)
            self._waiting[name].append(running)
        elif (result := self._store.get(experiment)) is not None:
            self._known.add(name)
            running.receive(name, result)
        else:
            running.missing.add(name)
            if self._limit is None or self._submitted < self._limit:
                self._submitted += 1
                if (result := self._start(name, experiment, running.place)) is None:
                    self._waiting[name] = [running]
                else:
                    running.receive(name, result)

    def _start(self, name: str, experiment: Experiment, priority: int) -> Result | None:
        """Run an experiment here unless another process does; return its result if that has been stored by now."""
        if not self._claims.take(name):
            self._elsewhere[name] = experiment, priority
            return None
        self._elsewhere.pop(name, None)
        if (result := self._store.get(experiment)) is None:
            self._executor.submit(experiment, priority)
        else:
            self._known.add(name)
            self._claims.release(name)
        return result

    def _take(self, experiment: Experiment, outcome: Outcome) -> None:
        """Store the outcome of an experiment and advance the plans that wait for it."""
        name, seconds, versions = key(experiment), outcome.seconds, outcome.versions
        self._done += 1
        if isinstance(outcome.answer, Result):
            self._store.put(experiment, outcome.answer, seconds=seconds, versions=versions)
        else:
            self._store.put_failure(experiment, outcome.answer, seconds=seconds, versions=versions)
            self._messages[name] = outcome.answer
        self._claims.release(name)
        self._answer(name, outcome.answer)

    def _answer(self, name: str, answer: Result | str) -> None:
        """Give the result of an experiment to the plans that wait for it."""
        for running in self._waiting.pop(name):
            running.receive(name, answer)
            self._advance(running)

    def _report(self) -> None:
        if self._progress is not None:
            self._progress(self._done, len(self._waiting))


@contextmanager
def _terminable() -> Iterator[None]:
    """Treat SIGTERM as Ctrl-C, so that a cluster is closed and no transaction is left half done.

    A program that handles the signal itself keeps its handler.
    """
    in_main = threading.current_thread() is threading.main_thread()  # only the main thread may set signal handlers
    if not in_main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def stop(signum: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
