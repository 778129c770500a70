import json
import os
import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from urllib.error import URLError

import numpy as np
import pytest

from torque_core import Noise, __version__, add_noise, load
from torque_core.__main__ import main
from torque_core.datasets import files
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec
from torque_core.training import Finished, TrainSpec

NAMES = ["layer_1.csv", "layer_1.npz", "layer_2.csv", "layer_2.npz", "summary.json"]
KARATE = ["rewire", "--dataset", "karate", "--noise", "0.5"]


def contents(folder):
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def fails(capsys, *arguments, status=2):
    """The one line that a command that fails writes on standard error."""
    assert main([str(argument) for argument in arguments]) == status
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("torque: ")
    assert err.endswith("\n")
    assert len(err.splitlines()) == 1
    return err


def test_as_a_program(tmp_path):
    command = [sys.executable, "-m", "torque_core", *KARATE, "--out", str(tmp_path / "program")]
    home = Path(__file__).resolve().parents[1]
    done = subprocess.run(command, capture_output=True, text=True, cwd=home, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("layer 1: ")
    assert lines[1].startswith("layer 2: ")
    assert lines[2:] == [f"5 files in {tmp_path / 'program'}"]
    assert main([*KARATE, "--out", str(tmp_path / "function")]) == 0
    written = contents(tmp_path / "program")
    assert list(written) == NAMES
    assert written == contents(tmp_path / "function")  # the same seed, the same bytes


def test_what_is_written_is_what_the_library_gives(tmp_path, capsys):
    names = ("lever", "force", "cut", "fraction", "additions", "layers", "hierarchy", "seed")
    values = ("feature", "unit", "fixed", 0.3, 1.0, 3, "nested", 4)
    options = [f"--{name}={value}" for name, value in zip(names, values, strict=True)]
    assert main([*KARATE, *options, "--noise-kind", "dice", "--out", str(tmp_path)]) == 0
    noisy = add_noise(load("karate").data, Noise("dice", 0.5, 4))
    spec = RewireSpec(**dict(zip(names, values, strict=True)))
    rewiring = rewire(noisy.data, spec)
    report = json.loads((tmp_path / "summary.json").read_text())
    assert report["method"] == vars(spec)
    assert report["noise"] == {"kind": "dice", "rate": 0.5, "seed": 4}
    assert (report["dataset"], report["version"], report["nodes"]) == ("karate", __version__, 34)
    assert report["notes"] == list(load("karate").notes)
    for number, (layer, line) in enumerate(zip(rewiring.layers, capsys.readouterr().out.splitlines()[:3], strict=True)):
        with np.load(tmp_path / f"layer_{number + 1}.npz", allow_pickle=False) as file:
            assert np.array_equal(file["edge_index"], layer.edge_index.numpy())
        assert line == (
            f"layer {number + 1}: {layer.pruned.size(1)} of {layer.pairs.size(1)} edges pruned, "
            f"{layer.added.size(1)} edges added. {layer.cut.reason}"
        )


def test_another_seed_is_another_noise(tmp_path):
    for seed in ("0", "1"):
        assert main([*KARATE, "--seed", seed, "--out", str(tmp_path / seed)]) == 0
    assert contents(tmp_path / "0")["layer_1.csv"] != contents(tmp_path / "1")["layer_1.csv"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--noise", "2.5"], "rate must be in [0, 2], got 2.5 (0.5 means 50 %)"),
        (["--noise", "-0.1"], "rate must be in [0, 2], got -0.1"),
        (["--noise", "nan"], "rate must be in [0, 2], got nan"),
        (["--noise", "1.5", "--noise-kind", "delete"], "rate of delete must be in [0, 1], got 1.5"),
        (["--layers", "17"], "layers must be an integer in [1, 16], got 17"),
        (["--fraction", "1.1"], "fraction must be in [0, 1], got 1.1"),
        (["--additions", "3"], "additions must be in [0, 2], got 3.0"),
    ],
)
def test_a_bad_value_is_one_line_and_nothing_is_written(tmp_path, capsys, options, message):
    assert message in fails(capsys, *KARATE, *options, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_noise_that_finds_no_room_is_one_line(tmp_path, capsys):
    err = fails(capsys, "rewire", "davis", "--noise", "2", "--noise-kind", "dice", "--out", tmp_path, status=2)
    assert "choose another noise" in err


@pytest.mark.parametrize("option", [["--lever", "long"], ["--layers", "1.5"], ["--device", "tpu"], ["--out"]])
def test_what_cannot_be_read_ends_with_the_usage(tmp_path, capsys, option):
    with pytest.raises(SystemExit) as ended:
        main([*KARATE, "--out", str(tmp_path), *option])
    assert ended.value.code == 2
    assert f"argument {option[0]}" in capsys.readouterr().err


def test_no_network(tmp_path, capsys, monkeypatch):
    def unplugged(url, **options):
        raise URLError("no network")

    monkeypatch.setattr(files, "urlopen", unplugged)
    monkeypatch.setenv("TORQUE_DATA", str(tmp_path / "data"))
    err = fails(capsys, "rewire", "cora", "--out", tmp_path / "out", status=1)
    assert "Cora is not in" in err
    assert "no network" in err
    assert "karate, davis, digits" in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("below", ["", "below"])
def test_a_file_where_the_folder_should_be(tmp_path, capsys, below):
    (tmp_path / "file").write_text("not a folder")
    err = fails(capsys, *KARATE, "--out", tmp_path / "file" / below, "--overwrite", status=1)
    assert err.startswith(f"torque: {tmp_path / 'file'}")
    assert (tmp_path / "file").read_text() == "not a folder"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_the_right_to_write(tmp_path, capsys):
    (tmp_path / "locked").mkdir(mode=0o500)
    assert "Permission denied" in fails(capsys, *KARATE, "--out", tmp_path / "locked", status=1)


def test_a_full_disk(tmp_path, capsys, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    err = fails(capsys, *KARATE, "--out", tmp_path, status=1)
    assert err == "torque: [Errno 28] No space left on device\n"
    assert contents(tmp_path) == {}


def test_version(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"{__version__}\n"


def test_training_prints_a_score_for_each_model_and_run(capsys):
    assert main(["train", "--dataset", "karate", "--noise", "0.5", "--epochs", "2", "--runs", "2"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    title, plain, rewired = out.splitlines()
    assert title == "test accuracy (%) on karate, insert 50%, runs: 2"
    assert (plain.split()[0], rewired.split()[0]) == ("plain", "torque")
    for line in (plain, rewired):
        mean, _, spread, first, second = line.split()[1:]
        low, high = sorted((float(first), float(second)))
        assert float(mean) == pytest.approx((low + high) / 2, abs=0.11)
        assert float(spread) == pytest.approx((high - low) / 2**0.5, abs=0.11)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--runs", "0"], "runs must be at least 1, got 0"),
        (["--epochs", "0"], "epochs must be an integer in [1, 2000], got 0"),
        (["--scheme", "own"], "has no split scheme 'own'; choose from: "),
        (["--split", "-1"], "must be an integer in 0 to"),
    ],
)
def test_bad_values_for_training_are_one_line(capsys, options, message):
    assert message in fails(capsys, "train", "--dataset", "karate", *options)


def test_every_field_of_both_specs_is_a_flag(monkeypatch):
    calls = []

    def no_events(graph, spec, *, rewiring, layers, **others):
        calls.append((spec, rewiring, layers))
        return iter([Finished(1, 0.5, 0.5, None, None, None)])

    monkeypatch.setattr(import_module("torque_core.methods.train_by"), "train", no_events)
    flags = [
        *("--epochs", "7", "--learning-rate", "0.1", "--weight-decay", "0", "--hidden", "8", "--dropout", "0.1"),
        *("--warmup", "1", "--refresh-every", "3", "--patience", "4", "--backbone", "sage", "--separate"),
        *("--residual", "--norm", "layer", "--relations", "kept,pruned", "--seed", "5"),
        *("--no-weight-by-confidence", "--layers", "3", "--cut", "otsu", "--hops", "3", "--confidence", "0.8"),
    ]
    assert main(["train", "--dataset", "karate", "--runs", "1", *flags]) == 0
    (plain, none, layers), (spec, rewiring, _) = calls
    assert none is None
    assert layers == 3
    assert rewiring == RewireSpec(weight_by_confidence=False, layers=3, cut="otsu", hops=3, confidence=0.8, seed=5)
    assert spec == TrainSpec(
        epochs=7, learning_rate=0.1, weight_decay=0.0, hidden=8, dropout=0.1, warmup=1, refresh_every=3, patience=4,
        backbone="sage", separate=True, residual=True, norm="layer", relations=("kept", "pruned"), seed=5,
    )  # fmt: skip
    assert plain == replace(spec, relations=("kept",))


def test_help_names_range_and_default(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    usage = capsys.readouterr().out
    for line in (
        "fraction of edges pruned by the cut 'fixed'; in [0, 1] (default: 0.1)",
        "edges pruned per layer by the cut 'budget'; 0 or more (default: 100)",
        "one or more of kept, pruned, added, torque, self, with commas between (default: kept)",
    ):
        assert line in usage
