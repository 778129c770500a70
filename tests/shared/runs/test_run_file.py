"""Finished trainings on disk: what is written comes back, and nothing that is damaged is believed."""

import json
import math
import os
from dataclasses import asdict

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pages.shared.runs import run_file
from pages.shared.runs.run_file import MAX_BYTES, Model, Outcome, Record, load, save
from torque_core import TrainSpec
from torque_core.diagnostics import calibration, confusion
from torque_core.training.loop import Epoch

ID = "0123456789abcdef"
FOUND = torch.tensor([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
Y = torch.tensor([0, 1, 1])


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TORQUE_DATA", str(tmp_path))
    return tmp_path / "trainings"


def record(**more) -> Record:
    ended = Outcome(2, 0.5, 0.75, ((7, 2), (5, 0)), confusion(FOUND.argmax(1), Y, 2), calibration(FOUND, Y))
    torque = Model([Epoch(1, 2.0, 0.25, None, None), Epoch(2, 1.0, 0.5, 0.5, 0.75, 1.25, 1.5)], [1], ended)
    plain = Model([Epoch(1, 2.5, 0.0, 1.0, 0.5)], [], Outcome(1, None, None, (), None, None))
    fields = {"id": ID, "name": "Mine", "title": "Karate", "link": {"data": "karate", "epochs": "30"},
              "spec": TrainSpec(epochs=30, patience=None), "models": {"torque": torque, "plain": plain},
              "seconds": 1.5}  # fmt: skip
    return Record(**(fields | more))


def test_what_is_written_comes_back():
    save(record())
    back, there = load(ID), record()
    assert (back.id, back.name, back.title, back.link, back.spec, back.seconds) == (
        ID, "Mine", "Karate", {"data": "karate", "epochs": "30"}, TrainSpec(epochs=30), 1.5,
    )  # fmt: skip
    for name, model in there.models.items():
        assert back.models[name].epochs == model.epochs
        assert back.models[name].refreshes == model.refreshes
        ours, theirs = back.models[name].outcome, model.outcome
        assert (ours.best_epoch, ours.validation, ours.test, ours.changes) == (
            theirs.best_epoch, theirs.validation, theirs.test, theirs.changes,
        )  # fmt: skip
    ended = back.models["torque"].outcome
    assert ended.confusion.tolist() == [[1, 0], [1, 1]]
    torch.testing.assert_close(ended.calibration.confidence, calibration(FOUND, Y).confidence, equal_nan=True)
    torch.testing.assert_close(ended.calibration.accuracy, calibration(FOUND, Y).accuracy, equal_nan=True)
    assert ended.calibration.nll == pytest.approx(calibration(FOUND, Y).nll)


def test_a_training_of_before_there_were_losses_of_validation_opens(folder):
    save(record())
    path = folder / f"{ID}.json"
    said = json.loads(path.read_text())
    for model in said["models"].values():
        model["epochs"] = [epoch[:4] for epoch in model["epochs"]]
    path.write_text(json.dumps(said))
    assert load(ID).models["torque"].epochs == [Epoch(1, 2.0, 0.25, None, None), Epoch(2, 1.0, 0.5, 0.5, 0.75)]


def test_a_class_that_was_held_impossible_is_an_infinite_loss():
    sure = calibration(torch.tensor([[1.0, 0.0]]), torch.tensor([1]))
    model = Model([], [], Outcome(1, None, None, (), None, sure))
    save(record(models={"plain": model}))
    assert load(ID).models["plain"].outcome.calibration.nll == math.inf


def test_what_is_not_there_is_none(folder):
    assert load(ID) is None
    folder.mkdir()
    (folder / f"{ID}.json").write_text("no JSON")
    assert load(ID) is None
    (folder / f"{ID}.json").write_text(" " * (MAX_BYTES + 1))
    assert load(ID) is None


def test_a_file_under_another_name_is_none_of_ours(folder):
    save(record())
    other = "f" * 16
    os.rename(folder / f"{ID}.json", folder / f"{other}.json")
    assert load(other) is None


BROKEN = [
    ("format", 2), ("id", 7), ("name", None), ("name", "x" * 2000), ("seconds", "long"), ("seconds", math.nan),
    ("link", {"data": 3}), ("link", {"data": "nowhere"}), ("link", {"teach": "1"}), ("link", []),
    ("spec", {"epochs": -1}), ("spec", {"magic": 1}), ("models", {}), ("models", {"magic": {}}), ("models", None),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value"), BROKEN)
def test_a_part_that_cannot_be_makes_it_unsound(folder, key, value):
    save(record())
    path = folder / f"{ID}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    assert load(ID) is None


MODEL = [
    ("epochs", [[1.0, 2.0, None, None]]), ("epochs", [[1.0]]), ("epochs", [["a", 0, 0, 0]]), ("refreshes", [-1]),
    ("refreshes", [1.5]), ("refreshes", 3), ("outcome", {}),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value"), MODEL)
def test_a_part_of_a_model_that_cannot_be_makes_it_unsound(folder, key, value):
    save(record())
    path = folder / f"{ID}.json"
    said = json.loads(path.read_text())
    said["models"]["torque"][key] = value
    path.write_text(json.dumps(said))
    assert load(ID) is None


OUTCOME = [
    ("confusion", [[1, 2]]), ("confusion", [[1, 0], [0, -1]]), ("confusion", "many"), ("test", 1.5),
    ("changes", [[1]]), ("calibration", {"error": 0}), ("best_epoch", None),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value"), OUTCOME)
def test_a_part_of_an_outcome_that_cannot_be_makes_it_unsound(folder, key, value):
    save(record())
    path = folder / f"{ID}.json"
    said = json.loads(path.read_text())
    said["models"]["torque"]["outcome"][key] = value
    path.write_text(json.dumps(said))
    assert load(ID) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
@settings(max_examples=150)
def test_any_part_may_be_anything_and_nothing_breaks(data):
    said = run_file._as_json(record())
    place, keys = said, []
    for _ in range(data.draw(st.integers(1, 4))):
        if not isinstance(place, dict | list) or not place:
            break
        choices = list(place) if isinstance(place, dict) else list(range(len(place)))
        keys.append(data.draw(st.sampled_from(choices)))
        inside = place
        place = place[keys[-1]]
    inside[keys[-1]] = data.draw(JSON)
    run_file._folder().mkdir(exist_ok=True)
    run_file._path(ID).write_text(json.dumps(said))
    found = load(ID)
    assert found is None or isinstance(found.spec, TrainSpec)


def test_the_oldest_go_first(folder, monkeypatch):
    monkeypatch.setattr(run_file, "MAX_FILES", 2)
    for number in range(3):
        save(record(id=f"{number:016x}"))
        os.utime(folder / f"{number:016x}.json", ns=(number, number))
    save(record(id="a" * 16))
    assert sorted(path.stem for path in folder.iterdir()) == [f"{2:016x}", "a" * 16]


def test_where_nothing_can_be_written_nothing_is_kept(folder):
    folder.write_text("a file stands here")
    save(record())
    assert load(ID) is None


def test_all_of_the_spec_is_kept():
    save(record(spec=TrainSpec(epochs=7, backbone="gat", separate=True, patience=3)))
    assert asdict(load(ID).spec) == asdict(TrainSpec(epochs=7, backbone="gat", separate=True, patience=3))
