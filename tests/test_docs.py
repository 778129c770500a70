import importlib
import inspect
import pkgutil

import pytest

import torque_core
from tests.docs import build

MODULES = [
    importlib.import_module(module.name)
    for module in pkgutil.walk_packages(torque_core.__path__, "torque_core.")
    if not any(part.startswith("_") for part in module.name.split("."))
]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("docs")
    build(folder)
    return folder


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_public_name_has_its_place_and_its_words(pages, module):
    page = pages.joinpath(*module.__name__.split(".")).with_suffix(".html").read_text()
    for name in module.__all__:
        assert f'id="{name}"' in page
        thing = getattr(module, name)
        if inspect.isclass(thing) or inspect.isfunction(thing):
            assert inspect.getdoc(thing), f"{module.__name__}.{name} has no docstring"


def test_formulas_are_formulas(pages):
    page = pages.joinpath("torque_core", "forces.html").read_text()
    assert "$$" in page
    shown = page.split("View Source")[0]
    assert ":math:" not in shown
