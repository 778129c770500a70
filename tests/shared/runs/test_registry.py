"""The shelf of trainings: bounded, the oldest going first, and none that is under way."""

import pytest

from pages.shared.runs import registry
from pages.shared.runs.registry import Run, RunStore
from pages.shared.runs.run_file import Model, Record
from pages.shared.runs.scheduler import Job, Scheduler
from pages.shared.state.declarations import SETTINGS
from pages.shared.state.settings import build_settings
from pages.shared.state.snapshot import Snapshot
from torque_core import RewireSpec, TrainSpec, load, rewire
from torque_core.io.rewiring_file import rewiring_nbytes
from torque_core.training.loop import Epoch

SET = build_settings({key: setting.default for key, setting in SETTINGS.items()})


def run(number: int = 0, job: Job | None = None, epochs: int = 4, done: int = 0) -> Run:
    model = Model([Epoch(at + 1, 1.0, 0.5, 0.5) for at in range(done)])
    return Run(Record(f"{number:016x}", "Run", "Graph", {}, TrainSpec(epochs=epochs), {"plain": model}), SET, job)


def test_those_that_ended_make_room_and_those_under_way_stay(monkeypatch):
    monkeypatch.setattr(registry, "_MOST_RUNS", 3)
    place = RunStore()
    under_way = run(0, Job("Ada", "cpu", Scheduler()))
    for one in (under_way, run(1), run(2), run(3), run(4)):
        place.add_run(one)
    assert place.runs[under_way.id] is under_way
    assert [one.id[-1] for one in place.runs.values()] == ["0", "3", "4"]


def test_graphs_go_when_there_is_no_room_and_the_newest_stays(monkeypatch):
    graphs = rewire(load("karate").data, RewireSpec())
    monkeypatch.setattr(registry, "_MOST_BYTES", 2 * rewiring_nbytes(graphs))
    place = RunStore()
    for epoch in range(1, 5):
        place.add_rewiring(Snapshot("0" * 16, "torque", epoch), graphs)
    assert [moment.epoch for moment in place.graphs] == [3, 4]
    monkeypatch.setattr(registry, "_MOST_BYTES", 1)
    place.add_rewiring(Snapshot("0" * 16, "torque", 5), graphs)
    assert [moment.epoch for moment in place.graphs] == [5]


@pytest.mark.parametrize(("done", "share"), [(0, 0.0), (1, 0.25), (4, 1.0)])
def test_progress_is_the_share_of_epochs(done, share):
    assert run(done=done).progress == share


def test_time_left_goes_by_the_pace_so_far():
    slow = run(done=1)
    slow.record.seconds = 10.0
    assert slow.seconds_left == 30.0
    assert run().seconds_left is None
    assert (slow.state, slow.active) == ("done", False)
