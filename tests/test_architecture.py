"""The import rule: a package imports only from packages before it, and no private name crosses a package."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

HOME = Path(__file__).resolve().parents[1]

CORE = (
    *("errors", "utils", "graph", "scoring", "rewiring", "nn", "diagnostics", "training", "baselines", "attacks"),
    *("datasets", "io", "out_of_core", "figures", "methods", "experiments", "bench", "cli", "__main__"),
)
APP = ("state", "runs", "core", "background", "frame", "views", "lesson")
MODULES = sorted(path for folder in ("torque_core", "pages") for path in (HOME / folder).rglob("*.py"))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(HOME).with_suffix("").parts).removesuffix(".__init__")


def package_of(module: str) -> tuple[str, int] | None:
    """The side of the house, and the place of the module's package in its order; None at the top."""
    parts = module.split(".")
    if parts[0] == "torque_core":
        return ("core", CORE.index(parts[1])) if len(parts) > 1 else None
    if parts[:2] == ["pages", "shared"]:
        return ("app", APP.index(parts[2])) if len(parts) > 2 else None
    return "app", len(APP)


def imports(source: str) -> Iterator[tuple[str, str | None]]:
    """Modules that a source imports from, each with an imported name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            assert not node.level, "relative imports are not used here"
            yield from ((node.module or "", alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)


def is_module(name: str) -> bool:
    path = HOME.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def violations(module: str, source: str) -> list[str]:
    own, found = package_of(module), []
    for origin, name in imports(source):
        if origin.split(".")[0] not in ("torque_core", "pages"):
            if origin.split(".")[0] == "streamlit" and module.startswith("torque_core"):
                found.append(f"{module} imports streamlit")
            continue
        target = f"{origin}.{name}" if name and is_module(f"{origin}.{name}") else origin
        other = package_of(target)
        if own and other and own[0] == other[0] and other[1] > own[1]:
            found.append(f"{module} imports {target}, which comes after it")
        if own and own[0] == "core" and other and other[0] == "app":
            found.append(f"{module} imports the app's {target}")
        private = [part for part in [*target.split("."), name or ""] if part.startswith("_") and part[:2] != "__"]
        if private and own != other:
            found.append(f"{module} imports {private[0]} of {origin}, which is private there")
    return found


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_imports_follow_the_order_of_the_packages(path):
    assert not violations(name_of(path), path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("module", "source", "message"),
    [
        ("torque_core.graph.pairs", "from torque_core.rewiring.rewire import rewire", "which comes after it"),
        ("torque_core.utils.files", "import torque_core.io.tables", "which comes after it"),
        ("torque_core.io.tables", "from torque_core.rewiring.rewire import _helper", "private"),
        ("torque_core.io.tables", "from torque_core.diagnostics import _blocks", "private"),
        ("torque_core.io.tables", "import streamlit as st", "imports streamlit"),
        ("torque_core.io.tables", "from pages.shared.core import queries", "the app's"),
        ("pages.shared.state.link", "from pages.shared.frame import page", "which comes after it"),
    ],
)
def test_a_violation_is_found(module, source, message):
    (found,) = violations(module, source)
    assert message in found


def test_what_is_allowed_is_no_violation():
    assert not violations("torque_core.io.tables", "from torque_core.rewiring.record import Rewiring\nimport numpy")
    assert not violations("torque_core.io.tables", "from torque_core import __version__, rewire")
    assert not violations("pages.explore", "from pages.shared.lesson.catalog import STEPS")


def test_every_package_has_its_place():
    packages = {path.name for path in (HOME / "torque_core").iterdir() if (path / "__init__.py").is_file()}
    assert packages <= set(CORE)
    assert {path.name for path in (HOME / "pages/shared").iterdir() if (path / "__init__.py").is_file()} == set(APP)
