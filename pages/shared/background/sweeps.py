"""Runs in the background for the page Robustness: several experiments, one after another, that can be cancelled."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from pages.shared.background.local_results import run_and_store
from pages.shared.background.training_jobs import scheduler
from pages.shared.runs.registry import any_active, session_id
from pages.shared.runs.scheduler import Job
from torque_core import TorqueError
from torque_core.experiments import Training
from torque_core.experiments.kinds.detection import Detection
from torque_core.experiments.robustness import Disturbed
from torque_core.utils.device import pick_device

__all__ = ["Sweep", "find", "start"]

_KEPT = 64


@dataclass
class Sweep:
    """Experiments on one graph, by the labels of their lines. The worker writes, pages read."""

    id: str
    disturbed: Disturbed
    wanted: Sequence[tuple[str, Training | Detection]]
    job: Job = field(init=False)
    done: int = 0
    problems: list[str] = field(default_factory=list)
    """Why some could not be run, each reason once."""
    viewers: set[str] = field(default_factory=set)

    @property
    def seconds_left(self) -> float | None:
        """By the pace so far; None before the first is done."""
        return self.job.seconds * (len(self.wanted) - self.done) / self.done if self.done else None


@st.cache_resource(show_spinner=False)
def _sweeps() -> dict[str, Sweep]:
    return {}


def start(disturbed: Disturbed, wanted: Sequence[tuple[str, Training | Detection]]) -> Sweep:
    """Run them in the background; what each finds is kept as it comes.

    Raises:
        TorqueError: Too much is under way.
    """
    sweep = Sweep(secrets.token_hex(8), disturbed, tuple(wanted), viewers={session_id()})
    sweep.job = scheduler().submit(
        session_id(),
        lambda job: _work(sweep, job),
        device=pick_device().type,
        is_watched=lambda: any_active(sweep.viewers),
    )
    kept = _sweeps()
    for old in [name for name, old in list(kept.items()) if not old.job.active][: max(0, len(kept) - _KEPT + 1)]:
        kept.pop(old, None)
    kept[sweep.id] = sweep
    return sweep


def find(sweep_id: str) -> Sweep | None:
    """The one of that id, and a sign to its worker that somebody watches; None if there is none."""
    sweep = _sweeps().get(sweep_id)
    if sweep is not None:
        sweep.viewers.add(session_id())
        sweep.job.watch()
    return sweep


def _work(sweep: Sweep, job: Job) -> None:
    for label, experiment in sweep.wanted:
        job.checkpoint()
        try:
            run_and_store(label, experiment, job.checkpoint)
        except TorqueError as error:
            if str(error) not in sweep.problems:
                sweep.problems.append(str(error))
        sweep.done += 1
