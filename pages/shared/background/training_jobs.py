"""Background trainings: they outlive a page switch and a reload, and end when they are cancelled or nobody is there."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace

import streamlit as st
import torch
from torch_geometric.data import Data

from pages.shared.core import queries
from pages.shared.core.gpu_lock import guarded
from pages.shared.runs.record import Model, Outcome, Record
from pages.shared.runs.registry import (
    Run,
    RunStore,
    any_active,
    run_file,
    run_link,
    session_id,
    session_runs,
    store_for,
)
from pages.shared.runs.scheduler import Job, Scheduler
from pages.shared.state.settings import Settings
from pages.shared.state.snapshot import Snapshot
from torque_core import TorqueError, TrainSpec
from torque_core.diagnostics import calibration, confusion
from torque_core.experiments import train_by
from torque_core.training import Epoch, Event, Finished, Refresh
from torque_core.utils.device import pick_device

__all__ = ["scheduler", "start"]


@st.cache_resource(show_spinner=False)
def scheduler() -> Scheduler:
    """The places of this server."""
    return Scheduler()


def start(settings: Settings, spec: TrainSpec, methods: Sequence[str], *, name: str) -> Run:
    """Train a model by each method on the noisy graph, in turns, epoch by epoch.

    Raises:
        TorqueError: Too many trainings are under way.
    """
    graph = queries.noisy(settings.dataset, settings.noise).data  # here: the worker has no session
    title = queries.dataset(settings.dataset).info.title
    record = Record(secrets.token_hex(8), name, title, run_link(), spec, {method: Model() for method in methods})
    run, place = Run(record, settings, viewers={session_id()}), store_for(settings)
    for other in session_runs():  # a page that was loaded anew is another session, and no way around the limit
        if other.job is not None and not any_active([other.job.owner]):
            scheduler().adopt(other.job, session_id())
    run.job = scheduler().submit(
        session_id(),
        lambda job: _train(run, job, graph, place),
        device=pick_device(settings.device).type,
        is_watched=run.is_watched,
    )
    place.add_run(run)
    return run


def _train(run: Run, job: Job, graph: Data, place: RunStore) -> None:
    """The work: no drawing here, it has no page."""
    try:
        for method, event in _events(run, job, graph):
            _note(run, method, event, graph, place)
    except torch.OutOfMemoryError as error:
        raise TorqueError("The graph does not fit into the GPU's memory; choose the device cpu") from error
    if not run.private:
        run.record.seconds = job.seconds
        run_file.save(run.record)


def _events(run: Run, job: Job, graph: Data) -> Iterator[tuple[str, Event]]:
    """What happens to all models, each having an epoch in turn."""
    streams: dict[str, Iterator[Event]] = {}
    for method in run.models:
        job.checkpoint()  # a peer rewires before it yields
        streams[method] = train_by(
            method, graph, run.record.spec, run.settings.rewire, device=run.settings.device, watch_test=True
        )
    while streams:
        for method, stream in list(streams.items()):
            job.checkpoint()
            with guarded(run.settings.device):
                event = next(stream)
            yield method, event
            if isinstance(event, Finished):
                del streams[method]


def _note(run: Run, method: str, event: Event, graph: Data, place: RunStore) -> None:
    model = run.models[method]
    if isinstance(event, Refresh):
        place.add_rewiring(Snapshot(run.id, method, event.epoch), event.rewiring.to("cpu"))
        model.refreshes.append(event.epoch)
    elif isinstance(event, Epoch):
        model.epochs.append(event)
    else:
        run.probabilities[method] = event.probabilities
        model.outcome = _outcome(event, graph)


def _outcome(end: Finished, graph: Data) -> Outcome:
    layers = () if end.rewiring is None else end.rewiring.layers
    changes = tuple((int(layer.pruned_mask.sum()), layer.added.size(1)) for layer in layers)
    outcome = Outcome(end.best_epoch, end.validation, end.test, changes, None, None)
    mask = graph.get("test_mask")
    if mask is None or not bool(mask.any()):
        return outcome
    y, found = graph["y"][mask], end.probabilities[mask.cpu()]
    return replace(
        outcome, confusion=confusion(found.argmax(dim=1), y, found.size(1)), calibration=calibration(found, y)
    )
