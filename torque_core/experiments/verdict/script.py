"""Python code that runs a verdict and prints its tables."""

from collections.abc import Sequence

from torque_core.datasets import DatasetSpec
from torque_core.datasets.importers import ColumnRoles
from torque_core.datasets.info import USER_GRAPH
from torque_core.experiments.verdict.spec import VerdictSpec

__all__ = ["verdict_script"]

_GUESSED = ColumnRoles()


def verdict_script(
    datasets: Sequence[DatasetSpec], spec: VerdictSpec, *, files: Sequence[str] = (), roles: ColumnRoles = _GUESSED
) -> str:
    """Return a script that runs a verdict and prints its tables.

    Args:
        datasets: The data set with the split of each seed.
        spec: Settings of the verdict.
        files: Names of the files of an imported graph; the script reads them from its working directory.
        roles: The roles of their columns that the user has chosen.

    Example:
        >>> print(verdict_script([DatasetSpec("karate")], VerdictSpec(seeds=1)).splitlines()[-5])
        splits = [load(dataset).data for dataset in datasets]
    """
    own = datasets[0].name == USER_GRAPH
    lines = ["from torque_core import BlockModel, DatasetSpec, RewireSpec, TrainSpec, load  # noqa: F401"]
    if own:
        lines = [
            "from pathlib import Path",
            "",
            "from torque_core import BlockModel, DatasetSpec, RewireSpec, TrainSpec  # noqa: F401",
            f"from torque_core.datasets.importers import {'' if roles == _GUESSED else 'ColumnRoles, '}import_graph",
        ]
    lines += [
        "from torque_core.experiments.verdict import VerdictSpec, run_verdict",
        "",
        "datasets = [",
        *(f"    {dataset!r}," for dataset in datasets),
        "]",
        f"spec = {spec!r}",
    ]
    if own:
        lines += [
            f"files = {{name: Path(name).read_bytes() for name in {list(files)!r}}}  # your own files",
            f"graph = import_graph(files{'' if roles == _GUESSED else f', roles={roles!r}'})",
        ]
    load = "graph.dataset(dataset)" if own else "load(dataset)"
    return "\n".join(
        [
            *lines,
            f"splits = [{load}.data for dataset in datasets]",
            "verdict = run_verdict(splits, spec)",
            "print(verdict.sentence())",
            "print(verdict.scores().to_string())",
            "print(verdict.edges().to_string())",
        ]
    )
