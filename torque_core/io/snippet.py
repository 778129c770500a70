"""Python scripts that reproduce the numbers of a rewiring, a training, a compared method or a stored experiment."""

from collections.abc import Sequence
from typing import Any

from torque_core.io.source_code import GraphCode, call, import_lines, used_classes
from torque_core.rewiring.spec import RewireSpec
from torque_core.training.spec import TrainSpec
from torque_core.utils.device import pick_device

__all__ = ["comparison_script", "experiment_script", "python_snippet", "training_script"]

_DETECTION = [
    "report = detection(layer.torque.value, layer.pruned_mask, noisy.is_injected(layer.pairs))",
    'print("precision", report.precision)',
    'print("recall", report.recall)',
    'print("AUROC of torque", report.auroc)',
]
_STRUCTURE = [
    "before, after = (structure(edges, layer.num_nodes, graph.data.y) for edges in (pairs, layer.rewired))",
    'print("components before", before.components)',
    'print("components after", after.components)',
    'print("isolated nodes before", before.isolated)',
    'print("isolated nodes after", after.isolated)',
]


def python_snippet(
    graph: GraphCode,
    spec: RewireSpec,
    *,
    layer: int = 0,
    device: str = "cpu",
    threshold: float | None = None,
    injected: bool | None = None,
) -> str:
    """Return a script that loads a graph, adds noise, rewires it and prints the results of one layer.

    Only arguments that differ from their defaults are written.

    Args:
        graph: The graph and its noise.
        spec: The settings of the rewiring.
        layer: The layer whose results are printed, from 0.
        device: The device that was used, a name in :data:`~torque_core.utils.device.DEVICES`; results on another
            device may differ by rounding.
        threshold: A manual threshold in that layer; None for the threshold of the cut rule.
        injected: Whether the noise inserts edges, so that their detection is measured; otherwise, the structure of the
            graph is. None for a guess from the noise rate.

    Example:
        >>> from torque_core import DatasetSpec, Noise
        >>> print(python_snippet(GraphCode(DatasetSpec("karate"), Noise("insert", 0.5)), RewireSpec(layers=1)))
        from torque_core import DatasetSpec, Noise, RewireSpec, add_noise, load, rewire
        from torque_core.diagnostics import detection, edge_homophily
        from torque_core.graph.pairs import undirected_pairs
        <BLANKLINE>
        graph = load(DatasetSpec('karate'))
        noisy = add_noise(graph.data, Noise(rate=0.5))
        layer = rewire(noisy.data, RewireSpec(layers=1)).layers[0]
        pairs = undirected_pairs(noisy.data.edge_index, layer.num_nodes)
        print("edges judged", layer.pairs.shape[1])
        print("edges pruned", layer.pruned.shape[1])
        print("edges added", layer.added.shape[1])
        report = detection(layer.torque.value, layer.pruned_mask, noisy.is_injected(layer.pairs))
        print("precision", report.precision)
        print("recall", report.recall)
        print("AUROC of torque", report.auroc)
        print("edge homophily before", edge_homophily(pairs, graph.data.y))
        print("edge homophily after", edge_homophily(layer.rewired, graph.data.y))
    """
    injected = graph.noise.rate > 0 if injected is None else injected
    measure = {
        "torque_core.diagnostics": {"edge_homophily", "detection" if injected else "structure"},
        "torque_core.graph.pairs": {"undirected_pairs"},
    }
    data, back = _on_device(device)
    recut = "" if threshold is None else f".recut({threshold!r}, additions={spec.additions!r})"
    return "\n".join([
        *import_lines(graph.imports(), {"torque_core": {"RewireSpec", "rewire"}}, measure),
        "",
        *graph.lines(),
        f"layer = rewire({data}, {call(spec)}){back}.layers[{layer}]{recut}",
        "pairs = undirected_pairs(noisy.data.edge_index, layer.num_nodes)",  # each once, as the app counts them
        'print("edges judged", layer.pairs.shape[1])',
        'print("edges pruned", layer.pruned.shape[1])',
        'print("edges added", layer.added.shape[1])',
        *(_DETECTION if injected else _STRUCTURE),
        'print("edge homophily before", edge_homophily(pairs, graph.data.y))',
        'print("edge homophily after", edge_homophily(layer.rewired, graph.data.y))',
    ])  # fmt: skip


def training_script(
    graph: GraphCode,
    spec: TrainSpec,
    rewire: RewireSpec,
    methods: Sequence[str],
    *,
    device: str = "cpu",
    seeds: int = 1,
) -> str:
    """Return a script that trains one model per method on a graph with noise and prints the scores of each.

    With several seeds, it prints the test score of each, their mean and their sample standard deviation. The seeds are
    those of ``spec`` and ``rewire`` and those that follow them; the graph with its noise remains the same.

    Args:
        graph: The graph and its noise.
        spec: How to train.
        rewire: The settings of the rewiring.
        methods: Names of the methods.
        device: The device that was used.
        seeds: Number of seeds.

    Example:
        >>> from torque_core import DatasetSpec, Noise
        >>> code = GraphCode(DatasetSpec("karate"), Noise())
        >>> print(training_script(code, TrainSpec(epochs=5), RewireSpec(), ["plain"]))
        from torque_core import DatasetSpec, Noise, RewireSpec, TrainSpec, add_noise, load
        from torque_core.experiments import train_by
        <BLANKLINE>
        graph = load(DatasetSpec('karate'))
        noisy = add_noise(graph.data, Noise())
        for method in ['plain']:
            *_, end = train_by(method, noisy.data, TrainSpec(epochs=5), RewireSpec(), device='cpu')
            print(method, "best epoch", end.best_epoch)
            print(method, "validation", end.validation)
            print(method, "test", end.test)
    """
    names = {"torque_core": {"RewireSpec", "TrainSpec"}, "torque_core.experiments": {"train_by"}}
    arguments = f"method, noisy.data, {call(spec)}, {call(rewire)}, device={pick_device(device).type!r}"
    if seeds > 1:
        return _training_script_of_seeds(graph, spec, rewire, methods, device, seeds)
    return "\n".join([
        *import_lines(graph.imports(), names),
        "",
        *graph.lines(),
        f"for method in {list(methods)!r}:",
        f"    *_, end = train_by({arguments})",
        '    print(method, "best epoch", end.best_epoch)',
        '    print(method, "validation", end.validation)',
        '    print(method, "test", end.test)',
    ])  # fmt: skip


def _training_script_of_seeds(
    graph: GraphCode, spec: TrainSpec, rewire: RewireSpec, methods: Sequence[str], device: str, seeds: int
) -> str:
    names = {
        "dataclasses": {"replace"},
        "statistics": {"mean", "stdev"},
        "torque_core": {"RewireSpec", "TrainSpec"},
        "torque_core.experiments": {"train_by"},
    }
    return "\n".join([
        *import_lines(graph.imports(), names),
        "",
        *graph.lines(),
        f"spec, rewire = {call(spec)}, {call(rewire)}",
        f"for method in {list(methods)!r}:",
        "    scores = []",
        f"    for repeat in range({seeds}):",
        "        seeded = replace(spec, seed=spec.seed + repeat), replace(rewire, seed=rewire.seed + repeat)",
        f"        *_, end = train_by(method, noisy.data, *seeded, device={pick_device(device).type!r})",
        "        scores.append(end.test)",
        '        print(method, "test with seed", seeded[0].seed, end.test)',
        "    if None not in scores:",
        '        print(method, "mean", mean(scores))',
        '        print(method, "standard deviation", stdev(scores))',
    ])  # fmt: skip


def comparison_script(graph: GraphCode, method: str, rewire: RewireSpec, *, layer: int = 0, device: str = "cpu") -> str:
    """Return a script that rewires a graph with noise by a method and prints the measures of the change.

    Args:
        graph: The graph and its noise.
        method: Name of the method.
        rewire: The settings of the rewiring; only torque and its controls depend on them.
        layer: The layer that is compared, from 0.
        device: The device that was used.

    Example:
        >>> from torque_core import DatasetSpec, Noise
        >>> print(comparison_script(GraphCode(DatasetSpec("karate"), Noise("insert", 0.5)), "gdc", RewireSpec()))
        from torque_core import DatasetSpec, Noise, RewireSpec, add_noise, load
        from torque_core.diagnostics.change_report import change_report
        from torque_core.methods.compare import compare
        <BLANKLINE>
        graph = load(DatasetSpec('karate'))
        noisy = add_noise(graph.data, Noise(rate=0.5))
        change = compare(noisy.data, 'gdc', RewireSpec(), layer=0)
        report = change_report(change, noisy.is_injected(change.pairs), graph.data.y, seconds=change.seconds)
        for name in ("kept", "pruned", "added", "precision", "recall", "homophily_before", "homophily_change"):
            print(name, getattr(report, name))
        for name in ("edge_homophily", "components", "isolated"):
            print(name, getattr(report.after, name))
    """
    names = {
        "torque_core": {"RewireSpec"},
        "torque_core.diagnostics.change_report": {"change_report"},
        "torque_core.methods.compare": {"compare"},
    }
    data, _ = _on_device(device)
    detection = '"precision", "recall", ' if graph.noise.rate else ""
    return "\n".join([
        *import_lines(graph.imports(), names),
        "",
        *graph.lines(),
        f"change = compare({data}, {method!r}, {call(rewire)}, layer={layer})",
        "report = change_report(change, noisy.is_injected(change.pairs), graph.data.y, seconds=change.seconds)",
        f'for name in ("kept", "pruned", "added", {detection}"homophily_before", "homophily_change"):',
        "    print(name, getattr(report, name))",
        'for name in ("edge_homophily", "components", "isolated"):',
        "    print(name, getattr(report.after, name))",
    ])  # fmt: skip


def experiment_script(experiment: Any) -> str:
    """Return a script that runs an experiment and prints its metrics.

    Args:
        experiment: A frozen dataclass, see :class:`~torque_core.experiments.experiment.Experiment`.

    Example:
        >>> from torque_core.experiments.kinds.training import Training
        >>> print(experiment_script(Training(dataset="karate", method="torque")))
        from torque_core.experiments.kinds.training import Training
        <BLANKLINE>
        experiment = Training(dataset='karate', scheme='random-48-32-20', method='torque')
        for name, value in experiment.run().metrics.items():
            print(name, value)
    """
    names: dict[str, set[str]] = {}
    for cls in used_classes(experiment):
        names.setdefault(cls.__module__, set()).add(cls.__name__)
    return "\n".join([
        *import_lines(names),
        "",
        f"experiment = {call(experiment)}",
        "for name, value in experiment.run().metrics.items():",
        "    print(name, value)",
    ])  # fmt: skip


def _on_device(device: str) -> tuple[str, str]:
    """Code of the noisy graph on the device, and of the way back to the CPU."""
    used = pick_device(device).type
    return ("noisy.data", "") if used == "cpu" else (f'noisy.data.clone().to("{used}")', '.to("cpu")')
