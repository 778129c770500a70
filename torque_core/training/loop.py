"""Training as a stream of events, that a page, a script or a test can watch and stop at any time."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch_geometric.data import Data

from torque_core.errors import BadConfig
from torque_core.graph.pairs import directed_edges, direction_weights, undirected_pairs
from torque_core.nn import BACKBONES, FSGNN, GPRGNN, NORMS, RELATIONS, Graph, TorqueGate, TorqueGNN
from torque_core.rewiring.record import Rewiring
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec
from torque_core.scoring.class_probabilities import ClassProbabilities
from torque_core.training.task import Task, score_of
from torque_core.utils.device import pick_device
from torque_core.utils.random import check_seed, draw_from
from torque_core.utils.validation import check_choices, check_ranges

__all__ = ["METRICS", "MODELS", "Epoch", "Event", "Finished", "Refresh", "Rewirer", "TrainSpec", "train"]

METRICS = ("accuracy", "roc_auc")
_WHOLE_MODELS: dict[str, type[FSGNN] | type[GPRGNN]] = {"gprgnn": GPRGNN, "fsgnn": FSGNN}
MODELS = (*BACKBONES, *_WHOLE_MODELS)

_RANGES = {
    "epochs": (1, 2000),
    "learning_rate": (1e-6, 10),
    "weight_decay": (0, 1),
    "hidden": (1, 4096),
    "dropout": (0, 0.99),
    "warmup": (0, 2000),
    "refresh_every": (1, 2000),
    "confidence": (0, 1),
    "patience": (1, 2000),
}
_WHOLE = ("epochs", "hidden", "warmup", "refresh_every", "patience")


class Rewirer(Protocol):
    """What can stand in for :func:`~torque_core.rewiring.rewire.rewire` in training."""

    def __call__(
        self, data: Data, spec: RewireSpec, *, class_probabilities: ClassProbabilities | None = None
    ) -> Rewiring:
        """The record of every layer."""


# edge_index and edge_weight of each layer, and the pruned edges of each if they are a relation of the model
_Graphs = tuple[list[Tensor], list[Tensor | None]] | tuple[list[Tensor], list[Tensor | None], list[Graph]]


@dataclass(frozen=True)
class TrainSpec:
    """How to train, the same for the plain and the rewired model.

    Attributes:
        epochs: Passes over the graph, 1 to 2000.
        learning_rate: Of Adam.
        weight_decay: Of Adam.
        hidden: Width of the hidden layers.
        dropout: Dropout probability.
        warmup: Epochs on the input graph before the first rewiring, which looks at features only and needs none.
        refresh_every: Epochs between two rewirings; the later ones also look at what the model believes by then.
        patience: Training ends after so many epochs without a better validation score; None never.
        confidence: A node's belief counts from this class probability upwards; in [0, 1].
        metric: ``accuracy``, or ``roc_auc`` for two classes.
        seed: Of the weights and the dropout.
        backbone: A name in :data:`~torque_core.nn.BACKBONES`, or ``gprgnn`` for :class:`~torque_core.nn.GPRGNN`,
            ``fsgnn`` for :class:`~torque_core.nn.FSGNN`.
        separate: Whether a node is transformed apart from its neighbours, see :class:`~torque_core.nn.TorqueGNN`.
        residual: Whether a layer's input is added to its output.
        norm: Of the hidden layers: None, ``batch`` or ``layer``.
        relations: ``("kept",)``, or ``("kept", "pruned")`` for a rewired model that uses pruned edges as a separate
            relation, see :class:`~torque_core.nn.TorqueGNN`; the backbone must then be a graph convolution.
    """

    epochs: int = 200
    learning_rate: float = 0.01
    weight_decay: float = 5e-4
    hidden: int = 64
    dropout: float = 0.5
    warmup: int = 0
    refresh_every: int = 60
    confidence: float = 0.9
    patience: int | None = None
    metric: str = "accuracy"
    seed: int = 0
    backbone: str = "gcn"
    separate: bool = False
    residual: bool = False
    norm: str | None = None
    relations: tuple[str, ...] = ("kept",)

    def __post_init__(self) -> None:
        """Raise :class:`BadConfig` for a value that cannot be."""
        check_ranges(self, _RANGES, whole=_WHOLE, optional="patience")
        check_seed(self.seed)
        check_choices(self, {"metric": METRICS, "backbone": MODELS, "norm": NORMS, "relations": RELATIONS})
        if "pruned" in self.relations and self.backbone in (*_WHOLE_MODELS, "mlp"):
            raise BadConfig(
                f"backbone {self.backbone!r} cannot use pruned edges as a separate relation; take gcn, sage or gat"
            )


@dataclass(frozen=True)
class Epoch:
    """One epoch is over. Scores are shares in [0, 1], losses are cross-entropies in nats.

    Of ``loss`` the weights have learned, with dropout. ``validation`` and its loss are None without validation nodes,
    ``test`` and its loss unless the training was asked to watch them.
    """

    epoch: int
    loss: float
    train: float
    validation: float | None
    test: float | None = None
    validation_loss: float | None = None
    test_loss: float | None = None


@dataclass(frozen=True)
class Refresh:
    """The graph was rewired before this epoch."""

    epoch: int
    rewiring: Rewiring


@dataclass(frozen=True)
class Finished:
    """Training is over. ``test`` was read once, with the weights and graphs of ``best_epoch``."""

    best_epoch: int
    validation: float | None
    test: float | None
    rewiring: Rewiring | None
    probabilities: Tensor
    """Class probabilities of all nodes, :math:`(|\\mathcal{V}|, C)`, on the CPU."""
    model: nn.Module
    """The trained model, as it was at ``best_epoch``."""

    @property
    def predictions(self) -> Tensor:
        """Predicted classes of all nodes, :math:`(|\\mathcal{V}|,)`, on the CPU."""
        return self.probabilities.argmax(dim=1)


Event = Epoch | Refresh | Finished


def train(
    data: Data,
    spec: TrainSpec | None = None,
    *,
    rewiring: RewireSpec | None = None,
    rewirer: Rewirer = rewire,
    layers: int = 2,
    device: str = "auto",
    watch_test: bool = False,
) -> Iterator[Event]:
    """Train a graph neural network, plain or rewired by torque, and yield what happens as it happens.

    With ``rewiring``, the first ``warmup`` epochs run on the input graph. Then the graph is rewired from the
    features, and every ``refresh_every`` epochs again, from the features and the model's beliefs: its class
    probabilities where they reach ``confidence``, the labels at training nodes, and "all classes alike" elsewhere.
    The weights that are kept are those of the best validation score since the first rewiring, the later epoch among
    equals. Validation labels choose the epoch and do nothing else; the test mask is read once, at the end,
    unless ``watch_test`` asks for more.

    A plain model takes the graph as it comes, self-loops and their weights too, as diffusion leaves them.

    With a cut or addition rule that is learned, such as ``bernoulli``, a :class:`~torque_core.nn.TorqueGate` learns
    along from the first rewiring on; what it keeps in evaluation is scored, and stands in the record at the end.

    Args:
        data: A graph with ``x``, ``edge_index``, ``y`` and ``train_mask``; ``val_mask`` and ``test_mask`` if there.
        spec: How to train.
        rewiring: How to rewire; None trains the plain model.
        rewirer: What rewires by that; a control takes its place to do otherwise.
        layers: Layers of the plain model; a rewired model has as many as its :class:`RewireSpec` says.
        device: See :func:`~torque_core.utils.device.pick_device`.
        watch_test: Whether every epoch also says its test score and loss, to be looked at and for nothing else: whoever
            chooses by them has no test split any more.

    Yields:
        :class:`Epoch` and :class:`Refresh`, and :class:`Finished` last. Closing the iterator stops the training.

    Example:
        >>> from torque_core.datasets import DatasetSpec, load
        >>> data = load(DatasetSpec("karate")).data
        >>> *epochs, end = train(data, TrainSpec(epochs=3, warmup=1), rewiring=RewireSpec(), device="cpu")
        >>> [type(event).__name__ for event in epochs]
        ['Epoch', 'Refresh', 'Epoch', 'Epoch']
    """
    spec = spec or TrainSpec()
    learned = rewiring is not None and rewiring.learned
    if learned and "pruned" in spec.relations:
        raise BadConfig(
            "a learned cut weights every edge and leaves no pruned edges for a separate relation; "
            'set relations=("kept",)'
        )
    task = Task.of(data, spec.metric, pick_device(device))
    layers = rewiring.layers if rewiring else layers
    edge_index, edge_weight = _input_graph(task.graph, loops=rewiring is None)
    graphs: _Graphs = [edge_index] * layers, [edge_weight] * layers
    current: Rewiring | None = None
    gate: TorqueGate | None = None  # if there are thresholds to learn

    generator = torch.Generator().manual_seed(spec.seed)
    with draw_from(generator):
        model = _model(spec, task, layers)
    model = model.to(task.x.device)
    if task.x.device != generator.device:
        generator = torch.Generator(task.x.device).manual_seed(spec.seed)
    optimizer = torch.optim.Adam(model.parameters(), lr=spec.learning_rate, weight_decay=spec.weight_decay)

    best = _Best(0, None, None, graphs, copy.deepcopy(model.state_dict()))
    better_at = 0
    for epoch in range(1, spec.epochs + 1):
        since_warmup = epoch - spec.warmup - 1
        if rewiring and since_warmup >= 0 and since_warmup % spec.refresh_every == 0:
            known = torch.where(task.train, task.y, -1)
            class_probabilities = (
                None if since_warmup == 0 else ClassProbabilities(_predict(model, task, graphs), known, spec.confidence)
            )
            current = rewirer(task.graph, rewiring, class_probabilities=class_probabilities)
            graphs = _graphs_of(current, spec)
            yield Refresh(epoch, current)
            if gate is not None:
                gate.set_rewiring(current)
            elif learned:
                gate = TorqueGate(current).to(task.x.device)
                optimizer.add_param_group({"params": list(gate.parameters()), "weight_decay": 0.0})
        step_graphs = gate(generator=generator) if gate else graphs
        loss = _step(model, optimizer, task, step_graphs, generator)
        if gate is not None:
            current = gate.record()
            graphs = _graphs_of(current, spec)
        scores = _predict(model, task, graphs)
        validation = score_of(scores, task.y, task.val, spec.metric)
        yield Epoch(
            epoch,
            loss,
            score_of(scores, task.y, task.train, spec.metric) or 0.0,
            validation,
            score_of(scores, task.y, task.test, spec.metric) if watch_test else None,
            _loss(scores, task.y, task.val),
            _loss(scores, task.y, task.test) if watch_test else None,
        )
        rewired_yet = not rewiring or since_warmup >= 0 or spec.epochs <= spec.warmup
        if rewired_yet and (best.epoch == 0 or (validation or 0.0) > (best.validation or 0.0)):
            better_at = epoch
        if rewired_yet and (validation or 0.0) >= (best.validation or 0.0):
            best = _Best(epoch, validation, current, graphs, copy.deepcopy(model.state_dict()))
        if spec.patience is not None and best.epoch and epoch - better_at >= spec.patience:
            break
    model.load_state_dict(best.weights)
    scores = _predict(model, task, best.graphs)
    test = score_of(scores, task.y, task.test, spec.metric)
    yield Finished(best.epoch, best.validation, test, best.rewiring, scores.softmax(dim=1).cpu(), model)


@dataclass(frozen=True)
class _Best:
    """The epoch that is kept, so far."""

    epoch: int
    validation: float | None
    rewiring: Rewiring | None
    graphs: _Graphs
    weights: dict[str, Tensor]


def _graphs_of(rewiring: Rewiring, spec: TrainSpec) -> _Graphs:
    """What the model is called with."""
    graphs = rewiring.edge_indices, rewiring.edge_weights
    return (*graphs, rewiring.pruned_graphs) if "pruned" in spec.relations else graphs


def _input_graph(graph: Data, *, loops: bool) -> tuple[Tensor, Tensor | None]:
    """The edges, each direction once, and their weights; with the self-loops or without."""
    edge_index, weight = graph["edge_index"], graph.get("edge_weight")
    pairs = undirected_pairs(edge_index, len(graph["x"]))
    edges, weights = directed_edges(pairs, direction_weights(graph, pairs))
    own = edge_index[0] == edge_index[1]
    if not loops or not bool(own.any()):
        return edges, weights
    weights = torch.ones_like(edges[0]).float() if weights is None else weights
    of_loops = torch.ones_like(edge_index[0, own]).float() if weight is None else weight[own].float()
    return torch.cat([edges, edge_index[:, own]], dim=1), torch.cat([weights, of_loops])


def _model(spec: TrainSpec, task: Task, layers: int) -> nn.Module:
    if spec.backbone in _WHOLE_MODELS:
        whole = _WHOLE_MODELS[spec.backbone]
        return whole(task.x.size(1), spec.hidden, task.classes, num_layers=layers, dropout=spec.dropout)
    return TorqueGNN(
        task.x.size(1),
        spec.hidden,
        task.classes,
        num_layers=layers,
        dropout=spec.dropout,
        backbone=spec.backbone,
        separate=spec.separate,
        residual=spec.residual,
        norm=spec.norm,
        relations=spec.relations,
    )


def _step(
    model: nn.Module, optimizer: torch.optim.Optimizer, task: Task, graphs: _Graphs, generator: torch.Generator
) -> float:
    model.train()
    optimizer.zero_grad()
    loss = cross_entropy(model(task.x, *graphs, generator=generator)[task.train], task.y[task.train])
    loss.backward()
    optimizer.step()
    return float(loss.detach())


def _loss(scores: Tensor, y: Tensor, mask: Tensor) -> float | None:
    return float(cross_entropy(scores[mask], y[mask])) if bool(mask.any()) else None


@torch.no_grad()
def _predict(model: nn.Module, task: Task, graphs: _Graphs) -> Tensor:
    """Class scores, (N, C)."""
    model.eval()
    logits: Tensor = model(task.x, *graphs)
    return logits
