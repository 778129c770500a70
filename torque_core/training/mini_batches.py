"""An epoch of training in mini-batches with sampled neighbours."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from torque_core.errors import BadConfig
from torque_core.training.neighbour_sampler import NeighbourSampler, SampledGraphs
from torque_core.training.spec import COMPLETE_MODELS, TrainSpec
from torque_core.training.task import Task

__all__ = ["MiniBatches"]

_WHOLE_GRAPH = ("gcn_svd",)  # backbones that need every edge


class MiniBatches:
    """Training in mini-batches: the training nodes in random order, with sampled neighbours.

    Args:
        size: Number of training nodes in a batch.
        fanout: Largest number of neighbours that are sampled for each node and layer.
        spec: The training; its backbone must be a graph convolution that sends messages along the edges.
        learned: Whether the cut or the addition rule is learned.

    Raises:
        BadConfig: If a number is less than 1, or the model cannot be trained on sampled neighbours.
    """

    def __init__(self, size: int, fanout: int, spec: TrainSpec, *, learned: bool = False) -> None:
        if type(size) is not int or size < 1:
            raise BadConfig(f"batch_size must be an integer of at least 1, or None for the whole graph; got {size!r}")
        if spec.backbone in (*COMPLETE_MODELS, *_WHOLE_GRAPH):
            raise BadConfig(
                f"backbone {spec.backbone!r} needs the whole graph; set batch_size=None or take gcn or sage"
            )
        if spec.directions != ("forth",):
            raise BadConfig(f"neighbours are sampled along the edges; with batch_size, set directions=('forth',), "
                            f"got {spec.directions!r}")  # fmt: skip
        if learned:
            raise BadConfig("a learned cut or addition rule weights every edge; set batch_size=None")
        self._size, self._fanout = size, fanout
        # activations of different hops have different lengths, which jumping knowledge cannot join
        self._trim = spec.jk is None
        self._graphs: Mapping[str, Any] = {}
        self._sampler: NeighbourSampler | None = None

    def epoch(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        task: Task,
        graphs: Mapping[str, Any],
        generator: torch.Generator,
    ) -> float:
        """Take a step for each batch; return the mean training loss.

        Args:
            model: The model.
            optimizer: Its optimiser.
            task: Features, labels and split.
            graphs: Arguments ``edge_index``, ``edge_weight`` and ``relations`` of the model.
            generator: Generator of the order, the samples and the dropout masks.
        """
        if self._sampler is None or graphs is not self._graphs:
            nodes = len(task.y)
            self._sampler, self._graphs = NeighbourSampler(**graphs, num_nodes=nodes, fanout=self._fanout), graphs
        # numbers are drawn on the CPU, where neighbours are sampled, so that a seed gives the same batches everywhere
        seed = int(torch.randint(2**62, (), generator=generator, device=generator.device))
        sampling = torch.Generator().manual_seed(seed)
        train = task.train.cpu().nonzero().flatten()
        order = train[torch.randperm(len(train), generator=sampling)]
        total = 0.0
        model.train()
        for batch in order.split(self._size):
            sampled = self._sampler.sample(batch, sampling)
            optimizer.zero_grad()
            logits = self._forward(model, task, sampled, generator)[: len(batch)]
            loss = cross_entropy(logits, task.y[batch.to(task.y.device)])
            loss.backward()
            optimizer.step()
            total += float(loss.detach()) * len(batch)
        return total / len(train)

    def _forward(self, model: nn.Module, task: Task, sampled: SampledGraphs, generator: torch.Generator) -> Tensor:
        device = task.y.device
        options: dict[str, Any] = {}
        if self._trim:  # each layer computes only the nodes that later layers need
            options = {
                "num_sampled_nodes_per_hop": sampled.nodes_per_hop,
                "num_sampled_edges_per_hop": [0] * len(sampled.edge_index),  # layers have no other edges
            }
        if sampled.relations:
            options["relations"] = {
                name: [(edges.to(device), _to(weight, device)) for edges, weight in graphs]
                for name, graphs in sampled.relations.items()
            }
        out: Tensor = model(
            task.graph["x"][sampled.nodes.to(device)],
            [edges.to(device) for edges in sampled.edge_index],
            [_to(weight, device) for weight in sampled.edge_weight],
            generator=generator,
            **options,
        )
        return out


def _to(weight: Tensor | None, device: torch.device) -> Tensor | None:
    return None if weight is None else weight.to(device)
