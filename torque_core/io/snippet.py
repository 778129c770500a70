"""A few lines of Python that give the numbers of a view again."""

from collections.abc import Sequence
from dataclasses import fields, is_dataclass

from torque_core.datasets import DatasetSpec
from torque_core.datasets.info import YOURS
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
    """A script that loads, disturbs and rewires, and prints what became of the edges in one layer.

    Only what is not default is spelled out.

    Args:
        dataset: Which graph.
        noise: What disturbs it.
        spec: How it is rewired.
        layer: Which layer's numbers, from 0.
        device: Where it was rewired, a name in :data:`~torque_core.utils.device.DEVICES`; another may round otherwise.
        threshold: A cut by hand in that layer; None for the rule's own.
        files: Names of the files that a person's own graph is from; the script reads them where it runs.

    Example:
        >>> print(python_snippet(DatasetSpec("karate"), Noise("insert", 0.5), RewireSpec(layers=1)))
        from torque_core import DatasetSpec, Noise, RewireSpec, add_noise, load, rewire
        from torque_core.diagnostics import detection, edge_homophily
        <BLANKLINE>
        graph = load(DatasetSpec('karate'))
        noisy = add_noise(graph.data, Noise(rate=0.5))
        layer = rewire(noisy.data, RewireSpec(layers=1)).layers[0]
        found = detection(layer.torque.value, layer.pruned_mask, noisy.is_injected(layer.pairs))
        print("edges judged", layer.pairs.shape[1])
        print("edges pruned", found.pruned)
        print("links added", layer.added.shape[1])
        print("precision", found.precision)
        print("recall", found.recall)
        print("AUROC of torque", found.auroc)
        print("edge homophily before", edge_homophily(noisy.data.edge_index, graph.data.y))
        print("edge homophily after", edge_homophily(layer.rewired, graph.data.y))
    """
    imports = ["DatasetSpec", "Noise", "RewireSpec", "add_noise", "load", "rewire"]
    if dataset.name == "block_model":
        imports.insert(0, "BlockModel")
    said = _said(dataset, first="name", implied={"scheme": dataset.default_scheme})
    first, graph = [], f"graph = load({said})"
    if dataset.name == YOURS:
        imports.remove("load")
        first = ["from pathlib import Path", ""]
        graph = (
            f"files = {{name: Path(name).read_bytes() for name in {list(files)!r}}}  # your own\n"
            f"graph = import_graph(files).dataset({said})"
        )
    home = pick_device(device).type
    disturbed, back = ("noisy.data", "") if home == "cpu" else (f'noisy.data.clone().to("{home}")', '.to("cpu")')
    recut = "" if threshold is None else f".recut({threshold!r})"
    return "\n".join(
        [
            *first,
            f"from torque_core import {', '.join(imports)}",
            *(["from torque_core.datasets.importers import import_graph"] if dataset.name == YOURS else []),
            "from torque_core.diagnostics import detection, edge_homophily",
            "",
            graph,
            f"noisy = add_noise(graph.data, {_said(noise)})",
            f"layer = rewire({disturbed}, {_said(spec)}){back}.layers[{layer}]{recut}",
            "found = detection(layer.torque.value, layer.pruned_mask, noisy.is_injected(layer.pairs))",
            'print("edges judged", layer.pairs.shape[1])',
            'print("edges pruned", found.pruned)',
            'print("links added", layer.added.shape[1])',
            'print("precision", found.precision)',
            'print("recall", found.recall)',
            'print("AUROC of torque", found.auroc)',
            'print("edge homophily before", edge_homophily(noisy.data.edge_index, graph.data.y))',
            'print("edge homophily after", edge_homophily(layer.rewired, graph.data.y))',
        ]
    )


def _said(spec: object, *, first: str = "", implied: dict[str, object] | None = None) -> str:
    """A frozen dataclass as the call that makes it, without what is default; ``first`` goes by place."""
    assert is_dataclass(spec)
    given = []
    for field in fields(spec):
        value = getattr(spec, field.name)
        if field.name == first:
            given.append(repr(value))
        elif value not in (field.default, (implied or {}).get(field.name, field.default)):
            given.append(f"{field.name}={_said(value) if is_dataclass(value) else repr(value)}")
    return f"{type(spec).__name__}({', '.join(given)})"
