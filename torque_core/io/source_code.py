"""Python source code of specs, and of the lines that load a graph and add noise."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass

from torque_core.datasets import DatasetSpec
from torque_core.datasets.importers import ColumnRoles
from torque_core.datasets.info import USER_GRAPH
from torque_core.graph.noise import Noise

__all__ = ["GraphCode", "call", "import_lines", "used_classes"]

_GUESSED = ColumnRoles()


@dataclass(frozen=True)
class GraphCode:
    """A data set with noise, and the code that loads it.

    Attributes:
        dataset: The data set and its split.
        noise: The noise that is added to the graph.
        files: Names of the files of an imported graph; a script reads them from its working directory.
        roles: The roles of their columns that the user has chosen.

    Example:
        >>> code = GraphCode(DatasetSpec("karate"), Noise("insert", 0.5))
        >>> print("\\n".join(code.lines()))
        graph = load(DatasetSpec('karate'))
        noisy = add_noise(graph.data, Noise(rate=0.5))
    """

    dataset: DatasetSpec
    noise: Noise
    files: Sequence[str] = ()
    roles: ColumnRoles = _GUESSED

    def imports(self) -> dict[str, set[str]]:
        """Return the names that the code imports, by module."""
        names = {"torque_core": {"DatasetSpec", "Noise", "add_noise"}}
        if self.dataset.name == "block_model":
            names["torque_core"].add("BlockModel")
        if self.dataset.name != USER_GRAPH:
            names["torque_core"].add("load")
            return names
        names["torque_core.datasets.importers"] = {"import_graph"}
        if self.roles != _GUESSED:
            names["torque_core.datasets.importers"].add("ColumnRoles")
        return names | {"pathlib": {"Path"}}

    def lines(self) -> list[str]:
        """Return the lines of code, which define ``graph`` and ``noisy``."""
        dataset = call(self.dataset, positional="name", implied={"scheme": self.dataset.default_scheme})
        lines = [f"graph = load({dataset})"]
        if self.dataset.name == USER_GRAPH:
            roles = "" if self.roles == _GUESSED else f", roles={call(self.roles)}"
            lines = [
                f"files = {{name: Path(name).read_bytes() for name in {list(self.files)!r}}}  # your own files",
                f"graph = import_graph(files{roles}).dataset({dataset})",
            ]
        return [*lines, f"noisy = add_noise(graph.data, {call(self.noise)})"]


def import_lines(*names: Mapping[str, set[str]]) -> list[str]:
    """Return import statements for names by module, those of the standard library first.

    Example:
        >>> import_lines({"torque_core": {"load"}}, {"torque_core": {"Noise"}, "pathlib": {"Path"}})
        ['from pathlib import Path', '', 'from torque_core import Noise, load']
    """
    merged: dict[str, set[str]] = {}
    for one in names:
        for module, imported in one.items():
            merged[module] = merged.get(module, set()) | imported
    lines = [f"from {module} import {', '.join(sorted(merged[module]))}" for module in sorted(merged)]
    standard = [line for line in lines if not line.startswith("from torque_core")]
    return [*standard, *([""] if standard else []), *(line for line in lines if line not in standard)]


def call(spec: object, *, positional: str = "", implied: Mapping[str, object] | None = None) -> str:
    """Return the call that creates a frozen dataclass, with the fields that differ from their defaults.

    Args:
        spec: The dataclass.
        positional: The field that is passed without its name.
        implied: Values other than the default that a field has if it is not passed.

    Example:
        >>> call(DatasetSpec("karate", split=3), positional="name", implied={"scheme": "random-48-32-20"})
        "DatasetSpec('karate', split=3)"
    """
    arguments = []
    for field in fields(spec):  # type: ignore[arg-type]
        value = getattr(spec, field.name)
        if field.name == positional:
            arguments.append(repr(value))
        elif value not in (field.default, (implied or {}).get(field.name, field.default)):
            text = call(value) if is_dataclass(value) else repr(value)
            arguments.append(f"{field.name}={text}")
    return f"{type(spec).__name__}({', '.join(arguments)})"


def used_classes(spec: object) -> Iterator[type]:
    """Yield the classes in the call that creates a frozen dataclass.

    Example:
        >>> [cls.__name__ for cls in used_classes(DatasetSpec("karate"))]
        ['DatasetSpec']
    """
    yield type(spec)
    for field in fields(spec):  # type: ignore[arg-type]
        value = getattr(spec, field.name)
        if is_dataclass(value) and value != field.default:
            yield from used_classes(value)
