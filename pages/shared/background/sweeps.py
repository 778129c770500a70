"""Sweeps in the background for the page Robustness: several experiments in sequence, which can be cancelled."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from pages.shared.background.local_results import run_and_store
from pages.shared.background.training_jobs import scheduler
from pages.shared.runs.registry import any_active
from pages.shared.runs.scheduler import Job
from pages.shared.state.owner import owner_id, session_id
from torque_core import TorqueError
from torque_core.experiments import Training
from torque_core.experiments.kinds.detection import Detection
from torque_core.experiments.robustness import Disturbed
from torque_core.utils.device import pick_device

__all__ = ["Sweep", "find", "start"]

_MAX_SWEEPS = 64


@dataclass
class Sweep:
    """Experiments on one graph. The background job writes to it; pages only read.

    Attributes:
        id: Id in links.
        disturbed: The graph and its noise.
        wanted: The experiments, with the labels of their lines.
        job: The background job.
        done: Number of finished experiments.
        problems: Reasons why experiments could not be run, without repeats.
        viewers: Ids of the sessions that have shown the sweep.
    """

    id: str
    disturbed: Disturbed
    wanted: Sequence[tuple[str, Training | Detection]]
    job: Job = field(init=False)
    done: int = 0
    problems: list[str] = field(default_factory=list)
    viewers: set[str] = field(default_factory=set)

    @property
    def owned(self) -> bool:
        """Whether the sweep was started by this browser, which may cancel it."""
        return self.job.owner == owner_id()

    @property
    def seconds_left(self) -> float | None:
        """Estimated seconds that remain; None before the first experiment is done."""
        return self.job.seconds * (len(self.wanted) - self.done) / self.done if self.done else None


@st.cache_resource(show_spinner=False)
def _sweeps() -> dict[str, Sweep]:
    return {}


def start(disturbed: Disturbed, wanted: Sequence[tuple[str, Training | Detection]]) -> Sweep:
    """Run experiments in the background; each result is stored as soon as it is available.

    Raises:
        TorqueError: If too many jobs are active.
    """
    sweep = Sweep(secrets.token_hex(8), disturbed, tuple(wanted), viewers={session_id()})
    sweep.job = scheduler().submit(
        owner_id(),
        lambda job: _work(sweep, job),
        device=pick_device().type,
        is_watched=lambda: any_active(sweep.viewers),
    )
    sweeps = _sweeps()
    ended = [old_id for old_id, old in list(sweeps.items()) if not old.job.active]
    for old_id in ended[: max(0, len(sweeps) - _MAX_SWEEPS + 1)]:
        sweeps.pop(old_id, None)
    sweeps[sweep.id] = sweep
    return sweep


def find(sweep_id: str) -> Sweep | None:
    """Find a sweep by its id and note that this session watches it; None if there is none."""
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
