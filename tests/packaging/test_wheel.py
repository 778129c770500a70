import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

import torque_core
from tests.packaging import clean_environment

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A folder with the sdist, and the wheel that is built from it."""
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    for name in ("pyproject.toml", "README.md", "LICENSE", "MANIFEST.in", "CHANGELOG.md", "CITATION.cff",
                 "requirements.txt"):  # fmt: skip
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "torque_core", source / "torque_core", ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


@pytest.fixture(scope="module")
def wheel(built):
    (file,) = built.glob("*.whl")
    return file


@pytest.fixture(scope="module")
def core(tmp_path_factory, wheel):
    """Python in an environment of the wheel and its needs."""
    return clean_environment.make(tmp_path_factory.mktemp("core"), wheel)


@pytest.fixture(scope="module")
def with_extras(tmp_path_factory, wheel):
    """The same with the extras that figures and reports need."""
    return clean_environment.make(tmp_path_factory.mktemp("extras"), wheel, ("figures", "studies"))


def run(folder, *command):
    """What a program prints that starts outside the repository."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(
        list(map(str, command)), capture_output=True, text=True, cwd=folder, env=environment, timeout=200
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_wheel_and_sdist_hold_all_that_is_needed_and_nothing_else(built, wheel):
    version = torque_core.__version__
    assert {path.name for path in built.iterdir()} == {
        f"torque_core-{version}.tar.gz",
        f"torque_core-{version}-py3-none-any.whl",
    }
    with ZipFile(wheel) as archive:
        in_wheel = set(archive.namelist())
    with tarfile.open(built / f"torque_core-{version}.tar.gz") as archive:
        in_sdist = {name.partition("/")[2] for name in archive.getnames()}
    files = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "torque_core").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in in_wheel if ".dist-info/" not in name} == files
    assert files <= in_sdist
    assert {"LICENSE", "README.md", "CHANGELOG.md", "CITATION.cff"} <= in_sdist
    assert f"torque_core-{version}.dist-info/licenses/LICENSE" in in_wheel
    assert "torque_core/py.typed" in in_wheel


def test_import_and_rewire_with_the_core_alone(tmp_path, core):
    code = """
from importlib.util import find_spec
import torque_core
from torque_core import Noise, add_noise, load, rewire
for name in ("pandas", "plotly", "sklearn", "faiss", "ot", "optuna", "dask", "igraph", "streamlit"):
    assert find_spec(name) is None, name
noisy = add_noise(load("karate").data, Noise("insert", 0.5))
print([layer.pairs.size(1) for layer in rewire(noisy.data).layers])
print(torque_core.__version__)
print(torque_core.__file__)
"""
    edges, version, place = run(tmp_path, core, "-c", code).splitlines()
    assert edges == "[117, 117]"
    assert version == torque_core.__version__
    assert Path(place).is_relative_to(core.parents[1])


def test_the_command_rewires_with_the_core_alone(tmp_path, core):
    out = run(tmp_path, core.with_name("torque"), "rewire", "--dataset", "karate", "--noise", "0.5", "--out", "rewired")
    assert out.splitlines()[-1] == "5 files in rewired"
    assert (tmp_path / "rewired" / "summary.json").is_file()


def test_a_report_without_its_extra_names_it(tmp_path, core):
    command = [str(core.with_name("torque")), "report", "--out", "report"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=200)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith('pip install "torque-core[studies]"\n')
    assert len(done.stderr.splitlines()) == 1


def test_a_network_figure_from_an_installed_wheel(tmp_path, with_extras):
    code = """
import torch
from torque_core import Noise, add_noise, load, rewire
from torque_core.figures import LIGHT, layer_edges, network_html, node_layout
noisy = add_noise(load("karate").data, Noise("insert", 0.5))
layer = rewire(noisy.data).layers[0]
links = layer_edges(layer, noisy.is_injected(layer.pairs))
position = node_layout(layer.pairs, 34)
print(network_html(range(34), links, position, noisy.data.y, LIGHT, alt="Karate club"))
"""
    page = run(tmp_path, with_extras, "-c", code)
    assert "<title>Karate club</title>" in page
    assert "<canvas" in page or "createElement" in page


def test_the_command_reports_the_shipped_results(tmp_path, with_extras):
    run(tmp_path, with_extras.with_name("torque"), "report", "--out", "report", "--study", "noise")
    assert {path.name for path in (tmp_path / "report").iterdir()} == {"report.md", "noise.csv", "noise.html"}
