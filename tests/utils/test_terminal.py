"""Programs in terminals of other encodings, in pipes that are closed, and under Ctrl-C."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from torque_core.utils.suggest import did_you_mean

ROOT = Path(__file__).resolve().parents[2]
TORQUE = [sys.executable, "-m", "torque_core"]
ASCII = os.environ | {"PYTHONIOENCODING": "ascii", "LANG": "C", "LC_ALL": "C"}


def start(*words, **options):
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*TORQUE, *map(str, words)], cwd=ROOT, text=True, **(pipes | options))


def python(code, **options):
    """A program run by run_program: status, output, errors."""
    code = f"import sys\nfrom torque_core.utils.terminal import run_program\n{code}"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=60, **options)
    return done.returncode, done.stdout, done.stderr


def test_help_needs_no_torch():
    code = """
from torque_core.__main__ import main
try:
    main(["--help"])
finally:
    print(sorted({"torch", "numpy", "scipy", "pandas", "tqdm"} & set(sys.modules)))"""
    status, out, _ = python(code)
    assert (status, out.decode().splitlines()[-1]) == (0, "[]")


def test_scores_on_a_terminal_that_knows_only_ascii():
    words = ("train", "karate", "--runs", "2", "--epochs", "3", "--quiet", "--methods", "mlp")
    out, err = start(*words, env=ASCII).communicate(timeout=120)
    assert err == ""
    assert " +- " in out.splitlines()[1]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_any_text_in_any_encoding(encoding):
    code = r"""
text = "\xb1 \u2013 \u2192 \u2265 \xe9 \u4e2d \U0001f600 \udcff"
def program():
    print(text)
    print(text, file=sys.stderr)
    return 0
sys.exit(run_program(program))"""
    status, out, err = python(code, env=os.environ | {"PYTHONIOENCODING": encoding})
    assert status == 0
    assert out == err
    words = out.decode(encoding).split()
    assert len(words) == 8
    assert words[-1] == "?"
    if encoding == "ascii":
        assert words == ["+-", "-", "->", ">=", "e", "?", "?", "?"]


def test_a_closed_pipe_is_silent():
    code = "sys.exit(run_program(lambda: [print('line ' * 100) for _ in range(10_000)] and 0))"
    program = subprocess.Popen(
        [sys.executable, "-c", f"import sys\nfrom torque_core.utils.terminal import run_program\n{code}"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert program.stdout.readline().startswith(b"line")
    program.stdout.close()
    with program.stderr as errors:
        assert errors.read() == b""
    assert program.wait(60) == 141


def test_help_into_a_closed_pipe_is_silent():
    reading, writing = os.pipe()
    os.close(reading)
    program = start("--help", stdout=writing, env=os.environ | {"PYTHONUNBUFFERED": ""})
    os.close(writing)
    assert program.communicate(timeout=60)[1] == ""
    assert program.returncode == 141


def test_ctrl_c_is_one_line():
    program = subprocess.Popen(
        [sys.executable, "-c", """
import signal, sys, time
from torque_core.utils.terminal import run_program
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets its background jobs ignore it
def wait():
    print('ready', flush=True)
    time.sleep(60)
sys.exit(run_program(wait))"""],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with program:
        try:
            assert program.stdout.readline() == "ready\n"
            program.send_signal(signal.SIGINT)
            assert program.communicate(timeout=60)[1] == "interrupted\n"
        finally:
            program.kill()
    assert program.returncode == 130


def test_only_similar_names_are_suggested():
    assert did_you_mean("Cara", ("karate", "Cora")) == "; did you mean 'Cora'?"
    assert did_you_mean("xyz", ("karate", "cora")) == did_you_mean(3, ()) == ""
