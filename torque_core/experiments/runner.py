"""Run a study: drive its plans, run what the store does not know yet, and keep what is found."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from types import FrameType

from torque_core.errors import BadConfig, TorqueError
from torque_core.experiments.executors import DaskPool, InProcess, Outcome, Pool
from torque_core.experiments.experiment import Experiment, Result, key
from torque_core.experiments.plans import ExperimentFailed, Plan, Step, Steps, Study
from torque_core.experiments.results.store import Role, Store

__all__ = ["Progress", "Summary", "run_study"]

Progress = Callable[[int, int], object]


@dataclass(frozen=True)
class Summary:
    """What became of a study.

    Attributes:
        done: Experiments that were run now, the failed among them.
        known: Experiments whose results were there already.
        failed: Label and message of each plan that could not be finished.
        unfinished: Plans that wait for experiments beyond the limit.
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
    """Run what a study wants and the store does not have, and keep each result as soon as it is there.

    Broken off at any time, by Ctrl-C, SIGTERM or worse, it goes on where it was when it is run again. An experiment
    that fails is kept as failed, the plan that wanted it ends there, all others go on; the next run tries it again.
    An experiment that several plans want is run once.

    Args:
        study: What is wanted.
        store: Where results are kept; this process alone writes it.
        scheduler: Address of a Dask scheduler to run on, such as ``tcp://10.0.0.1:8786``; see
            :class:`~torque_core.experiments.executors.DaskPool`.
        workers: Without a scheduler, so many processes on this machine; with 0 all runs in this process, plan by plan.
        limit: Run so many experiments at most.
        progress: Called with the number of experiments done and the number that are known to be left.

    Raises:
        BadConfig: Both a scheduler and workers are given, or the cluster is not to be had.
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
    with _terminable(), nullcontext(InProcess()) if in_process else DaskPool(scheduler, workers) as pool:
        return _Driver(study, store, pool, limit, progress).drive()


@dataclass(eq=False)
class _Running:
    """A plan under way: the step it is at, what it was told, and the keys of what it still waits for."""

    plan: Plan
    place: int
    steps: Steps
    step: Step | None = None
    keys: tuple[str, ...] = ()
    missing: set[str] = field(default_factory=set)
    answers: dict[str, Result] = field(default_factory=dict)
    failure: str | None = None

    def next_step(self) -> Step | None:
        """Answer the plan and ask what it wants next; None if that was all."""
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

    def told(self, name: str, answer: Result | str) -> None:
        """Take the result of an experiment, or the message of its failure."""
        self.missing.discard(name)
        if isinstance(answer, Result):
            self.answers[name] = answer
        else:
            self.failure = self.failure or answer


class _Driver:
    """Brings plans, store and pool together."""

    def __init__(self, study: Study, store: Store, pool: Pool, limit: int | None, progress: Progress | None) -> None:
        self._study, self._store, self._pool = study, store, pool
        self._limit, self._progress = limit, progress
        self._waiting: dict[str, list[_Running]] = {}  # by the key of what is being run: who wants it
        self._messages: dict[str, str] = {}  # of what failed, by key
        self._known: set[str] = set()
        self._members: set[tuple[str, Role, str]] = set()
        self._lost: dict[int, tuple[str, str]] = {}  # label and message, by the place of the plan
        self._submitted = self._done = self._ended = 0

    def drive(self) -> Summary:
        """Until nothing is left to be run."""
        for place, plan in enumerate(self._study.plans):
            self._advance(_Running(plan, place, plan.steps()))
        while self._waiting:
            self._report()
            self._take(*self._pool.wait())
        self._report()
        unfinished = len(self._study.plans) - self._ended
        if not unfinished and not self._lost:
            self._store.retain(self._study.name, self._members)
        return Summary(self._done, len(self._known), tuple(lost for _, lost in sorted(self._lost.items())), unfinished)

    def _advance(self, running: _Running) -> None:
        """Ask a plan for its next steps, as long as it has all that it waits for."""
        label = running.plan.label
        while not running.missing:
            try:
                step = running.next_step()
            except TorqueError as error:
                self._lost[running.place] = label, str(error)
                step = None
            if step is None:
                self._ended += 1
                return
            self._store.enrol(self._study.name, label, step.role, step.experiments)
            for name, experiment in zip(running.keys, step.experiments, strict=True):
                self._members.add((label, step.role, name))
                self._want(running, name, experiment)

    def _want(self, running: _Running, name: str, experiment: Experiment) -> None:
        if name in self._messages:
            running.told(name, self._messages[name])
        elif name in self._waiting:
            running.missing.add(name)
            self._waiting[name].append(running)
        elif (result := self._store.get(experiment)) is not None:
            self._known.add(name)
            running.told(name, result)
        else:
            running.missing.add(name)
            if self._limit is None or self._submitted < self._limit:
                self._submitted += 1
                self._waiting[name] = [running]
                self._pool.submit(experiment, running.place)

    def _take(self, experiment: Experiment, outcome: Outcome) -> None:
        """Keep what came of an experiment, and tell those who wait for it."""
        name, seconds, versions = key(experiment), outcome.seconds, outcome.versions
        self._done += 1
        if isinstance(outcome.answer, Result):
            self._store.put(experiment, outcome.answer, seconds=seconds, versions=versions)
        else:
            self._store.put_failure(experiment, outcome.answer, seconds=seconds, versions=versions)
            self._messages[name] = outcome.answer
        for running in self._waiting.pop(name):
            running.told(name, outcome.answer)
            self._advance(running)

    def _report(self) -> None:
        if self._progress is not None:
            self._progress(self._done, len(self._waiting))


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM as Ctrl-C, so that a cluster is closed and a transaction is whole or not there."""
    if threading.current_thread() is not threading.main_thread():  # only it may say what a signal does
        yield
        return

    def stop(signum: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
