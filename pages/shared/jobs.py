"""Background trainings: they outlive a page switch and a reload, can be cancelled, and end when nobody watches."""

import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import streamlit as st
from torch_geometric.data import Data

from pages.shared import door
from pages.shared.settings import Settings
from torque_core import RewireSpec, TorqueError, TrainSpec, train
from torque_core.train import Epoch, Event, Finished, Refresh

__all__ = ["MODELS", "Job", "find", "start"]

MODELS = ("GCN", "TorqueGNN")
"""Trained in turns, epoch by epoch: the plain backbone, and the same with torque rewiring."""

_RUNNING_AT_ONCE = 2
_KEPT = 32
_ABANDONED_AFTER = 90.0  # seconds without anybody asking for the job


@dataclass
class Job:
    """One training of both models on one graph. The worker writes, pages read."""

    id: str
    settings: Settings
    spec: TrainSpec
    cancel: threading.Event = field(default_factory=threading.Event)
    epochs: dict[str, list[Epoch]] = field(default_factory=lambda: {name: [] for name in MODELS})
    refreshes: list[int] = field(default_factory=list)
    """Epochs at which the graph was rewired."""
    finished: dict[str, Finished] = field(default_factory=dict)
    """How each model ended, without its graphs: on a large graph they would fill the memory."""
    changes: list[tuple[int, int]] = field(default_factory=list)
    """Edges pruned and links added in each layer of the graphs that the best weights saw."""
    state: str = "waiting"
    """waiting, running, done, cancelled or failed."""
    error: str = ""
    began: float | None = None
    ended: float | None = None
    seen: float = field(default_factory=time.monotonic)

    @property
    def active(self) -> bool:
        """Whether it waits or runs."""
        return self.state in ("waiting", "running")

    @property
    def progress(self) -> float:
        """Share of the epochs of both models that are done, in [0, 1]."""
        return sum(len(events) for events in self.epochs.values()) / (len(MODELS) * self.spec.epochs)

    @property
    def seconds(self) -> float:
        """How long it has run."""
        return 0.0 if self.began is None else (self.ended or time.monotonic()) - self.began

    @property
    def seconds_left(self) -> float | None:
        """How long it will take yet, by the pace so far; None before the first epochs."""
        return self.seconds * (1 - self.progress) / self.progress if self.progress > 0.01 else None


@dataclass
class _Desk:
    """All jobs of this server."""

    jobs: dict[str, Job] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)
    places: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(_RUNNING_AT_ONCE))


@st.cache_resource(show_spinner=False)
def _desk() -> _Desk:
    return _Desk()


def find(job_id: str | None) -> Job | None:
    """The job of that id, and a sign to its worker that somebody watches; None if there is none."""
    job = _desk().jobs.get(job_id or "")
    if job is not None:
        job.seen = time.monotonic()
    return job


def start(settings: Settings, spec: TrainSpec) -> Job:
    """Train both models on the noisy graph in the background."""
    desk = _desk()
    job = Job(uuid.uuid4().hex, settings, spec)
    graph = door.noisy(settings.dataset, settings.noise).data  # here: the worker has no session
    with desk.lock:
        ended = [old.id for old in desk.jobs.values() if not old.active]
        for old in ended[: max(0, len(ended) - _KEPT + 1)]:
            del desk.jobs[old]
        desk.jobs[job.id] = job
    threading.Thread(target=_work, args=(job, graph, desk.places), daemon=True, name=f"training-{job.id[:8]}").start()
    return job


def _work(job: Job, graph: Data, places: threading.Semaphore) -> None:
    """The worker: no drawing here, it has no page."""
    while not places.acquire(timeout=0.5):
        if _must_stop(job):
            _end(job, "cancelled")
            return
    try:
        job.began = time.monotonic()
        job.state = "running"
        _train_in_turns(job, graph)
        _end(job, "cancelled" if _must_stop(job) and len(job.finished) < len(MODELS) else "done")
    except TorqueError as error:
        job.error = str(error)
        _end(job, "failed")
    except Exception as error:  # a page must be able to say that the training broke
        job.error = f"The training broke off: {type(error).__name__}: {error}"
        _end(job, "failed")
        raise
    finally:
        places.release()


def _train_in_turns(job: Job, data: Data) -> None:
    settings = job.settings
    running: dict[str, Iterator[Event]] = {}
    plans: dict[str, RewireSpec | None] = {"GCN": None, "TorqueGNN": settings.rewire}
    for name in MODELS:
        layers = settings.rewire.layers
        running[name] = train(data, job.spec, rewiring=plans[name], layers=layers, device=settings.device)
    while running:
        for name in list(running):
            if _must_stop(job):
                return
            event = next(running[name])
            if isinstance(event, Refresh):
                job.refreshes.append(event.epoch)
                event = next(running[name])
            if isinstance(event, Epoch):
                job.epochs[name].append(event)
            elif isinstance(event, Finished):
                if event.rewiring is not None:
                    job.changes = [(layer.pruned.size(1), layer.added.size(1)) for layer in event.rewiring.layers]
                job.finished[name] = replace(event, rewiring=None)
                del running[name]


def _must_stop(job: Job) -> bool:
    return job.cancel.is_set() or time.monotonic() - job.seen > _ABANDONED_AFTER


def _end(job: Job, state: str) -> None:
    job.ended = time.monotonic()
    job.state = state
