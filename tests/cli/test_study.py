import subprocess
import sys

import pytest

from tests.experiments.probe import command, traces
from torque_core.experiments import STUDIES, Store


@pytest.fixture
def log(tmp_path, monkeypatch):
    log = tmp_path / "log"
    monkeypatch.setenv("PROBE_LOG", str(log))
    monkeypatch.setenv("PROBE_SECONDS", "0")
    return log


def test_list(capsys):
    assert command(["study", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [*STUDIES, "probes"]
    assert lines[0].split(maxsplit=1)[1] == STUDIES.describe(next(iter(STUDIES)))


def test_study(log, tmp_path, capsys):
    path = tmp_path / "new" / "runs.sqlite"
    assert command(["study", "probes", "--store", path, "--limit", 5]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [
        f"probes: 5 runs now, 0 runs before, all in {path}",
        "2 plans need more runs than the limit allows; the same command continues them",
    ]
    assert err == ""  # no bar: this is no terminal
    assert command(["study", "probes", "--store", path, "--quiet"]) == 0
    assert capsys.readouterr() == (f"probes: 7 runs now, 5 runs before, all in {path}\n", "")
    assert sorted(number for number, _ in traces(log)) == list(range(12))
    with Store(path, read_only=True) as store:
        assert len(store.frame("probes")) == 16


def test_tuning_is_quiet(tmp_path, caplog, capsys):
    path = tmp_path / "runs.sqlite"
    assert command(["study", "smoke_tuned", "--store", path, "--limit", 8]) == 0
    assert caplog.records == []
    out, err = capsys.readouterr()
    assert out.startswith(f"smoke_tuned: 8 runs now, 0 runs before, all in {path}")
    assert err == ""


def test_importing_and_tuning_leave_the_log_levels_of_libraries_alone():
    program = """
import optuna
from torque_core.experiments import METHODS, tune
before = optuna.logging.get_verbosity()
next(tune(METHODS["torque"].space, lambda choice: [choice], trials=8))
assert optuna.logging.get_verbosity() == before
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=120, capture_output=True)


def test_what_failed_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PROBE_LOG", str(tmp_path / "missing" / "log"))
    monkeypatch.setenv("PROBE_SECONDS", "0")
    assert command(["study", "probes", "--store", tmp_path / "runs.sqlite"]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("probes: 12 runs now, 0 runs before")
    assert [line.split(": ")[:3] for line in err.splitlines()] == [
        ["failed, will be tried again by the same command", label, "FileNotFoundError"] for label in ("first", "second")
    ]


def test_ctrl_c(log, tmp_path, monkeypatch, capsys):
    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("torque_core.cli.study.run_study", interrupt)
    path = tmp_path / "runs.sqlite"
    assert command(["study", "probes", "--store", path]) == 130
    assert capsys.readouterr().out == (
        f"stopped; finished runs are in {path}, and the same command continues from there\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["atlantis"],
        ["probes", "--workers", "2", "--scheduler", "tcp://here:1"],
        ["probes", "--workers", "two"],
        ["probes", "--list"],
    ],
)
def test_wrong_words(arguments, log, capsys):
    with pytest.raises(SystemExit) as end:
        command(["study", *arguments])
    assert end.value.code == 2
    assert "error: " in capsys.readouterr().err


def test_no_store_to_report(tmp_path, capsys):
    assert command(["report", "--store", tmp_path / "none", "--out", tmp_path / "out"]) == 2
    assert "there is no store at" in capsys.readouterr().err


def test_report(tmp_path, capsys):
    path, out = tmp_path / "runs.sqlite", tmp_path / "out"
    assert command(["study", "smoke", "--store", path, "--limit", 4]) == 0
    capsys.readouterr()
    assert command(["report", "--store", path, "--out", out, "--study", "smoke"]) == 0
    count = len(list(out.iterdir()))
    assert count > 0
    assert capsys.readouterr().out == f"{count} files in {out}\n"
    before = {file.name: file.stat().st_mtime_ns for file in out.iterdir()}
    assert command(["report", "--store", path, "--out", out]) == 2
    assert f"{out} exists" in capsys.readouterr().err
    assert {file.name: file.stat().st_mtime_ns for file in out.iterdir()} == before
    assert command(["report", "--store", path, "--out", out, "--study", "smoke", "--force"]) == 0
    assert {file.name for file in out.iterdir() if file.stat().st_mtime_ns > before[file.name]} == set(before)


def test_misspelt_studies(tmp_path, capsys):
    with pytest.raises(SystemExit):
        command(["study", "smok"])
    assert "got 'smok'; did you mean 'smoke'?" in capsys.readouterr().err
    assert command(["report", "--study", "smok", "--out", tmp_path / "out"]) == 2
    assert "has no study 'smok'; " in (err := capsys.readouterr().err)
    assert err.endswith("; did you mean 'smoke'?\n")


def test_ship(log, tmp_path, capsys):
    paths = [tmp_path / f"{name}.sqlite" for name in "ab"]
    assert command(["study", "probes", "--store", paths[0], "--limit", 5, "--quiet"]) == 0
    assert command(["study", "probes", "--store", paths[1], "--quiet"]) == 0
    capsys.readouterr()
    shipped = tmp_path / "new" / "shipped.sqlite"
    assert command(["ship", "--store", paths[0], "--take", paths[1], "--to", shipped]) == 0
    assert capsys.readouterr().out.splitlines() == [f"7 results from {paths[1]}", f"0.0 MB in {shipped}"]
    with Store(shipped, read_only=True) as store:
        assert len(store.frame("probes")) == 16
    content = shipped.read_bytes()
    assert command(["ship", "--store", paths[1], "--to", shipped]) == 2
    assert shipped.read_bytes() == content
    assert command(["ship", "--store", paths[1], "--to", shipped, "--overwrite"]) == 0


def test_ship_what_is_not_there(tmp_path, capsys):
    assert command(["ship", "--store", tmp_path / "a", "--take", tmp_path / "b", "--to", tmp_path / "c"]) == 2
    assert "there is no store at" in capsys.readouterr().err
    assert not (tmp_path / "c").exists()
