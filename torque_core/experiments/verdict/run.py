"""The trainings of a verdict."""

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.attacks.noise import add_noise
from torque_core.diagnostics.homophily import edge_homophily
from torque_core.errors import BadConfig
from torque_core.experiments.verdict.spec import VerdictSpec, VerdictTask
from torque_core.experiments.verdict.tables import Verdict, VerdictRun
from torque_core.graph.pairs import undirected_pairs
from torque_core.methods.catalog import find_method
from torque_core.methods.compare import compare
from torque_core.methods.train_by import train_by
from torque_core.rewiring.graph_change import GraphChange
from torque_core.training import Finished

__all__ = ["VerdictRun", "run_task", "run_verdict"]


@dataclass(frozen=True)
class _Unchanged:
    """A method that does not rewire."""

    pairs: Tensor

    @property
    def pruned_mask(self) -> Tensor:
        return torch.zeros(self.pairs.size(1), dtype=torch.bool)

    @property
    def rewired(self) -> Tensor:
        return self.pairs


def run_task(
    data: Data,
    task: VerdictTask,
    spec: VerdictSpec,
    *,
    device: str = "cpu",
    watch: Callable[[], object] = lambda: None,
) -> VerdictRun:
    """Add noise to a graph, train with one method, and record its score, its predictions and the edges that it prunes.

    A method with one graph per layer counts by the graph of its first layer.

    Args:
        data: The clean graph with the split of the task's seed.
        task: Method, noise level and seed.
        spec: Settings of the verdict.
        device: Device to train on.
        watch: Called after each epoch; an exception that it raises ends the run.

    Raises:
        TorqueError: If the method does not support this graph.

    Example:
        >>> from torque_core import TrainSpec, load
        >>> spec = VerdictSpec(seeds=1, training=TrainSpec(epochs=5))
        >>> run = run_task(load("karate").data, VerdictTask("torque", 0.5, 0), spec)
        >>> run.injected.sum().item(), run.pruned.shape == run.injected.shape
        (39, True)
    """
    noisy = add_noise(data, spec.noise(task))
    training, rewire = spec.seeded(task.seed)
    graph, method, change = noisy.data, task.method, None
    if find_method(task.method).transform is not None:
        watch()
        change = compare(noisy.data, task.method)
        graph = copy.copy(noisy.data)
        graph.edge_index, graph.edge_weight = change.edge_index, change.edge_weight
        if change.x is not None:
            graph.x = change.x.to(graph["x"])
        method = "plain"  # on the rewired graph
    end = None
    for event in train_by(method, graph, training, rewire, device=device):
        watch()
        if isinstance(event, Finished):
            end = event
    assert end is not None  # the last event
    result: GraphChange | _Unchanged = change or _Unchanged(undirected_pairs(noisy.data["edge_index"], len(data["x"])))
    if end.rewiring is not None:
        result = end.rewiring.layers[0].to("cpu")
    return VerdictRun(
        test=end.test,
        predictions=end.predictions,
        pairs=result.pairs,
        pruned=result.pruned_mask,
        injected=noisy.is_injected(result.pairs),
        homophily_before=edge_homophily(result.pairs, data["y"]),
        homophily_after=edge_homophily(result.rewired, data["y"]),
    )


def run_verdict(
    splits: Sequence[Data],
    spec: VerdictSpec | None = None,
    *,
    device: str = "cpu",
    watch: Callable[[], object] = lambda: None,
) -> Verdict:
    """Run all trainings of a verdict.

    Args:
        splits: The clean graph with a split for each seed.
        spec: Settings of the verdict.
        device: Device to train on.
        watch: Called after each epoch.

    Raises:
        BadConfig: If there are not as many splits as seeds.
        TorqueError: If a method does not support this graph.
    """
    spec = spec or VerdictSpec()
    if len(splits) != spec.seeds:
        raise BadConfig(f"splits must have one graph for each of the {spec.seeds} seeds, got {len(splits)}")
    runs = {task: run_task(splits[task.seed], task, spec, device=device, watch=watch) for task in spec.tasks()}
    return Verdict(spec, tuple(splits), runs)
