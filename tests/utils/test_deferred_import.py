import subprocess
import sys

import pytest

from torque_core.utils.deferred_import import defer_import

PROGRAM = """
import sys
from torque_core import Noise, add_noise, load, rewire
rewire(add_noise(load("karate").data, Noise("insert", 0.5)).data)
assert "torch._dynamo.convert_frame" not in sys.modules
import torch
torch.optim.Adam([torch.nn.Parameter(torch.ones(2))])
assert torch._dynamo is sys.modules["torch._dynamo"]
assert "torch._dynamo.convert_frame" in sys.modules
from torch_geometric.isinstance import is_torch_instance
assert is_torch_instance(torch.compile(torch.nn.Linear(1, 1)), torch.nn.Linear)
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package that counts how often it is imported."""
    folder = tmp_path / "slow_package"
    folder.mkdir()
    (folder / "__init__.py").write_text("import builtins\nbuiltins.imports_of_slow_package += 1\nvalue = 7\n")
    (folder / "part.py").write_text("other = 8\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("builtins.imports_of_slow_package", 0, raising=False)
    yield "slow_package"
    for name in ("slow_package", "slow_package.part"):
        sys.modules.pop(name, None)


def imports():
    import builtins

    return builtins.imports_of_slow_package


def test_an_attribute_imports_it_once(package):
    defer_import(package)
    import slow_package

    assert not hasattr(slow_package, "__file__")
    assert imports() == 0
    assert slow_package.value == slow_package.value == 7
    assert imports() == 1
    assert sys.modules[package].__file__
    with pytest.raises(AttributeError, match="has no attribute 'missing'"):
        _ = slow_package.missing


def test_a_name_imports_it(package):
    defer_import(package)
    from slow_package import value

    assert (value, imports()) == (7, 1)


def test_a_submodule_imports_it(package):
    defer_import(package)
    import slow_package.part

    assert (slow_package.part.other, slow_package.value, imports()) == (8, 7, 1)


def test_what_is_loaded_stays(package):
    import slow_package

    defer_import(package)
    assert sys.modules[package] is slow_package


def test_rewiring_needs_no_compiler_and_optimisers_find_it():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
