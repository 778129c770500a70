"""Verdicts in the background: the trainings of one graph, which can be paused, cancelled and continued."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field

import streamlit as st
from torch_geometric.data import Data

from pages.shared.background.training_jobs import scheduler
from pages.shared.runs.registry import any_active
from pages.shared.runs.scheduler import Job
from pages.shared.state.owner import owner_id, session_id
from torque_core import DatasetSpec, TorqueError
from torque_core.datasets.files import data_root
from torque_core.datasets.info import USER_GRAPH
from torque_core.experiments.verdict import Verdict, VerdictRun, VerdictSpec, VerdictStore, VerdictTask, run_task

__all__ = ["VerdictJob", "find", "restore", "start"]

_MAX_VERDICTS = 16

_Key = tuple[DatasetSpec, VerdictSpec]


@dataclass
class VerdictJob:
    """A verdict and the job that runs its trainings. The job writes to it; pages only read.

    Attributes:
        spec: Settings.
        splits: The clean graph with a split for each seed.
        runs: Results so far, by task.
        job: The background job; the last one if it was continued.
        problems: Reason why a method could not be run, by method.
        viewers: Ids of the sessions that have shown it.
        store: The finished trainings on disk.
    """

    spec: VerdictSpec
    splits: tuple[Data, ...]
    runs: dict[VerdictTask, VerdictRun] = field(default_factory=dict)
    job: Job | None = None
    problems: dict[str, str] = field(default_factory=dict)
    viewers: set[str] = field(default_factory=set)
    done_by_job: int = 0
    store: VerdictStore | None = None

    @property
    def active(self) -> bool:
        """Whether the job is waiting, running or paused."""
        return self.job is not None and self.job.active

    @property
    def owned(self) -> bool:
        """Whether the job was started by this browser, which may pause and cancel it."""
        return self.job is not None and self.job.owner == owner_id()

    @property
    def tasks(self) -> list[VerdictTask]:
        """All trainings but those of methods that this graph does not support."""
        return [task for task in self.spec.tasks() if task.method not in self.problems]

    @property
    def done(self) -> int:
        """Number of finished trainings."""
        return sum(task in self.runs for task in self.tasks)

    @property
    def seconds_left(self) -> float | None:
        """Estimated seconds that remain; None before the first training of the job has finished."""
        if self.job is None or not self.done_by_job:
            return None
        return self.job.seconds * (len(self.tasks) - self.done) / self.done_by_job

    @property
    def verdict(self) -> Verdict:
        """The results so far."""
        return Verdict(self.spec, self.splits, dict(self.runs))


@st.cache_resource(show_spinner=False)
def _server_verdicts() -> dict[_Key, VerdictJob]:
    return {}


def _verdicts(dataset: DatasetSpec) -> dict[_Key, VerdictJob]:
    """Return the verdicts of this server, or for an uploaded graph those of the session."""
    if dataset.name != USER_GRAPH:
        return _server_verdicts()
    own: dict[_Key, VerdictJob] = st.session_state.setdefault("own_verdicts", {})
    return own


def find(dataset: DatasetSpec, spec: VerdictSpec) -> VerdictJob | None:
    """Find the verdict on a graph, finished or not, and note that this session watches it."""
    found = _verdicts(dataset).get((dataset, spec))
    if found is not None:
        found.viewers.add(session_id())
        if found.job is not None:
            found.job.watch()
    return found


def restore(dataset: DatasetSpec, spec: VerdictSpec, load_splits: Callable[[], tuple[Data, ...]]) -> VerdictJob | None:
    """Return a verdict whose trainings are stored on disk, if the server was restarted since they ran.

    Args:
        dataset: The data set with its first split.
        spec: Settings.
        load_splits: Loads the clean graph with a split for each seed; called only if there are stored trainings.
    """
    store = VerdictStore(data_root() / "verdicts", dataset, spec)
    if not store.folder.is_dir():
        return None
    splits = load_splits()
    runs = store.load(splits)
    if not runs:
        return None
    return _verdicts(dataset).setdefault((dataset, spec), VerdictJob(spec, splits, runs, store=store))


def start(dataset: DatasetSpec, spec: VerdictSpec, splits: tuple[Data, ...]) -> VerdictJob:
    """Start a verdict on the CPU, where its script gives the same numbers, or continue one that was cancelled.

    Raises:
        TorqueError: If too many jobs are active.
    """
    verdicts = _verdicts(dataset)
    store = VerdictStore(data_root() / "verdicts", dataset, spec)
    found = verdicts.setdefault((dataset, spec), VerdictJob(spec, splits, store=store))
    if found.active:
        return found
    found.viewers.add(session_id())
    found.done_by_job = 0
    found.job = scheduler().submit(
        owner_id(),
        lambda job: _work(found, job),
        is_watched=lambda: any_active(found.viewers),
    )
    ended = [key for key, old in list(verdicts.items()) if not old.active and old is not found]
    for key in ended[: max(0, len(verdicts) - _MAX_VERDICTS)]:
        verdicts.pop(key, None)
    return found


def _work(found: VerdictJob, job: Job) -> None:
    for task in found.spec.tasks():
        job.checkpoint()
        if task in found.runs or task.method in found.problems:
            continue
        try:
            found.runs[task] = run = run_task(found.splits[task.seed], task, found.spec, watch=job.checkpoint)
            if found.store is not None:
                with contextlib.suppress(OSError):  # a full disk costs the continuation, not the verdict
                    found.store.save(task, run)
        except TorqueError as error:
            if task.method in ("plain", "torque"):
                raise  # without them there is no verdict
            found.problems[task.method] = str(error)
        found.done_by_job += 1
