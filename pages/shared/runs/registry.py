"""The trainings of this server: those under way, those that ended, and the graphs that they had on the way."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from torch import Tensor

from pages.shared.runs import run_file
from pages.shared.runs.run_file import Model, Record
from pages.shared.runs.scheduler import Job
from pages.shared.state.declarations import GRAPH_KEYS, TRAINING_KEYS, default_state
from pages.shared.state.link import read_link, write_link
from pages.shared.state.settings import Settings, build_settings
from pages.shared.state.snapshot import Snapshot
from torque_core import Rewiring
from torque_core.datasets.info import YOURS
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
    "session_id",
    "session_runs",
    "store_for",
]

_MOST_RUNS = 64
_MOST_BYTES = 256_000_000  # of the graphs of all of them


@dataclass
class Run:
    """A training of one or more models on one graph. The worker writes, pages read.

    Attributes:
        record: What a file keeps of it.
        settings: Its graph, and how that is rewired.
        job: The work; None if it comes from a file.
        probabilities: Of the classes by model, :math:`(|\\mathcal{V}|, C)`; a run from a file has none.
        viewers: The sessions that have looked at it.
    """

    record: Record
    settings: Settings
    job: Job | None = None
    probabilities: dict[str, Tensor] = field(default_factory=dict)
    viewers: set[str] = field(default_factory=set)

    @property
    def id(self) -> str:
        """In links."""
        return self.record.id

    @property
    def models(self) -> dict[str, Model]:
        """By the name of the method."""
        return self.record.models

    @property
    def state(self) -> str:
        """As that of :class:`~pages.shared.runs.scheduler.Job`; what comes from a file is done."""
        return "done" if self.job is None else self.job.state

    @property
    def active(self) -> bool:
        """Whether it is under way."""
        return self.job is not None and self.job.active

    @property
    def seconds(self) -> float:
        """How long it took so far, without pauses."""
        return self.record.seconds if self.job is None else self.job.seconds

    @property
    def progress(self) -> float:
        """Share of the epochs of all models that are done, in [0, 1]."""
        epochs = self.record.spec.epochs
        done = sum(epochs if model.outcome else len(model.epochs) for model in self.models.values())
        return done / (epochs * len(self.models))

    @property
    def seconds_left(self) -> float | None:
        """How long it will take yet, by the pace so far; None before the first epochs."""
        return self.seconds * (1 - self.progress) / self.progress if self.progress > 0.01 else None

    @property
    def private(self) -> bool:
        """Whether it is of a person's own graph, which stays in their session."""
        return self.settings.dataset.name == YOURS

    def is_watched(self) -> bool:
        """Whether a session that has looked at it is still there."""
        return any_active(self.viewers)


@dataclass
class RunStore:
    """Runs by id, and graphs by moment, the oldest first; those go for which there is no room."""

    runs: dict[str, Run] = field(default_factory=dict)
    graphs: dict[Snapshot, Rewiring] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add_run(self, run: Run) -> None:
        """Keep a run."""
        with self.lock:
            ended = [name for name, old in self.runs.items() if not old.active]
            for name in ended[: max(0, len(self.runs) - _MOST_RUNS + 1)]:
                del self.runs[name]
            self.runs[run.id] = run

    def add_rewiring(self, moment: Snapshot, rewiring: Rewiring) -> None:
        """Keep the graphs of a moment."""
        with self.lock:
            self.graphs[moment] = rewiring
            total = sum(map(rewiring_nbytes, self.graphs.values()))
            for old in list(self.graphs)[:-1]:
                if total <= _MOST_BYTES:
                    break
                total -= rewiring_nbytes(self.graphs.pop(old))


@st.cache_resource(show_spinner=False)
def _of_all() -> RunStore:
    return RunStore()


def store_for(settings: Settings) -> RunStore:
    """Where runs of a graph are kept: of a person's own graph, in their session."""
    if settings.dataset.name != YOURS:
        return _of_all()
    if "own_runs" not in st.session_state:
        st.session_state.own_runs = RunStore()
    return st.session_state.own_runs


def session_id() -> str:
    """The id of this session: a page that is loaded anew is another one."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def run_link() -> dict[str, str]:
    """What is set of the graph and of the training, as a link has it."""
    return {key: said for key, said in write_link(st.session_state).items() if key in (*GRAPH_KEYS, *TRAINING_KEYS)}


def any_active(sessions: Iterable[str]) -> bool:
    """Whether one of these sessions is still there."""
    return st.runtime.exists() and any(map(st.runtime.get_instance().is_active_session, tuple(sessions)))


def find(run_id: str) -> Run | None:
    """The run of that id, and a sign to its worker that somebody watches; None if there is none."""
    for place in _shelves():
        if run := place.runs.get(run_id):
            run.viewers.add(session_id())
            if run.job is not None:
                run.job.watch()
            return run
    record = run_file.load(run_id)
    if record is None:
        return None
    state = default_state() | read_link(record.link)[0]
    run = Run(record, build_settings(state))
    _of_all().add_run(run)
    return run


def session_runs() -> list[Run]:
    """The runs that this session has, the oldest first."""
    return [run for run_id in st.session_state.job if (run := find(run_id)) is not None]


def last_finished_run(settings: Settings) -> Run | None:
    """The session's last run on the graph that is set in which the plain model and torque have ended."""
    for run in reversed(session_runs()):
        here = (run.settings.dataset, run.settings.noise) == (settings.dataset, settings.noise)
        if here and all(name in run.models and run.models[name].outcome for name in ("plain", "torque")):
            return run
    return None


def rewiring_at(moment: Snapshot) -> Rewiring | None:
    """What the graphs were at that moment; None if they are not kept any more."""
    return next((place.graphs[moment] for place in _shelves() if moment in place.graphs), None)


def rename(run: Run, name: str) -> None:
    """Call it so from now on."""
    run.record.name = name
    if run.state == "done" and not run.private:
        run_file.save(run.record)


def _shelves() -> Iterator[RunStore]:
    if "own_runs" in st.session_state:
        yield st.session_state.own_runs
    yield _of_all()
