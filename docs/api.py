"""The pages of the public API, from its docstrings."""

import pkgutil
from functools import cache
from pathlib import Path

import markdown2
import pdoc
import pdoc.extract
import pdoc.render
import pdoc.search

import torque_core
from docs.formulas import with_mathml

__all__ = ["build_api", "modules"]

_TO_HTML = pdoc.render.env.filters["to_html"]


def modules() -> list[str]:
    """The package and every public module in it."""
    found = pkgutil.walk_packages(torque_core.__path__, "torque_core.")
    public = {module.name for module in found if not any(part.startswith("_") for part in module.name.split("."))}
    # a package brings along the modules that its __all__ does not hide
    return ["torque_core", *sorted(public - set(pdoc.extract.walk_specs(["torque_core"])))]


@cache
def _to_html(docstring: str) -> markdown2.UnicodeWithAttrs:
    return _TO_HTML(with_mathml(docstring))


def build_api(folder: Path) -> None:
    """Write ``index.html`` and a page for each module."""
    for name in torque_core.__all__:
        getattr(torque_core, name)  # imported at first use, and pdoc looks only at what is imported
    names = modules()
    pdoc.render.configure(docformat="google", math=False)
    pdoc.render.env.filters["to_html"] = pdoc.search.to_html = _to_html  # pdoc's own formulas need a script from a CDN
    brought = {name for module in names[1:] for name in pdoc.extract.walk_specs([module]) if name != module}
    pdoc.pdoc(*(name for name in names if name not in brought), output_directory=folder)
