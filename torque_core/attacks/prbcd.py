"""Attacks that know the model: edges flipped by gradients, to see how far a defence holds against its own attacker."""

import copy
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric.data import Data

from torque_core.attacks.soft_rewiring import SoftTorque
from torque_core.errors import BadConfig, BadGraph
from torque_core.graph.pairs import check_graph, direction_weights, is_among, pairs_to_edge_index, undirected_pairs
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec
from torque_core.utils.random import check_seed, draw_from
from torque_core.utils.validation import check_ranges

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", "'torch_geometric.contrib' contains experimental code", UserWarning)
    from torch_geometric.contrib.nn.models.rbcd_attack import PRBCDAttack

__all__ = ["AttackSpec", "AttackedGraph", "Passes", "attack", "predict"]

Passes = Callable[[Tensor], Tensor]
"""Which pairs of nodes :math:`(2, P)`, sorted, a pipeline lets through as edges, bool :math:`(P,)`, whatever the graph;
such as :meth:`GCNJaccard.keeps <torque_core.baselines.GCNJaccard.keeps>` of given features."""

_SEARCHED = 0.8  # share of the epochs in which new flips are drawn; in the others those at hand are refined
_FLIPS_IN_BLOCK = 4  # fewer candidates for each flip would leave no choice
_RANGES = {
    "epochs": (5, 2000),
    "block_size": (1, 50_000_000),
    "learning_rate": (1e-6, 1e9),
    "temperature": (0.001, 100),
}


@dataclass(frozen=True, kw_only=True)
class AttackSpec:
    """How strong an attack is.

    Attributes:
        budget: At most so many edges are flipped (inserted or deleted), as a share of
            :math:`|\\mathcal{E}|`, over 0, at most 0.5.
        epochs: Gradient steps, 5 to 2000.
        block_size: Candidates for flips at a time, drawn from all pairs; at least 4 for each flip.
        learning_rate: Of the steps, as the method scales it.
        temperature: Of the soft pruning, see :class:`~torque_core.attacks.soft_rewiring.SoftTorque`, in [0.001, 100].
        seed: Of the candidates and the samples.

    Example:
        >>> AttackSpec(budget=5)
        Traceback (most recent call last):
        ...
        torque_core.errors.BadConfig: budget must be in (0, 0.5], got 5 (0.1 means 10 % of the edges)
    """

    budget: float = 0.1
    epochs: int = 125
    block_size: int = 20_000
    learning_rate: float = 3_000.0
    temperature: float = 0.1
    seed: int = 0

    def __post_init__(self) -> None:
        """Raise :class:`BadConfig` for a value that cannot be."""
        if not 0 < self.budget <= 0.5:
            raise BadConfig(f"budget must be in (0, 0.5], got {self.budget} (0.1 means 10 % of the edges)")
        check_ranges(self, _RANGES, whole=("epochs", "block_size"))
        check_seed(self.seed)


@dataclass(frozen=True)
class AttackedGraph:
    """A graph after an attack; pairs with :math:`i < j`, sorted, each once.

    Attributes:
        data: The graph; all but its edges is as it was.
        added: Edges that were inserted, :math:`(2, A)`.
        removed: Edges that were deleted, :math:`(2, R)`.
        budget: How many flips were allowed; :math:`A + R` is no more.
        before: The attacked pipeline's test accuracy on the graph as it was, in [0, 1].
        after: Its test accuracy on ``data``.
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
    passes: Passes | None = None,
    layers: int = 2,
) -> AttackedGraph:
    """Flip edges so that a trained model errs on the test nodes: evasion, its weights and the features untouched.

    Projected randomized block coordinate descent (PRBCD; Geisler et al., NeurIPS 2021, arXiv 2110.14038), as PyG has
    it: weights in [0, 1] of a random block of candidate flips climb the gradient of the probability margin at the test
    nodes and are projected onto the budget; low weights are drawn anew, and at the end flips are sampled by weight. The
    attacker knows model, rewiring and labels: the worst case.

    With ``rewiring`` the model is attacked through it. Gradients come from
    :class:`~torque_core.attacks.soft_rewiring.SoftTorque`; but which of the graphs found is the best is decided by the
    hard pipeline itself, :func:`predict`, whose thresholds and added links the next step takes over. An attack on the
    model without rewiring, evaluated with it, is a transfer. A defence that drops edges by what their ends are,
    whatever the graph, is attacked through ``passes``, exactly.

    Args:
        model: A trained model, as :func:`~torque_core.training.train` leaves it: called like
            :class:`~torque_core.nn.TorqueGNN`, whose backbone takes edge weights.
        data: An undirected graph without edge weights, with ``y`` and ``test_mask``.
        spec: How strong.
        rewiring: How the pipeline rewires what it is given; None attacks the plain model.
        passes: Which edges the plain model gets to see; None for all.
        layers: Layers of the plain model; a rewired model has as many as its :class:`RewireSpec` says.

    Returns:
        The graph of the lowest test accuracy that was found.

    Raises:
        BadConfig: The budget allows not a single flip, the block is too small for it, or the rewiring's force has no
            gradient.
        BadGraph: The graph has directions, edge weights, or no labelled test nodes.

    Example:
        >>> from torque_core import TrainSpec, load, train
        >>> data = load("karate").data
        >>> *_, trained = train(data, TrainSpec(epochs=30), device="cpu")
        >>> found = attack(trained.model, data, AttackSpec(budget=0.05, epochs=5))
        >>> found.budget, found.added.size(1) + found.removed.size(1) <= 4
        (4, True)
    """
    spec = spec or AttackSpec()
    test = _test_nodes(data)
    num_nodes, x, y = len(data["x"]), data["x"].float(), data["y"].long()
    pairs = undirected_pairs(data["edge_index"], num_nodes)
    budget = _flips(spec, pairs.size(1))
    before = predict(model, data, rewiring=rewiring, passes=passes, layers=layers)
    pipeline = (
        SoftTorque(model, rewire(_bare(x, data["edge_index"]), rewiring), temperature=spec.temperature)
        if rewiring
        else _SameGraph(model, layers, passes)
    )
    search = _HardChoice(
        pipeline,
        generator=torch.Generator(x.device).manual_seed(spec.seed),
        block_size=spec.block_size,
        epochs=spec.epochs,
        epochs_resampling=round(_SEARCHED * spec.epochs),
        lr=spec.learning_rate,
        metric=_error,
        log=False,
    )
    training = model.training
    try:
        _, flipped = search.attack(x, pairs_to_edge_index(pairs), y, budget, test)
    finally:
        model.train(training)

    flipped = undirected_pairs(flipped, num_nodes)
    there = is_among(flipped, pairs, num_nodes)
    added, removed = flipped[:, ~there], flipped[:, there]
    kept = pairs[:, ~is_among(pairs, removed, num_nodes)]
    attacked = copy.copy(data)  # shares the tensors that stay as they are
    attacked.edge_index = pairs_to_edge_index(undirected_pairs(torch.cat([kept, added], dim=1), num_nodes))
    after = predict(model, attacked, rewiring=rewiring, passes=passes, layers=layers)
    right = (1 - float(_error(logits, y, test)) for logits in (before, after))
    return AttackedGraph(attacked, added, removed, budget, *right)


@torch.no_grad()
def predict(
    model: nn.Module,
    data: Data,
    *,
    rewiring: RewireSpec | None = None,
    passes: Passes | None = None,
    layers: int = 2,
) -> Tensor:
    """Class scores of the whole pipeline: rewire the graph as it is now, then let the trained model predict.

    Args:
        model: A trained model; it predicts in evaluation mode, and goes back to what it was in.
        data: A graph, undirected without edge weights.
        rewiring: How to rewire it; None gives every layer the graph itself.
        passes: Which edges the plain model gets to see; None for all.
        layers: Layers of the plain model.

    Returns:
        Logits, :math:`(|\\mathcal{V}|, C)`.

    Example:
        >>> from torque_core import load
        >>> from torque_core.nn import TorqueGNN
        >>> data = load("karate").data
        >>> predict(TorqueGNN(data.num_features, 8, 4), data, rewiring=RewireSpec()).shape
        torch.Size([34, 4])
    """
    training = model.training
    model.eval()
    try:
        if rewiring is not None:
            found = rewire(data, rewiring)
            return model(data["x"].float(), found.edge_indices, found.edge_weights)
        check_graph(data)
        edge_index = pairs_to_edge_index(undirected_pairs(data["edge_index"], len(data["x"])))
        return _SameGraph(model, layers, passes)(data["x"].float(), edge_index)
    finally:
        model.train(training)


class _SameGraph(nn.Module):
    """A model whose layers all have one graph, as the attack calls it, or those of its edges that pass."""

    def __init__(self, model: nn.Module, layers: int, passes: Passes | None) -> None:
        super().__init__()
        self.model, self.layers, self.passes = model, layers, passes

    def forward(self, x: Tensor, edge_index: Tensor, edge_weight: Tensor | None = None) -> Tensor:
        if self.passes is not None:
            pairs, which = edge_index.sort(dim=0).values.unique(dim=1, return_inverse=True)
            stays = self.passes(pairs)[which]
            edge_index = edge_index[:, stays]
            edge_weight = None if edge_weight is None else edge_weight[stays]
        return self.model(x, [edge_index] * self.layers, [edge_weight] * self.layers)


class _HardChoice(PRBCDAttack):
    """PRBCD that climbs the soft pipeline's gradient, and chooses among graphs by what the hard one makes of them."""

    def __init__(self, model: nn.Module, *, generator: torch.Generator, **options: Any) -> None:
        super().__init__(model, **options)
        self.generator = generator

    # the methods of PRBCDAttack that sample, which take no generator

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
            # a model that looks at no edge has the gradient zero, not none
            return self.model(x, edge_index, edge_weight) + 0 * edge_weight.sum()
        found = rewire(_bare(x, edge_index[:, edge_weight > 0.5]), self.model.rewiring.spec)
        self.model.set_rewiring(found)
        return self.model.model(x, found.edge_indices, found.edge_weights)


def _bare(x: Tensor, edge_index: Tensor) -> Data:
    return Data(x=x, edge_index=edge_index)


def _error(logits: Tensor, y: Tensor, mask: Tensor | None) -> Tensor:
    """Share of the nodes that are misclassified."""
    return (logits.argmax(dim=1) != y)[mask].double().mean()


def _test_nodes(data: Data) -> Tensor:
    """The test mask of a graph that can be attacked, (N,)."""
    check_graph(data)
    y, test = data.get("y"), data.get("test_mask")
    if y is None or test is None:
        raise BadGraph("an attack needs labels y and a test_mask: it is on the predictions there")
    if test.shape != y.shape:
        raise BadGraph(f"y has shape {tuple(y.shape)} and test_mask {tuple(test.shape)}; choose one split of several")
    if not bool(test.any()) or bool((y[test] < 0).any()):
        raise BadGraph("test_mask must hold one node or more, and labelled ones only (y >= 0)")
    if direction_weights(data, undirected_pairs(data["edge_index"], len(data["x"]))) is not None:
        raise BadGraph("the graph has directions or edge weights; make it undirected (to_undirected) without weights")
    return test


def _flips(spec: AttackSpec, edges: int) -> int:
    """How many edges may be flipped."""
    budget = round(spec.budget * edges)
    if not budget:
        raise BadConfig(f"a budget of {spec.budget} of {edges} edges is not a single flip; raise budget")
    if spec.block_size < _FLIPS_IN_BLOCK * budget:
        raise BadConfig(
            f"block_size must be at least {_FLIPS_IN_BLOCK * budget} for {budget} flips, got {spec.block_size}"
        )
    return budget
