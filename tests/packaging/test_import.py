import ast
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import torque_core

HOME = Path(__file__).resolve().parents[2]


def run(code):
    """What a fresh interpreter prints."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=HOME, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_the_package_loads_nothing_heavy_and_sets_nothing():
    code = (
        "import os; before = dict(os.environ)\n"
        "import sys, torque_core\n"
        "print([name for name in ('torch', 'numpy', 'scipy', 'tqdm') if name in sys.modules], os.environ == before)"
    )
    assert run(code) == "[] True"


def test_using_what_is_public_sets_no_environment_variable():
    code = (
        "import os; before = dict(os.environ)\n"
        "import torque_core\n"
        "for name in torque_core.__all__: getattr(torque_core, name)\n"
        "print(torque_core.nn.TorqueGNN.__name__, {name for name in os.environ if 'SPINCOUNT' in name} - set(before))"
    )
    assert run(code) == "TorqueGNN set()"


def test_every_public_name_is_there_and_only_those():
    assert sorted(torque_core._MODULE_OF) == sorted(torque_core.__all__)
    for name in torque_core.__all__:
        assert getattr(torque_core, name) is vars(torque_core)[name]
        assert name in dir(torque_core)
    with pytest.raises(AttributeError, match="has no attribute 'rewires'"):
        torque_core.rewires  # noqa: B018


def test_subpackages_are_attributes():
    folders = {path.parent.name for path in Path(torque_core.__file__).parent.glob("*/__init__.py")}
    assert folders - {"bench", "cli"} <= set(torque_core._SUBPACKAGES)  # which are programs


def uses_of_extras():
    """Every call of ``require`` in the package: the module that is imported, and the extra that an error names."""
    for path in (HOME / "torque_core").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "require":
                (module,), (extra,) = node.args, (keyword.value for keyword in node.keywords)
                if isinstance(module, ast.Constant):
                    yield module.value.partition(".")[0], extra.value


def test_extras_install_what_errors_say_they_install():
    project = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]
    extras = {name: list(map(Requirement, texts)) for name, texts in project["optional-dependencies"].items()}

    def installed(extra):
        for requirement in extras[extra]:
            yield requirement.name.lower()
            for further in requirement.extras:  # dask[distributed] installs distributed
                yield from installed(further) if requirement.name == project["name"] else (further,)

    distributions = packages_distributions()
    uses = set(uses_of_extras())
    assert len(uses) > 8
    for module, extra in uses:
        names = distributions.get(module, [module])  # of the same name, if it is not installed here
        assert {name.lower() for name in names} & set(installed(extra)), f"[{extra}] lacks {module}"
    assert {name for extra in extras for name in installed(extra)} == {project["name"], *installed("all")}
