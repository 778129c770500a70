import os

import numpy as np
import pytest
import torch

from torque_core import DatasetSpec, TrainSpec, load
from torque_core.experiments.verdict import VerdictSpec, VerdictStore, run_task

SPEC = VerdictSpec(rates=(0.0, 0.5), seeds=1, methods=("plain", "torque", "jaccard", "mlp"),
                   training=TrainSpec(epochs=5))  # fmt: skip


@pytest.fixture(scope="module")
def karate():
    return load("karate").data


@pytest.fixture(scope="module")
def runs(karate):
    return {task: run_task(karate, task, SPEC) for task in SPEC.tasks()}


@pytest.fixture
def store(tmp_path, runs):
    store = VerdictStore(tmp_path / "verdicts", DatasetSpec("karate"), SPEC)
    for task, run in runs.items():
        store.save(task, run)
    return store


def test_trainings_are_read_back_as_they_were(store, runs, karate):
    loaded = store.load([karate])
    assert list(loaded) == list(runs)
    for task, run in runs.items():
        for name, value in vars(run).items():
            stored = getattr(loaded[task], name)
            assert torch.equal(stored, value) if isinstance(value, torch.Tensor) else stored == value, (task, name)


def test_files_are_private_and_contain_no_edges(store):
    assert store.folder.stat().st_mode & 0o077 == 0
    for path in store.folder.iterdir():
        assert path.stat().st_mode & 0o077 == 0
        with np.load(path, allow_pickle=False) as file:
            assert {*file} == {"numbers", "predictions", "pruned"}


def test_other_settings_and_other_graphs_have_other_folders(store, tmp_path):
    others = [
        VerdictStore(tmp_path, DatasetSpec("karate", split=1), SPEC),
        VerdictStore(tmp_path, DatasetSpec("davis"), SPEC),
        VerdictStore(tmp_path, DatasetSpec("karate"), VerdictSpec(seeds=1)),
    ]
    assert len({other.folder.name for other in others} | {store.folder.name}) == 4


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"text"])
def test_a_damaged_file_is_trained_again(store, runs, karate, damage):
    path = sorted(store.folder.iterdir())[0]
    path.write_bytes(damage)
    assert len(store.load([karate])) == len(runs) - 1


def test_files_of_another_graph_are_ignored(store):
    assert store.load([load("davis").data]) == {}


def test_objects_are_never_unpickled(store, runs, karate):
    path = sorted(store.folder.iterdir())[0]
    np.savez(path, numbers=np.zeros(3), predictions=np.array([{}] * 34, dtype=object), pruned=np.zeros(78, dtype=bool))
    assert len(store.load([karate])) == len(runs) - 1


def test_the_oldest_verdicts_are_removed(store, runs, tmp_path):
    for number in range(40):
        folder = store.root / f"{number:032x}"
        folder.mkdir()
        os.utime(folder, (number, number))
    other = VerdictStore(store.root, DatasetSpec("karate", split=1), SPEC)
    other.save(*next(iter(runs.items())))
    names = {path.name for path in store.root.iterdir()}
    assert len(names) == 32
    assert {other.folder.name, store.folder.name} <= names
