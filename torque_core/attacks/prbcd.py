"""Adaptive gradient-based attacks (PRBCD) on a trained model and its rewiring."""

import copy
import warnings
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from torque_core.attacks.pipeline import EdgeFilter, FilteredGNN, predict, with_edges
from torque_core.attacks.soft_rewiring import SoftTorque
from torque_core.attacks.spec import AttackSpec
from torque_core.errors import BadConfig, BadGraph
from torque_core.graph.labels import class_labels, labels_of_part, node_mask
from torque_core.graph.pairs import check_graph, direction_weights, is_among, pairs_to_edge_index, undirected_pairs
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec
from torque_core.scoring.class_probabilities import training_labels
from torque_core.utils.random import draw_from

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "'torch_geometric.contrib' contains experimental code", UserWarning)
    from torch_geometric.contrib.nn.models.rbcd_attack import PRBCDAttack

__all__ = ["AttackedGraph", "attack"]

_RESAMPLING_FRACTION = 0.8  # of the epochs; in the others the best candidate flips are refined
_MIN_CANDIDATES_PER_FLIP = 4  # with fewer, the search would have hardly any choice


@dataclass(frozen=True)
class AttackedGraph:
    """A graph after an attack. Pairs are sorted, with :math:`i < j`, each once.

    Attributes:
        data: The attacked graph; only its edges differ from the input.
        added: Edges that were added, :math:`(2, A)`.
        removed: Edges that were removed, :math:`(2, R)`.
        budget: Maximum number of flips; :math:`A + R` does not exceed it.
        before: Test accuracy of the attacked pipeline on the input graph, in [0, 1].
        after: Test accuracy of the attacked pipeline on ``data``.
    """

    data: Data
    added: Tensor
    removed: Tensor
    budget: int
    before: float
    after: float


def attack(
    model: nn.Module,
    data: Data,
    spec: AttackSpec | None = None,
    *,
    rewiring: RewireSpec | None = None,
    edge_filter: EdgeFilter | None = None,
    layers: int = 2,
) -> AttackedGraph:
    """Flip edges so that a trained model misclassifies test nodes (evasion: parameters and features are fixed).

    The attack is projected randomized block coordinate descent (PRBCD; Geisler et al., NeurIPS 2021, arXiv 2110.14038)
    as implemented in PyG. The weights in [0, 1] of a random block of candidate flips ascend the gradient of the
    probability margin at the test nodes and are projected onto the budget; candidates of low weight are resampled, and
    finally flips are sampled by weight. The attacker has access to the model, the rewiring and the labels, which is the
    worst case.

    With ``rewiring`` the attack is adaptive: gradients pass through :class:`~torque_core.attacks.SoftTorque`, and the
    best of the graphs is selected by the hard pipeline, :func:`~torque_core.attacks.predict`, whose thresholds and
    added edges are used in the next step. An attack on the model without rewiring, evaluated with rewiring, is a
    transfer attack. A defence that removes edges by properties of their two nodes alone is attacked exactly by
    ``edge_filter``.

    Args:
        model: Trained model, such as that returned by :func:`~torque_core.training.train`. It is called like
            :class:`~torque_core.nn.TorqueGNN`, and its backbone must support edge weights.
        data: Undirected graph without edge weights, with ``y`` and ``test_mask``.
        spec: Attack specification.
        rewiring: Specification of the rewiring in the pipeline; None to attack the plain model.
        edge_filter: Filter of the edges that the plain model uses; None for all edges.
        layers: Number of layers of the plain model; the number for a rewired model is ``rewiring.layers``.

    Returns:
        The graph with the lowest test accuracy that was found.

    Raises:
        BadConfig: If the budget is less than one flip, the block is too small for it, or the rewiring is not
            differentiable.
        BadGraph: If the graph is directed, weighted, or has no labelled test nodes.

    Example:
        >>> from torque_core import TrainSpec, load, train
        >>> data = load("karate").data
        >>> *_, trained = train(data, TrainSpec(epochs=30), device="cpu")
        >>> result = attack(trained.model, data, AttackSpec(budget=0.05, epochs=5))
        >>> result.budget, result.added.size(1) + result.removed.size(1) <= 4
        (4, True)
    """
    spec = spec or AttackSpec()
    data = check_graph(data)
    test = _test_nodes(data)
    num_nodes, x, y = len(data["x"]), data["x"].to(torch.get_default_dtype()), class_labels(data["y"])
    pairs = undirected_pairs(data["edge_index"], num_nodes)
    budget = _max_flips(spec, pairs.size(1))
    before = predict(model, data, rewiring=rewiring, edge_filter=edge_filter, layers=layers)
    if rewiring is None:
        pipeline: nn.Module = FilteredGNN(model, layers, edge_filter)
    else:
        hard = rewire(with_edges(data, data["edge_index"]), rewiring)
        pipeline = SoftTorque(model, hard, temperature=spec.temperature, known=training_labels(data))
    search = _HardSelection(
        pipeline,
        data,
        generator=torch.Generator(x.device).manual_seed(spec.seed),
        block_size=spec.block_size,
        epochs=spec.epochs,
        epochs_resampling=round(_RESAMPLING_FRACTION * spec.epochs),
        lr=spec.learning_rate,
        metric=_error_rate,
        log=False,
    )
    training = model.training
    try:
        _, flips = search.attack(x, pairs_to_edge_index(pairs), y, budget, test)
    finally:
        model.train(training)

    flips = undirected_pairs(flips, num_nodes)
    is_edge = is_among(flips, pairs, num_nodes)
    added, removed = flips[:, ~is_edge], flips[:, is_edge]
    kept = pairs[:, ~is_among(pairs, removed, num_nodes)]
    attacked = copy.copy(data)  # shares all tensors but the edges
    attacked.edge_index = pairs_to_edge_index(undirected_pairs(torch.cat([kept, added], dim=1), num_nodes))
    after = predict(model, attacked, rewiring=rewiring, edge_filter=edge_filter, layers=layers)
    accuracies = (1 - float(_error_rate(logits, y, test)) for logits in (before, after))
    return AttackedGraph(attacked, added, removed, budget, *accuracies)


class _HardSelection(PRBCDAttack):
    """PRBCD that ascends the gradient of the soft pipeline but selects graphs by the error of the hard pipeline.

    Args:
        model: The soft pipeline.
        data: The graph, with the training labels that a rewiring may use.
        generator: Random generator.
        options: Options of PRBCD.
    """

    def __init__(self, model: nn.Module, data: Data, *, generator: torch.Generator, **options: Any) -> None:
        super().__init__(model, **options)
        self.data = data
        self.generator = generator

    # the methods of PRBCDAttack that sample; they take no generator

    def _sample_random_block(self, *args: Any) -> None:
        with draw_from(self.generator):
            super()._sample_random_block(*args)

    def _resample_random_block(self, *args: Any) -> None:
        with draw_from(self.generator):
            super()._resample_random_block(*args)

    def _sample_final_edges(self, *args: Any, **options: Any) -> tuple[Tensor, Tensor]:
        with draw_from(self.generator):
            return super()._sample_final_edges(*args, **options)

    def _forward(self, x: Tensor, edge_index: Tensor, edge_weight: Tensor, **_: object) -> Tensor:
        if edge_weight.requires_grad or not isinstance(self.model, SoftTorque):
            # the added term gives a model that ignores the edges a gradient of zero instead of none
            return self.model(x, edge_index, edge_weight) + 0 * edge_weight.sum()
        rewiring = rewire(with_edges(self.data, edge_index[:, edge_weight > 0.5]), self.model.rewiring.spec)
        self.model.set_rewiring(rewiring)
        return self.model.model(x, rewiring.edge_indices, rewiring.edge_weights)


def _error_rate(logits: Tensor, y: Tensor, mask: Tensor | None) -> Tensor:
    """Fraction of misclassified nodes."""
    return (logits.argmax(dim=1) != y)[mask].double().mean()


def _test_nodes(data: Data) -> Tensor:
    """Check that a graph can be attacked, and return its test mask, (N,)."""
    if data.get("y") is None or data.get("test_mask") is None:
        raise BadGraph("an attack needs labels y and a test_mask, as it targets the predictions at the test nodes")
    labels = labels_of_part(data, "test_mask")
    test = node_mask(data["test_mask"], len(labels), "test_mask")
    if not bool(test.any()) or bool((labels[test] < 0).any()):
        raise BadGraph("test_mask must hold one node or more, and labelled ones only (y >= 0)")
    if direction_weights(data, undirected_pairs(data["edge_index"], len(data["x"]))) is not None:
        raise BadGraph("the graph has directions or edge weights; make it undirected (to_undirected) without weights")
    return test


def _max_flips(spec: AttackSpec, edges: int) -> int:
    """Budget in edges."""
    budget = round(spec.budget * edges)
    if not budget:
        raise BadConfig(f"a budget of {spec.budget} of {edges} edges is not a single flip; raise budget")
    if spec.block_size < _MIN_CANDIDATES_PER_FLIP * budget:
        raise BadConfig(
            f"block_size must be at least {_MIN_CANDIDATES_PER_FLIP * budget} for {budget} flips, got {spec.block_size}"
        )
    return budget
