"""Background trainings. They continue after a page switch or a reload, and end if cancelled or abandoned."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import replace

import streamlit as st
import torch
from torch_geometric.data import Data

from pages.shared.core import queries
from pages.shared.core.budget import check_budget, max_bytes
from pages.shared.core.gpu_lock import exclusive_gpu
from pages.shared.runs.record import Model, Outcome, Record
from pages.shared.runs.registry import (
    Run,
    RunStore,
    run_file,
    run_link,
    store_for,
)
from pages.shared.runs.scheduler import Job, Scheduler
from pages.shared.state.owner import owner_id, session_id
from pages.shared.state.settings import Settings
from pages.shared.state.snapshot import Snapshot
from torque_core import TorqueError, TrainSpec
from torque_core.diagnostics import calibration, confusion
from torque_core.experiments import train_by
from torque_core.training import Epoch, Event, Finished, Refresh
from torque_core.utils.device import pick_device

__all__ = ["scheduler", "start"]

_PER_UNIT = 40  # bytes per node and hidden unit: activations of a few layers and their gradients


@st.cache_resource(show_spinner=False)
def scheduler() -> Scheduler:
    """Return the scheduler of this server."""
    return Scheduler()


def start(settings: Settings, spec: TrainSpec, methods: Sequence[str], *, name: str, seeds: int = 1) -> Run:
    """Train one model per method and seed on the noisy graph in the background.

    The models of a seed are trained side by side, alternating after each epoch; one seed follows the other. The seeds
    differ in the initial parameters, the dropout masks and the null-model pairs, not in the graph and its split.

    Args:
        settings: The graph and its rewiring.
        spec: How to train.
        methods: Names of the methods.
        name: Name of the run.
        seeds: Number of seeds, the first of which is that of ``spec``.

    Raises:
        TorqueError: If too many trainings are active, or the training exceeds the memory of a view.
    """
    size = check_budget(settings.dataset, settings.noise, settings.rewire)
    graph = queries.noisy(settings.dataset, settings.noise).data  # in this thread, as the job has no session
    size += len(methods) * len(graph["x"]) * spec.hidden * _PER_UNIT
    if size > max_bytes():
        raise TorqueError(
            f"This training needs about {size / 1e9:.1f} GB, more than the limit of {max_bytes() / 1e9:.1f} GB. Choose "
            f"fewer models than {len(methods)}, fewer hidden units than {spec.hidden} or a smaller graph."
        )
    title = queries.dataset(settings.dataset).info.title
    models, *repeats = ({method: Model() for method in methods} for _ in range(seeds))
    record = Record(secrets.token_hex(8), name, title, run_link(), spec, models, owner=owner_id(), repeats=repeats)
    run, store = Run(record, settings, viewers={session_id()}), store_for(settings)
    run.job = scheduler().submit(
        record.owner,
        lambda job: _train(run, job, graph, store),
        device=pick_device(settings.device).type,
        is_watched=run.is_watched,
        nbytes=size,
    )
    store.add_run(run)
    return run


def _train(run: Run, job: Job, graph: Data, store: RunStore) -> None:
    """Do the work of the job. It runs in a thread without a page, so it must not draw."""
    try:
        for seed in run.record.seeds:
            for method, event in _events(run, job, graph, seed):
                _record_event(run, seed, method, event, graph, store)
    except torch.OutOfMemoryError as error:
        raise TorqueError("The graph exceeds the memory of the GPU; choose the device cpu") from error
    if not run.private:
        run.record.seconds = job.seconds
        run_file.save(run.record)


def _events(run: Run, job: Job, graph: Data, seed: int) -> Iterator[tuple[str, Event]]:
    """Yield the events of all models of a seed, one epoch of each model in turn."""
    streams: dict[str, Iterator[Event]] = {}
    spec = replace(run.record.spec, seed=seed)
    rewire = replace(run.settings.rewire, seed=run.settings.rewire.seed + seed - run.record.spec.seed)
    for method in run.models:
        job.checkpoint()  # some methods rewire before their first event
        streams[method] = train_by(method, graph, spec, rewire, device=run.settings.device, watch_test=True)
    while streams:
        for method, stream in list(streams.items()):
            job.checkpoint()
            with exclusive_gpu(run.settings.device):
                event = next(stream)
            yield method, event
            if isinstance(event, Finished):
                del streams[method]


def _record_event(run: Run, seed: int, method: str, event: Event, graph: Data, store: RunStore) -> None:
    model, is_first = run.record.seeds[seed][method], seed == run.record.spec.seed
    if isinstance(event, Refresh):
        if is_first:  # snapshots and probabilities of further seeds are not shown
            store.add_rewiring(Snapshot(run.id, method, event.epoch), event.rewiring.to("cpu"))
        model.refreshes.append(event.epoch)
    elif isinstance(event, Epoch):
        model.epochs.append(event)
    else:
        if is_first:
            run.probabilities[method] = event.probabilities
        model.outcome = _outcome(event, graph)


def _outcome(end: Finished, graph: Data) -> Outcome:
    layers = () if end.rewiring is None else end.rewiring.layers
    changes = tuple((int(layer.pruned_mask.sum()), layer.added.size(1)) for layer in layers)
    outcome = Outcome(end.best_epoch, end.validation, end.test, changes, None, None, end.gates)
    mask = graph.get("test_mask")
    if mask is None or not bool(mask.any()):
        return outcome
    y, probabilities = graph["y"][mask], end.probabilities[mask.cpu()]
    return replace(
        outcome,
        confusion=confusion(probabilities.argmax(dim=1), y, probabilities.size(1)),
        calibration=calibration(probabilities, y),
    )
