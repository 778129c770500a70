from dataclasses import replace
from importlib import import_module

import pytest

from torque_core.__main__ import main
from torque_core.rewiring.spec import RewireSpec
from torque_core.training import PRESETS, Finished, TrainSpec


@pytest.fixture
def calls(monkeypatch):
    """The specs of each training, which is not run."""
    calls = []

    def no_events(graph, spec, *, rewiring, **others):
        calls.append((spec, rewiring))
        return iter([Finished(1, 0.5, 0.5, None, None, None)])

    monkeypatch.setattr(import_module("torque_core.methods.train_by"), "train", no_events)
    return calls


@pytest.fixture
def config(tmp_path):
    def write(text):
        path = tmp_path / "settings.toml"
        path.write_text(text)
        return ["--config", str(path)]

    return write


SETTINGS = """
dataset = "karate"
quiet = true
cut = "otsu"
weight_by_confidence = false
[train]
runs = 1
methods = ["torque", "plain"]
learning-rate = 0.5
relations = ["kept", "pruned"]
hidden = 8
[rewire]
layers = 7
"""


def test_keys_are_flags(config, calls):
    assert main(["train", *config(SETTINGS)]) == 0
    (spec, rewiring), (plain, none) = calls
    assert spec == TrainSpec(learning_rate=0.5, relations=("kept", "pruned"), hidden=8)
    assert plain == TrainSpec(learning_rate=0.5, hidden=8)
    assert rewiring == RewireSpec(cut="otsu", weight_by_confidence=False)  # 7 layers are for rewire only
    assert none is None


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_stands_for_its_hyper_parameters(calls, name):
    flags = ["train", "karate", "--quiet", "--runs", "1", "--methods", "torque", "--preset", name]
    assert main(flags) == 0
    assert main([*flags, "--epochs", "7", "--layers=3", "--no-residual"]) == 0
    (spec, rewiring), (own, of_own) = calls
    assert spec == PRESETS[name].training
    assert rewiring == RewireSpec(layers=PRESETS[name].layers)
    assert own == replace(spec, epochs=7, residual=False)
    assert of_own == RewireSpec(layers=3)


def test_a_preset_in_a_file_and_flags_of_the_file_that_win(config, calls):
    text = 'dataset = "karate"\nquiet = true\npreset = "deep"\nhidden = 8\nruns = 1\nmethods = ["plain"]'
    assert main(["train", *config(text)]) == 0
    assert calls[0][0] == replace(PRESETS["deep"].training, hidden=8)


def test_an_unknown_preset_is_an_error(capsys):
    with pytest.raises(SystemExit):
        main(["train", "karate", "--preset", "depe"])
    assert "must be one of default, deep, deeper, dir_gnn; got 'depe'" in capsys.readouterr().err


def test_flags_win(config, calls):
    flags = ["davis", "--cut=none", "--methods", "torque", "--weight-by-confidence", "--hidden", "4", "--runs", "2"]
    assert main(["train", *flags, *config(SETTINGS)]) == 0
    assert [(spec.hidden, spec.seed, rewiring.cut, rewiring.weight_by_confidence) for spec, rewiring in calls] == [
        (4, 0, "none", True),
        (4, 1, "none", True),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("leyers = 3", "unknown key 'leyers' for torque rewire; did you mean 'layers'?"),
        ("epochs = 3", "unknown key 'epochs' for torque rewire"),
        ('config = "other.toml"', "unknown key 'config'"),
        ("[rewrie]", "there is no command [rewrie]; did you mean 'rewire'?"),
        ("quiet = 1", "quiet must be true or false, got 1"),
        ("layers = true", "layers must be text, a number or a list of these, got True"),
        ("layers = []", "layers must be text, a number or a list of these, got []"),
        ("layers = 1979-05-27", "layers must be text, a number or a list"),
        ("layers = ", "settings.toml: Invalid value (at "),
        ("layers = 17", "layers must be an integer in [1, 16], got 17"),
        ("#" * 1_000_001, "has more than 1,000,000 bytes"),
    ],
    ids=lambda text: text[:20],
)
def test_wrong_files(config, capsys, text, message):
    assert main(["rewire", "karate", *config(text)]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert len(err.splitlines()) == 1


def test_a_file_that_is_no_text(tmp_path, capsys):
    (tmp_path / "settings.toml").write_bytes(b"\xff\xfe")
    assert main(["rewire", "karate", "--config", str(tmp_path / "settings.toml")]) == 2
    assert main(["rewire", "karate", "--config", str(tmp_path / "none.toml")]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert "settings.toml: 'utf-8' codec can't decode" in first
    assert "cannot read " in second
    assert second.endswith("none.toml: No such file or directory")


def test_a_value_of_another_type(config, capsys):
    with pytest.raises(SystemExit):
        main(["rewire", "karate", *config('layers = "many"')])
    assert "argument --layers: invalid int value: 'many'" in capsys.readouterr().err
