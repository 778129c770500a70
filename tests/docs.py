"""Build the pages of the public API from its docstrings: ``python tests/docs.py [FOLDER]``."""

import pkgutil
import sys
from pathlib import Path

import pdoc
import pdoc.extract
import pdoc.render

import torque_core


def modules() -> list[str]:
    """The package and every public module in it."""
    found = pkgutil.walk_packages(torque_core.__path__, "torque_core.")
    public = {module.name for module in found if not any(part.startswith("_") for part in module.name.split("."))}
    # a package brings along what its __all__ does not hide
    return ["torque_core", *sorted(public - set(pdoc.extract.walk_specs(["torque_core"])))]


def build(folder: Path) -> None:
    """Write ``index.html`` and a page for each module."""
    named = modules()
    pdoc.render.configure(docformat="google", math=True)
    brought = {name for module in named[1:] for name in pdoc.extract.walk_specs([module]) if name != module}
    pdoc.pdoc(*(name for name in named if name not in brought), output_directory=folder)


if __name__ == "__main__":
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "build/docs")
    build(target)
    print(f"The pages are in {target}/index.html")
