"""Python code that reproduces a rewiring and its numbers."""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass

from torque_core.datasets import DatasetSpec
from torque_core.datasets.info import USER_GRAPH
from torque_core.graph.noise import Noise
from torque_core.rewiring.spec import RewireSpec
from torque_core.utils.device import pick_device

__all__ = ["python_snippet"]


def python_snippet(
    dataset: DatasetSpec,
    noise: Noise,
    spec: RewireSpec,
    *,
    layer: int = 0,
    device: str = "cpu",
    threshold: float | None = None,
    files: Sequence[str] = (),
) -> str:
    """Return a script that loads a graph, adds noise, rewires it and prints the results of one layer.

    Only arguments that differ from their defaults are written.

    Args:
        dataset: The data set and its split.
        noise: The noise that is added to the graph.
        spec: The settings of the rewiring.
        layer: The layer whose results are printed, from 0.
        device: The device that was used, a name in :data:`~torque_core.utils.device.DEVICES`; results on another
            device may differ by rounding.
        threshold: A manual threshold in that layer; None for the threshold of the cut rule.
        files: Names of the files of an imported graph; the script reads them from its working directory.

    Example:
        >>> print(python_snippet(DatasetSpec("karate"), Noise("insert", 0.5), RewireSpec(layers=1)))
        from torque_core import DatasetSpec, Noise, RewireSpec, add_noise, load, rewire
        from torque_core.diagnostics import detection, edge_homophily
        <BLANKLINE>
        graph = load(DatasetSpec('karate'))
        noisy = add_noise(graph.data, Noise(rate=0.5))
        layer = rewire(noisy.data, RewireSpec(layers=1)).layers[0]
        report = detection(layer.torque.value, layer.pruned_mask, noisy.is_injected(layer.pairs))
        print("edges judged", layer.pairs.shape[1])
        print("edges pruned", report.pruned)
        print("edges added", layer.added.shape[1])
        print("precision", report.precision)
        print("recall", report.recall)
        print("AUROC of torque", report.auroc)
        print("edge homophily before", edge_homophily(noisy.data.edge_index, graph.data.y))
        print("edge homophily after", edge_homophily(layer.rewired, graph.data.y))
    """
    imports = ["DatasetSpec", "Noise", "RewireSpec", "add_noise", "load", "rewire"]
    if dataset.name == "block_model":
        imports.insert(0, "BlockModel")
    dataset_call = _call(dataset, positional="name", implied={"scheme": dataset.default_scheme})
    preamble, graph = [], f"graph = load({dataset_call})"
    if dataset.name == USER_GRAPH:
        imports.remove("load")
        preamble = ["from pathlib import Path", ""]
        graph = (
            f"files = {{name: Path(name).read_bytes() for name in {list(files)!r}}}  # your own files\n"
            f"graph = import_graph(files).dataset({dataset_call})"
        )
    used = pick_device(device).type
    data, back = ("noisy.data", "") if used == "cpu" else (f'noisy.data.clone().to("{used}")', '.to("cpu")')
    recut = "" if threshold is None else f".recut({threshold!r}, additions={spec.additions!r})"
    return "\n".join(
        [
            *preamble,
            f"from torque_core import {', '.join(imports)}",
            *(["from torque_core.datasets.importers import import_graph"] if dataset.name == USER_GRAPH else []),
            "from torque_core.diagnostics import detection, edge_homophily",
            "",
            graph,
            f"noisy = add_noise(graph.data, {_call(noise)})",
            f"layer = rewire({data}, {_call(spec)}){back}.layers[{layer}]{recut}",
            "report = detection(layer.torque.value, layer.pruned_mask, noisy.is_injected(layer.pairs))",
            'print("edges judged", layer.pairs.shape[1])',
            'print("edges pruned", report.pruned)',
            'print("edges added", layer.added.shape[1])',
            'print("precision", report.precision)',
            'print("recall", report.recall)',
            'print("AUROC of torque", report.auroc)',
            'print("edge homophily before", edge_homophily(noisy.data.edge_index, graph.data.y))',
            'print("edge homophily after", edge_homophily(layer.rewired, graph.data.y))',
        ]
    )


def _call(spec: object, *, positional: str = "", implied: dict[str, object] | None = None) -> str:
    """Write a frozen dataclass as the call that creates it, without defaults and ``implied`` values."""
    assert is_dataclass(spec)
    arguments = []
    for field in fields(spec):
        value = getattr(spec, field.name)
        if field.name == positional:
            arguments.append(repr(value))
        elif value not in (field.default, (implied or {}).get(field.name, field.default)):
            arguments.append(f"{field.name}={_call(value) if is_dataclass(value) else repr(value)}")
    return f"{type(spec).__name__}({', '.join(arguments)})"
