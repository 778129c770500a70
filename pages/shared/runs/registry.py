"""Registry of the trainings of this server, active and finished, and of the graphs that they were rewired to."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import streamlit as st
from torch import Tensor

from pages.shared.runs import run_file
from pages.shared.runs.record import Model, Record
from pages.shared.runs.scheduler import Job
from pages.shared.state.declarations import GRAPH_KEYS, TRAINING_KEYS, default_state
from pages.shared.state.link import read_link, write_link
from pages.shared.state.owner import owner_id, session_id
from pages.shared.state.settings import Settings, build_settings
from pages.shared.state.snapshot import Snapshot
from torque_core import Rewiring
from torque_core.datasets.info import USER_GRAPH
from torque_core.io.rewiring_file import rewiring_nbytes

__all__ = [
    "Run",
    "RunStore",
    "any_active",
    "find",
    "last_finished_run",
    "rename",
    "rewiring_at",
    "run_link",
    "save_interrupted",
    "session_runs",
    "store_for",
]

_MAX_RUNS = 64
_MAX_BYTES = 256_000_000  # of all rewirings


@dataclass
class Run:
    """A training of one or more models and seeds on one graph. The background job writes to it; pages only read.

    Attributes:
        record: The part that is stored in a file.
        settings: The graph and its rewiring.
        job: The background job; None for a run read from a file.
        probabilities: Class probabilities by model of the first seed, :math:`(|\\mathcal{V}|, C)`; empty for a run
            read from a file.
        viewers: Ids of the sessions that have shown the run.
    """

    record: Record
    settings: Settings
    job: Job | None = None
    probabilities: dict[str, Tensor] = field(default_factory=dict)
    viewers: set[str] = field(default_factory=set)

    @property
    def id(self) -> str:
        """Id of the run in links."""
        return self.record.id

    @property
    def models(self) -> dict[str, Model]:
        """Models of the first seed by the name of the method."""
        return self.record.models

    @property
    def state(self) -> str:
        """State of the job, see :class:`~pages.shared.runs.scheduler.Job`; a run of a file is done or interrupted."""
        if self.job is not None:
            return self.job.state
        return "done" if all(model.outcome for model in self._all_models) else "interrupted"

    @property
    def active(self) -> bool:
        """Whether the job is waiting, running or paused."""
        return self.job is not None and self.job.active

    @property
    def seconds(self) -> float:
        """Seconds of training so far, without pauses; once stored, as they were stored, so that all sessions agree."""
        return self.job.seconds if self.job is not None and not self.record.seconds else self.record.seconds

    @property
    def progress(self) -> float:
        """Fraction of the epochs of all models and seeds that are done, in [0, 1]."""
        epochs = self.record.spec.epochs
        done = sum(epochs if model.outcome else len(model.epochs) for model in self._all_models)
        return done / (epochs * len(self._all_models))

    @property
    def seconds_left(self) -> float | None:
        """Estimated seconds that remain; None before the first epochs."""
        return self.seconds * (1 - self.progress) / self.progress if self.progress > 0.01 else None

    @property
    def _all_models(self) -> list[Model]:
        """Models of all methods and seeds."""
        return [model for models in self.record.seeds.values() for model in models.values()]

    @property
    def private(self) -> bool:
        """Whether the graph is an uploaded one, whose runs are kept in its session only."""
        return self.settings.dataset.name == USER_GRAPH

    @property
    def owned(self) -> bool:
        """Whether the run was started by this browser, which may pause, cancel and rename it."""
        return bool(self.record.owner) and self.record.owner == owner_id()

    def is_watched(self) -> bool:
        """Return True if a session that has shown the run is still connected."""
        return any_active(self.viewers)


@dataclass
class RunStore:
    """Bounded store of runs by id and rewirings by snapshot; the oldest are dropped first, active runs never."""

    runs: dict[str, Run] = field(default_factory=dict)
    rewirings: dict[Snapshot, Rewiring] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add_run(self, run: Run) -> None:
        """Add a run."""
        with self.lock:
            ended = [run_id for run_id, old in self.runs.items() if not old.active]
            for run_id in ended[: max(0, len(self.runs) - _MAX_RUNS + 1)]:
                del self.runs[run_id]
            self.runs[run.id] = run

    def add_rewiring(self, snapshot: Snapshot, rewiring: Rewiring) -> None:
        """Add the rewiring of a snapshot."""
        with self.lock:
            self.rewirings[snapshot] = rewiring
            total = sum(map(rewiring_nbytes, self.rewirings.values()))
            for old in list(self.rewirings)[:-1]:
                if total <= _MAX_BYTES:
                    break
                total -= rewiring_nbytes(self.rewirings.pop(old))


@st.cache_resource(show_spinner=False)
def _server_store() -> RunStore:
    return RunStore()


def store_for(settings: Settings) -> RunStore:
    """Return the store for runs of a graph: that of the session for an uploaded graph, else that of the server."""
    if settings.dataset.name != USER_GRAPH:
        return _server_store()
    if "own_runs" not in st.session_state:
        st.session_state.own_runs = RunStore()
    return st.session_state.own_runs


def run_link() -> dict[str, str]:
    """Return the link's parameters for the graph and the training of this session."""
    return {key: text for key, text in write_link(st.session_state).items() if key in (*GRAPH_KEYS, *TRAINING_KEYS)}


def any_active(sessions: Iterable[str]) -> bool:
    """Return True if one of these sessions is still connected."""
    return st.runtime.exists() and any(map(st.runtime.get_instance().is_active_session, tuple(sessions)))


def find(run_id: str) -> Run | None:
    """Find a run by its id and note that this session watches it; None if there is none."""
    for store in _stores():
        if run := store.runs.get(run_id):
            run.viewers.add(session_id())
            if run.job is not None:
                run.job.watch()
            return run
    record = run_file.load(run_id)
    if record is None:
        return None
    state = default_state() | read_link(record.link)[0]
    run = Run(record, build_settings(state))
    _server_store().add_run(run)
    return run


def session_runs() -> list[Run]:
    """Return the runs of this session, the oldest first."""
    return [run for run_id in st.session_state.job if (run := find(run_id)) is not None]


def last_finished_run(settings: Settings) -> Run | None:
    """Return the session's last run on this graph in which the plain model and torque have finished, or None."""
    for run in reversed(session_runs()):
        same_graph = (run.settings.dataset, run.settings.noise) == (settings.dataset, settings.noise)
        if same_graph and all(name in run.models and run.models[name].outcome for name in ("plain", "torque")):
            return run
    return None


def rewiring_at(snapshot: Snapshot) -> Rewiring | None:
    """Return the rewiring of a snapshot; None if it is no longer stored."""
    return next((store.rewirings[snapshot] for store in _stores() if snapshot in store.rewirings), None)


def save_interrupted() -> None:
    """Store the curves so far of all interrupted runs; those on uploaded graphs are not stored."""
    for run in list(_server_store().runs.values()):
        if run.job is not None and run.state == "interrupted":
            run.record.seconds = run.seconds
            run_file.save(run.record)


def rename(run: Run, name: str) -> None:
    """Rename a run of this browser; the run of another keeps its name."""
    if not run.owned:
        return
    run.record.name = name
    if run.state in ("done", "interrupted") and not run.private:
        run_file.save(run.record)


def _stores() -> Iterator[RunStore]:
    if "own_runs" in st.session_state:
        yield st.session_state.own_runs
    yield _server_store()
