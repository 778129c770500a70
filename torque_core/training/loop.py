"""Training loop that yields events, so that a caller can display or stop it at any time."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch_geometric.data import Data

from torque_core.diagnostics.gates import relation_gates
from torque_core.errors import BadConfig
from torque_core.nn import BACKBONES, TorqueGate, TorqueGNN, relation_graphs
from torque_core.nn.backbones import CACHING_CONVS
from torque_core.nn.relations import without_rewiring
from torque_core.rewiring.record import Rewiring
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec
from torque_core.scoring.class_probabilities import ClassProbabilities
from torque_core.training.events import Epoch, Event, Finished, Refresh
from torque_core.training.mini_batches import MiniBatches
from torque_core.training.spec import COMPLETE_MODELS, NORMS, TrainSpec
from torque_core.training.task import Task, score_of
from torque_core.utils.device import pick_device
from torque_core.utils.random import draw_from

__all__ = ["Rewirer", "train"]


class Rewirer(Protocol):
    """Function that rewires a graph like :func:`~torque_core.rewiring.rewire.rewire`."""

    def __call__(
        self, data: Data, spec: RewireSpec, *, class_probabilities: ClassProbabilities | None = None
    ) -> Rewiring:
        """Return the record of the rewiring."""


# arguments of a model by name: edge_index and edge_weight of each layer, and its pruned edges if they are a relation
_Graphs = dict[str, Any]


def train(
    data: Data,
    spec: TrainSpec | None = None,
    *,
    rewiring: RewireSpec | None = None,
    rewirer: Rewirer = rewire,
    layers: int = 2,
    device: str = "auto",
    watch_test: bool = False,
    batch_size: int | None = None,
    fanout: int = 15,
) -> Iterator[Event]:
    """Train a graph neural network, plain or rewired by torque, and yield an event after each epoch and rewiring.

    With ``rewiring``, the first ``warmup`` epochs use the input graph. Then the graph is rewired based on the features,
    and again every ``refresh_every`` epochs, based on the features and the class probabilities: those of the model
    where they reach ``confidence``, the labels at training nodes, and uniform probabilities elsewhere.

    The parameters of the epoch with the best validation score since the first rewiring are restored at the end, those
    of the last such epoch in case of ties. Validation labels are used for nothing else, and the test nodes are
    evaluated once, at the end, unless ``watch_test`` is set.

    The plain model uses the input graph including its self-loops and edge weights, which diffusion methods create.

    If the cut or addition rule is learned, such as ``bernoulli``, a :class:`~torque_core.nn.TorqueGate` is trained
    jointly from the first rewiring on. Scores and the final record use the edges that it keeps in evaluation mode.

    All random numbers are drawn from generators seeded by ``spec.seed``: torch's global random state is neither used
    nor changed, and trainings in parallel threads do not interfere. An exception are convolutions registered in
    :data:`~torque_core.nn.BACKBONES` that call :func:`torch.nn.functional.dropout` themselves. These draw from the
    global state, unless their forward has an argument ``generator`` and uses it.

    Args:
        data: Graph with ``x``, ``edge_index``, ``y`` and ``train_mask``, and optionally ``val_mask`` and ``test_mask``.
        spec: Training specification.
        rewiring: Rewiring specification; None to train the plain model.
        rewirer: Function that rewires the graph, such as :func:`~torque_core.rewiring.rewire.rewire` or a control.
        layers: Number of layers of the plain model; the number for a rewired model is ``rewiring.layers``.
        device: Device to train on, see :func:`~torque_core.utils.device.pick_device`.
        watch_test: Whether to evaluate the test nodes after every epoch, for display only: once these scores influence
            a choice, the test split is no longer a test split.
        batch_size: Number of training nodes in a mini-batch, each trained on sampled neighbours, see
            :class:`~torque_core.training.NeighbourSampler`; None for a step on the whole graph per epoch. Scores are
            computed on the whole graph in any case.
        fanout: Largest number of neighbours that are sampled for each node and layer.

    Yields:
        :class:`Epoch` and :class:`Refresh`, and finally :class:`Finished`. Closing the iterator stops the training.

    Raises:
        BadConfig: If the specifications contradict each other or do not fit the graph.
        BadGraph: If the graph, its labels or its masks are invalid.

    Example:
        >>> from torque_core.datasets import DatasetSpec, load
        >>> data = load(DatasetSpec("karate")).data
        >>> *events, end = train(data, TrainSpec(epochs=3, warmup=1), rewiring=RewireSpec(), device="cpu")
        >>> [type(event).__name__ for event in events]
        ['Epoch', 'Refresh', 'Epoch', 'Epoch']
    """
    spec = spec or TrainSpec()
    learned = rewiring is not None and rewiring.learned
    needed = set(spec.relations) - set(without_rewiring(spec.relations))
    if learned and needed:
        raise BadConfig(
            "a learned cut weights every edge and leaves no pruned edges for a separate relation; "
            'set relations=("kept",)'
        )
    if rewiring is None and needed:
        raise BadConfig(
            f'a model without rewiring has no relations {", ".join(sorted(needed))}; set relations=("kept",)'
        )
    batches = None if batch_size is None else MiniBatches(batch_size, fanout, spec, learned=learned)
    task = Task.of(data, spec.metric, pick_device(device))
    layers = rewiring.layers if rewiring else layers
    edge_index, edge_weight = task.edges(self_loops=rewiring is None)
    graphs: _Graphs = {"edge_index": [edge_index] * layers, "edge_weight": [edge_weight] * layers}
    current: Rewiring | None = None
    gate: TorqueGate | None = None

    generator = torch.Generator().manual_seed(spec.seed)
    with draw_from(generator):
        model = _model(spec, task, layers)
    model = model.to(task.x.device)
    if task.x.device != generator.device:
        generator = torch.Generator(task.x.device).manual_seed(spec.seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=spec.learning_rate, weight_decay=spec.weight_decay)

    best = _Best(0, None, None, graphs, copy.deepcopy(model.state_dict()))
    improved_at = 0
    for epoch in range(1, spec.epochs + 1):
        since_warmup = epoch - spec.warmup - 1
        if rewiring and since_warmup >= 0 and since_warmup % spec.refresh_every == 0:
            labels = torch.where(task.train, task.y, -1)
            class_probabilities = (
                ClassProbabilities(_predict(model, task, graphs), labels, spec.confidence) if since_warmup else None
            )
            current = rewirer(task.graph, rewiring, class_probabilities=class_probabilities)
            graphs = _model_graphs(current, spec)
            yield Refresh(epoch, current)
            if gate is not None:
                gate.set_rewiring(current)
            elif learned:
                gate = TorqueGate(current).to(task.x.device)
                optimizer.add_param_group({"params": list(gate.parameters()), "weight_decay": 0.0})
        weighted = dict(zip(graphs, gate(generator=generator), strict=True)) if gate else graphs
        loss = (_step if batches is None else batches.epoch)(model, optimizer, task, weighted, generator)
        if gate is not None:
            current = gate.record()
            graphs = _model_graphs(current, spec)
        logits = _predict(model, task, graphs)
        validation = score_of(logits, task.y, task.val, spec.metric)
        yield Epoch(
            epoch,
            loss,
            score_of(logits, task.y, task.train, spec.metric) or 0.0,
            validation,
            score_of(logits, task.y, task.test, spec.metric) if watch_test else None,
            _loss(logits, task.y, task.val),
            _loss(logits, task.y, task.test) if watch_test else None,
        )
        eligible = not rewiring or since_warmup >= 0 or spec.epochs <= spec.warmup
        if eligible and (best.epoch == 0 or (validation or 0.0) > (best.validation or 0.0)):
            improved_at = epoch
        if eligible and (validation or 0.0) >= (best.validation or 0.0):
            best = _Best(epoch, validation, current, graphs, copy.deepcopy(model.state_dict()))
        if spec.patience is not None and best.epoch and epoch - improved_at >= spec.patience:
            break
    model.load_state_dict(best.parameters)
    logits = _predict(model, task, best.graphs)
    test = score_of(logits, task.y, task.test, spec.metric)
    gates = relation_gates(model, task.x, task.y, **best.graphs) if isinstance(model, TorqueGNN) else None
    yield Finished(best.epoch, best.validation, test, best.rewiring, logits.softmax(dim=1).cpu(), model, gates)


@dataclass(frozen=True)
class _Best:
    """State of the best epoch so far."""

    epoch: int
    validation: float | None
    rewiring: Rewiring | None
    graphs: _Graphs
    parameters: dict[str, Tensor]


def _model_graphs(rewiring: Rewiring, spec: TrainSpec) -> _Graphs:
    relations = relation_graphs(rewiring, spec.relations)
    edges, weights = zip(*relations.pop("kept"), strict=True)
    return {"edge_index": list(edges), "edge_weight": list(weights)} | ({"relations": relations} if relations else {})


def _model(spec: TrainSpec, task: Task, layers: int) -> nn.Module:
    if spec.backbone in COMPLETE_MODELS:
        complete = COMPLETE_MODELS[spec.backbone]
        return complete(task.x.size(1), spec.hidden, layers, task.classes, dropout=spec.dropout, cached=True)
    cached: dict[str, Any] = {"cached": True} if BACKBONES[spec.backbone] in CACHING_CONVS else {}
    return TorqueGNN(
        task.x.size(1),
        spec.hidden,
        layers,
        task.classes,
        dropout=spec.dropout,
        input_dropout=spec.dropout,
        backbone=spec.backbone,
        separate=spec.separate,
        residual=spec.residual,
        jk=spec.jk,
        relations=spec.relations,
        directions=spec.directions,
        gate=spec.gate,
        relation_weights=spec.relation_weights,
        **NORMS[spec.norm],
        **cached,
    )


def _step(
    model: nn.Module, optimizer: torch.optim.Optimizer, task: Task, graphs: _Graphs, generator: torch.Generator
) -> float:
    model.train()
    optimizer.zero_grad()
    logits = model(task.x, **graphs, generator=generator)
    loss = cross_entropy(logits[task.train], task.y[task.train])
    loss.backward()
    optimizer.step()
    return float(loss.detach())


def _loss(logits: Tensor, y: Tensor, mask: Tensor) -> float | None:
    return float(cross_entropy(logits[mask], y[mask])) if bool(mask.any()) else None


@torch.no_grad()
def _predict(model: nn.Module, task: Task, graphs: _Graphs) -> Tensor:
    """Class scores in evaluation mode, (N, C)."""
    model.eval()
    logits: Tensor = model(task.x, **graphs)
    return logits
