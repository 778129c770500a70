"""Files of finished trainings: a saved record is read back unchanged, and a damaged file is rejected."""

import json
import math
import os
from dataclasses import asdict

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pages.shared.runs import run_file
from pages.shared.runs.record import Model, Outcome, Record
from pages.shared.runs.record_json import record_to_json
from pages.shared.runs.run_file import MAX_BYTES, load, save
from torque_core import TrainSpec
from torque_core.diagnostics import RelationGates, calibration, confusion
from torque_core.training import Epoch

ID = "0123456789abcdef"
SPEC = TrainSpec(epochs=7, backbone="gat", separate=True, patience=3, directions=("back",), jk="cat")
P = torch.tensor([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
Y = torch.tensor([0, 1, 1])
GATES = RelationGates(
    ("kept", "pruned"),
    torch.tensor([[[1.0, 1.0, torch.nan]], [[-0.5, 0.25, torch.nan]]]),
    torch.tensor([[[0.75, 0.5, torch.nan]], [[0.25, 0.5, torch.nan]]]),
)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TORQUE_DATA", str(tmp_path))
    return tmp_path / "trainings"


def record(**more) -> Record:
    ended = Outcome(2, 0.5, 0.75, ((7, 2), (5, 0)), confusion(P.argmax(1), Y, 2), calibration(P, Y), GATES)
    torque = Model([Epoch(1, 2.0, 0.25, None, None), Epoch(2, 1.0, 0.5, 0.5, 0.75, 1.25, 1.5)], [1], ended)
    plain = Model([Epoch(1, 2.5, 0.0, 1.0, 0.5)], [], Outcome(1, None, None, (), None, None))
    fields = {"id": ID, "name": "Mine", "title": "Karate", "link": {"data": "karate", "epochs": "30"},
              "spec": TrainSpec(epochs=30, patience=None), "models": {"torque": torque, "plain": plain},
              "seconds": 1.5}  # fmt: skip
    return Record(**(fields | more))


def test_a_saved_record_is_read_back():
    save(record())
    loaded, original = load(ID), record()
    assert (loaded.id, loaded.name, loaded.title, loaded.link, loaded.spec, loaded.seconds) == (
        ID, "Mine", "Karate", {"data": "karate", "epochs": "30"}, TrainSpec(epochs=30), 1.5,
    )  # fmt: skip
    for name, model in original.models.items():
        assert loaded.models[name].epochs == model.epochs
        assert loaded.models[name].refreshes == model.refreshes
        actual, expected = loaded.models[name].outcome, model.outcome
        assert (actual.best_epoch, actual.validation, actual.test, actual.changes) == (
            expected.best_epoch, expected.validation, expected.test, expected.changes,
        )  # fmt: skip
    ended = loaded.models["torque"].outcome
    assert ended.confusion.tolist() == [[1, 0], [1, 1]]
    torch.testing.assert_close(ended.calibration.confidence, calibration(P, Y).confidence, equal_nan=True)
    torch.testing.assert_close(ended.calibration.accuracy, calibration(P, Y).accuracy, equal_nan=True)
    assert ended.gates.relations == GATES.relations
    torch.testing.assert_close(ended.gates.gate, GATES.gate, equal_nan=True)
    torch.testing.assert_close(ended.gates.contribution, GATES.contribution, equal_nan=True)
    assert loaded.models["plain"].outcome.gates is None
    assert ended.calibration.nll == pytest.approx(calibration(P, Y).nll)


def test_the_models_of_further_seeds_are_read_back(folder):
    first = record()
    save(record(repeats=[first.models, first.models]))
    loaded = load(ID)
    assert list(loaded.seeds) == [0, 1, 2]
    assert [len(models["torque"].epochs) for models in loaded.seeds.values()] == [2, 2, 2]
    assert [outcome.test for outcome in loaded.outcomes("torque")] == [0.75] * 3
    path = folder / f"{ID}.json"
    content = json.loads(path.read_text())
    content["repeats"][1].pop("plain")  # a seed without one of the methods
    path.write_text(json.dumps(content))
    assert load(ID) is None
    del content["repeats"]  # as older files
    path.write_text(json.dumps(content))
    assert list(load(ID).seeds) == [0]


def test_a_file_without_validation_losses_is_read(folder):
    save(record())
    path = folder / f"{ID}.json"
    content = json.loads(path.read_text())
    for model in content["models"].values():
        model["epochs"] = [epoch[:4] for epoch in model["epochs"]]
    path.write_text(json.dumps(content))
    assert load(ID).models["torque"].epochs == [Epoch(1, 2.0, 0.25, None, None), Epoch(2, 1.0, 0.5, 0.5, 0.75)]


def test_an_infinite_loss_is_read_back():
    certain = calibration(torch.tensor([[1.0, 0.0]]), torch.tensor([1]))
    model = Model([], [], Outcome(1, None, None, (), None, certain))
    save(record(models={"plain": model}))
    assert load(ID).models["plain"].outcome.calibration.nll == math.inf


def test_missing_and_unreadable_files_give_none(folder):
    assert load(ID) is None
    folder.mkdir()
    (folder / f"{ID}.json").write_text("no JSON")
    assert load(ID) is None
    (folder / f"{ID}.json").write_text(" " * (MAX_BYTES + 1))
    assert load(ID) is None


def test_a_file_under_another_name_is_rejected(folder):
    save(record())
    other = "f" * 16
    os.rename(folder / f"{ID}.json", folder / f"{other}.json")
    assert load(other) is None


BROKEN = [
    ("format", 2), ("id", 7), ("name", None), ("name", "x" * 2000), ("seconds", "long"), ("seconds", math.nan),
    ("link", {"data": 3}), ("link", {"data": "nowhere"}), ("link", {"teach": "1"}), ("link", []),
    ("spec", {"epochs": -1}), ("spec", {"magic": 1}), ("models", {}), ("models", {"magic": {}}), ("models", None),
    ("repeats", {"a": 1}), ("repeats", [{}]), ("repeats", 3),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value"), BROKEN)
def test_an_invalid_part_invalidates_the_file(folder, key, value):
    save(record())
    path = folder / f"{ID}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {key: value}))
    assert load(ID) is None


MODEL = [
    ("epochs", [[1.0, 2.0, None, None]]), ("epochs", [[1.0]]), ("epochs", [["a", 0, 0, 0]]), ("refreshes", [-1]),
    ("refreshes", [1.5]), ("refreshes", 3), ("outcome", {}),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value"), MODEL)
def test_an_invalid_part_of_a_model_invalidates_the_file(folder, key, value):
    save(record())
    path = folder / f"{ID}.json"
    content = json.loads(path.read_text())
    content["models"]["torque"][key] = value
    path.write_text(json.dumps(content))
    assert load(ID) is None


OUTCOME = [
    ("confusion", [[1, 2]]), ("confusion", [[1, 0], [0, -1]]), ("confusion", "many"), ("test", 1.5),
    ("changes", [[1]]), ("calibration", {"error": 0}), ("best_epoch", None), ("gates", []),
    ("gates", {"relations": ["kept", "pruned"], "gate": [[[1.0]]], "contribution": [[[1.0]]]}),
    ("gates", {"relations": ["kept", "pruned"], "gate": [[[1.0]], [[1.0]]], "contribution": [[[1.5]], [[0.5]]]}),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value"), OUTCOME)
def test_an_invalid_part_of_an_outcome_invalidates_the_file(folder, key, value):
    save(record())
    path = folder / f"{ID}.json"
    content = json.loads(path.read_text())
    content["models"]["torque"]["outcome"][key] = value
    path.write_text(json.dumps(content))
    assert load(ID) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.data())
@settings(max_examples=150)
def test_no_content_raises_an_error(data):
    content = record_to_json(record())
    part, keys = content, []
    for _ in range(data.draw(st.integers(1, 4))):
        if not isinstance(part, dict | list) or not part:
            break
        choices = list(part) if isinstance(part, dict) else list(range(len(part)))
        keys.append(data.draw(st.sampled_from(choices)))
        parent = part
        part = part[keys[-1]]
    parent[keys[-1]] = data.draw(JSON)
    run_file.folder().mkdir(exist_ok=True)
    run_file._path(ID).write_text(json.dumps(content))
    loaded = load(ID)
    assert loaded is None or isinstance(loaded.spec, TrainSpec)


def test_the_oldest_files_are_deleted_first(folder, monkeypatch):
    monkeypatch.setattr(run_file, "MAX_FILES", 2)
    for number in range(3):
        save(record(id=f"{number:016x}"))
        os.utime(folder / f"{number:016x}.json", ns=(number, number))
    save(record(id="a" * 16))
    assert sorted(path.stem for path in folder.iterdir()) == [f"{2:016x}", "a" * 16]


def test_nothing_is_stored_if_the_folder_cannot_be_written(folder):
    folder.write_text("a file in place of the folder")
    save(record())
    assert load(ID) is None


def test_all_training_options_are_stored():
    save(record(spec=SPEC))
    assert asdict(load(ID).spec) == asdict(SPEC)


def test_files_of_former_versions_are_read(folder):
    save(record(link={"data": "karate", "separate": "yes", "weighted": "no"}))
    path = folder / f"{ID}.json"
    content = json.loads(path.read_text())
    content["link"] = {"data": "karate", "apart": "yes", "trust": "no"}
    content["spec"]["hear_pruned"] = content["spec"].pop("relations") == ["kept", "pruned"]
    content["models"]["torque_apart"] = content["models"].pop("torque")
    del content["models"]["torque_apart"]["outcome"]["gates"]
    path.write_text(json.dumps(content))
    assert set(load(ID).models) == {"torque_relational", "plain"}
    assert load(ID).link == {"data": "karate", "separate": "yes", "weighted": "no"}
    assert load(ID).spec == record().spec
