"""A package with an entry point adds its lever, cut rule and method to the command line, the app and the workers."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[2]
PLUGIN = '''
"""Adds a lever, a cut rule and a method."""

import torch

from torque_core.methods.catalog import Method, register_method
from torque_core.rewiring.cuts import CUTS, Cut
from torque_core.scoring.levers import LEVERS


@LEVERS.register("tiny_lever")
def tiny_lever(features):
    """Cosine distance of the features after one step."""
    return features.cosine_distance(1)


@CUTS.register("tiny_cut")
def tiny_cut(inputs):
    """Prune the edge of highest torque."""
    return Cut(float(inputs.torque.max()), "The highest torque.")


def register():
    register_method(
        "tiny_method",
        Method(
            title="Tiny method",
            description="Prunes one edge.",
            kind="rewiring",
            rewiring={"lever": "tiny_lever", "cut": "tiny_cut"},
            contexts=("compare", "train", "robustness"),
        ),
    )
'''
APP = """
import json
from streamlit.testing.v1 import AppTest

test = AppTest.from_file("app.py", default_timeout=120)
test.query_params["data"] = "karate"
test.query_params["lever"] = "tiny_lever"
test.run()
options = {}
for page in ("compare", "train"):
    test.switch_page(f"pages/{page}.py").run()
    assert not test.exception, test.exception
    boxes = [*test.selectbox, *test.multiselect, *test.sidebar.selectbox]
    options[page] = {box.key: list(box.options) for box in boxes}
print(json.dumps(options))
"""
WORKER = """
from torque_core import TrainSpec
from torque_core.experiments import Store, Study, Training, run_study, Fixed
from torque_core.utils.plugins import load_plugins

if __name__ == "__main__":
    load_plugins()
    run = Training(dataset="karate", method="tiny_method", spec=TrainSpec(epochs=2))
    with Store("runs.sqlite") as store:
        print(run_study(Study("mine", (Fixed("mine", (run,)),)), store, workers=1))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A folder with the installed plugin, beside one that cannot be imported."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "tiny_plugin.py").write_text(PLUGIN)
    (folder / "broken_plugin.py").write_text("import a_package_that_does_not_exist\n")
    for name, value in (("tiny_plugin", "tiny_plugin:register"), ("broken_plugin", "broken_plugin")):
        about = folder / f"{name}-1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[torque_core.plugins]\n{name} = {value}\n")
    return folder


@pytest.fixture
def python(site, tmp_path):
    """Run Python in a process in which the plugins are installed."""

    def run(*arguments, cwd=HOME):
        path = os.pathsep.join([str(site), str(HOME)])
        return subprocess.run(
            [sys.executable, *arguments], capture_output=True, text=True, cwd=cwd, timeout=240, check=False,
            env=os.environ | {"PYTHONPATH": path, "COLUMNS": "200"},
        )  # fmt: skip

    return run


def test_command_line(python, tmp_path):
    usage = python("-m", "torque_core", "rewire", "--help")
    assert usage.returncode == 0
    assert "tiny_lever" in usage.stdout
    assert "tiny_cut" in usage.stdout
    assert (
        "RuntimeWarning: the plugin 'broken_plugin' (broken_plugin) was not loaded: ModuleNotFoundError" in usage.stderr
    )
    options = ["--lever", "tiny_lever", "--cut", "tiny_cut", "--out", str(tmp_path)]
    done = python("-m", "torque_core", "rewire", "--dataset", "karate", *options)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("layer 1: 1 of 78 edges pruned, 0 edges added. The highest torque.")


def test_app(python):
    done = python("-c", APP)
    assert done.returncode == 0, done.stderr
    options = json.loads(done.stdout.splitlines()[-1])
    for page, keys in (("compare", ("left", "peer")), ("train", ("models",))):
        assert all("Tiny method" in options[page][key] for key in keys)
        assert "tiny lever" in options[page]["lever"]
        assert "tiny cut" in options[page]["cut"]


def test_workers(python, tmp_path):
    (tmp_path / "program.py").write_text(WORKER)
    done = python("program.py", cwd=tmp_path)
    assert "Summary(done=1, known=0, failed=(), unfinished=0)" in done.stdout, done.stderr


def test_nothing_is_loaded_on_import(python):
    program = "import torque_core, torque_core.methods.catalog as catalog; print('tiny_method' in catalog.METHODS)"
    assert python("-c", program).stdout == "False\n"
