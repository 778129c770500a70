"""The store of trainings: bounded; the oldest are dropped first, and active ones never."""

import pytest

from pages.shared.runs import registry
from pages.shared.runs.record import Model, Outcome, Record
from pages.shared.runs.registry import Run, RunStore
from pages.shared.runs.scheduler import Job, Scheduler
from pages.shared.state.declarations import default_state
from pages.shared.state.settings import build_settings
from pages.shared.state.snapshot import Snapshot
from torque_core import RewireSpec, TrainSpec, load, rewire
from torque_core.io.rewiring_file import rewiring_nbytes
from torque_core.training import Epoch

SETTINGS = build_settings(default_state())


def run(number: int = 0, job: Job | None = None, epochs: int = 4, done: int = 0) -> Run:
    model = Model([Epoch(at + 1, 1.0, 0.5, 0.5) for at in range(done)])
    return Run(Record(f"{number:016x}", "Run", "Graph", {}, TrainSpec(epochs=epochs), {"plain": model}), SETTINGS, job)


def test_finished_runs_are_dropped_and_active_ones_stay(monkeypatch):
    monkeypatch.setattr(registry, "_MAX_RUNS", 3)
    store = RunStore()
    active = run(0, Job("Ada", "cpu", Scheduler()))
    for one in (active, run(1), run(2), run(3), run(4)):
        store.add_run(one)
    assert store.runs[active.id] is active
    assert [one.id[-1] for one in store.runs.values()] == ["0", "3", "4"]


def test_the_oldest_rewirings_are_dropped_and_the_newest_stays(monkeypatch):
    graphs = rewire(load("karate").data, RewireSpec())
    monkeypatch.setattr(registry, "_MAX_BYTES", 2 * rewiring_nbytes(graphs))
    store = RunStore()
    for epoch in range(1, 5):
        store.add_rewiring(Snapshot("0" * 16, "torque", epoch), graphs)
    assert [snapshot.epoch for snapshot in store.rewirings] == [3, 4]
    monkeypatch.setattr(registry, "_MAX_BYTES", 1)
    store.add_rewiring(Snapshot("0" * 16, "torque", 5), graphs)
    assert [snapshot.epoch for snapshot in store.rewirings] == [5]


@pytest.mark.parametrize(("done", "fraction"), [(0, 0.0), (1, 0.25), (4, 1.0)])
def test_progress_is_the_fraction_of_epochs(done, fraction):
    assert run(done=done).progress == fraction


def test_progress_counts_all_seeds():
    one, other = run(done=4), run(done=2)
    one.record.repeats.append(other.models)
    assert one.progress == 0.75
    ended = Outcome(1, 0.5, 0.5, (), None, None)
    one.models["plain"].outcome = ended
    assert one.state == "interrupted"
    other.models["plain"].outcome = ended
    assert (one.state, one.progress) == ("done", 1.0)


def test_the_time_left_follows_from_the_pace_so_far():
    slow = run(done=1)
    slow.record.seconds = 10.0
    assert slow.seconds_left == 30.0
    assert run().seconds_left is None
    assert (slow.state, slow.active) == ("interrupted", False)
