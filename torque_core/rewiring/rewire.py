"""Layer by layer: prune the edges of high torque, add links of low torque, and hand the graph to the next layer."""

import copy
from collections.abc import Callable
from functools import cache

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.errors import BadGraph
from torque_core.graph.pairs import check_graph, direction_weights, undirected_pairs
from torque_core.graph.propagation import Propagation, centred_unit
from torque_core.rewiring.additions import ADDITIONS
from torque_core.rewiring.auto import choose_form
from torque_core.rewiring.candidates import candidate_pairs
from torque_core.rewiring.cuts import CUTS, CutInputs
from torque_core.rewiring.record import LayerRewiring, Rewiring
from torque_core.rewiring.spec import AUTO, RewireSpec
from torque_core.scoring.class_probabilities import ClassProbabilities, cross_fitted_probabilities
from torque_core.scoring.null_model import null_model_pairs
from torque_core.scoring.pair_features import PairFeatures
from torque_core.scoring.torque import Torque, torque

__all__ = ["rewire"]

# heavier beliefs make sure of what the model thinks already: the detection of injected edges then falls
_BELIEF_WEIGHT = 0.25
_PROPOSED_PER_PLACE = 8  # candidates for each link that may be added


def rewire(
    data: Data,
    spec: RewireSpec | None = None,
    *,
    class_probabilities: ClassProbabilities | None = None,
    progress: Callable[[int], None] | None = None,
) -> Rewiring:
    """Rewire a graph layer by layer by torque.

    Every layer propagates the features over the graph that the layer before left (the first: over the input
    graph), takes the torque of each edge and of chance pairs, cuts, and adds the candidate links of lowest torque.

    Torque is one number per undirected edge. A directed edge is judged as if it went both ways, and keeps its direction
    if it stays; edge weights weigh in the propagation, and stay. Edges that stay weigh, times that, as much as the cut
    trusts them (see ``edge_confidence`` of :class:`~torque_core.rewiring.spec.RewireSpec`), in the record's graphs and
    in the next layer. Repeated edges count once, their weights add up; self-loops are not looked at.

    Args:
        data: A PyG graph with ``x`` :math:`(|\\mathcal{V}|, F)` and ``edge_index``, perhaps ``edge_weight``.
        spec: What to do; the default is structural lever, Dirichlet force, torque gap, two layers.
        beliefs: What a model holds of the nodes' classes by now. Its sure beliefs are put beside the features at a
            quarter of their length, and forces that ask for beliefs get these. Without them such forces get
            :func:`~torque_core.scoring.class_probabilities.cross_fitted_probabilities` from ``y`` and ``train_mask``.
        progress: Called with the number of layers done.

    Returns:
        The record of every layer; its spec names the lever and the force that were taken.

    Raises:
        BadGraph: The graph is empty, malformed or has features that are not finite, or a force needs labels that
            are not there.

    Example:
        >>> from torch_geometric.datasets import KarateClub
        >>> rewiring = rewire(KarateClub()[0], RewireSpec(cut="fixed", fraction=0.1))
        >>> len(rewiring.layers), rewiring.layers[0].pruned.size(1), rewiring.layers[0].added.size(1)
        (2, 8, 2)
    """
    spec = spec or RewireSpec()
    check_graph(data)
    home = data["x"].device
    if home.type == "mps":  # has no sparse matrices
        data = copy.copy(data).to("cpu")
    features = centred_unit(data["x"].float())
    num_nodes = len(features)
    if class_probabilities is not None:
        if len(class_probabilities.known) != num_nodes:
            raise BadGraph(f"the beliefs are about {len(class_probabilities.known)} nodes, the graph has {num_nodes}")
        class_probabilities = class_probabilities.to(features.device)
        features = torch.cat([features, _BELIEF_WEIGHT * class_probabilities.directions.to(features)], dim=1)
    edge_index, weight = data["edge_index"], data.get("edge_weight")
    pairs = undirected_pairs(edge_index if weight is None else edge_index[:, weight > 0], num_nodes)
    direction_weight = direction_weights(data, pairs)
    judged = graph = pairs, direction_weight
    layers: list[LayerRewiring] = []
    if AUTO in (spec.lever, spec.force):
        spec = _named(data, features, graph, spec, class_probabilities)
    for index in range(spec.layers):
        layer = _rewire_layer(data, features, graph, judged, index, spec, class_probabilities)
        layers.append(layer)
        graph = layer.rewired, layer.rewired_weight
        judged = graph if spec.hierarchy == "nested" else judged
        if progress is not None:
            progress(index + 1)
    return Rewiring(tuple(layers), num_nodes, spec).to(home)


_Graph = tuple[Tensor, Tensor | None]  # pairs, and what they weigh in each direction


@torch.no_grad()
def _rewire_layer(
    data: Data,
    features: Tensor,
    graph: _Graph,
    judged: _Graph,
    index: int,
    spec: RewireSpec,
    class_probabilities: ClassProbabilities | None,
) -> LayerRewiring:
    """Judge the edges of ``judged`` on ``graph``, cut and add."""
    num_nodes, pairs = len(features), judged[0]
    propagation = Propagation(features, graph[0], _both_ways(graph[1]))
    look = _looks(data, propagation, index, spec, class_probabilities)

    def torque_of(links: Tensor) -> Torque:
        return torque(look(links), lever=spec.lever, force=spec.force, product=spec.product)

    judgement = torque_of(pairs)
    chance = null_model_pairs(pairs, num_nodes, torch.Generator().manual_seed(spec.seed))
    evidence = CutInputs(
        judgement.value, torque_of(chance.pairs).value, chance.weight, fraction=spec.fraction, budget=spec.budget
    )
    cut = CUTS[spec.cut](evidence)
    pruned_mask = judgement.value >= cut.threshold

    budget = round(spec.additions * int(pruned_mask.sum()))
    candidates = pairs[:, :0]
    if budget:
        most = _PROPOSED_PER_PLACE * budget
        candidates = candidate_pairs(propagation.mean2, pairs, hops=spec.hops, most=most, seed=spec.seed)
    proposed = torque_of(candidates)
    chosen = ADDITIONS[spec.add](proposed.value, judgement.value[~pruned_mask], budget)
    edge_confidence = cut.edge_confidence(judgement.value) if spec.trust and cut.edge_confidence else None
    return LayerRewiring(
        pairs,
        judgement,
        pruned_mask,
        candidates[:, chosen],
        proposed[chosen],
        cut,
        num_nodes,
        judged[1],
        edge_confidence,
    )


@torch.no_grad()
def _named(
    data: Data, features: Tensor, graph: _Graph, spec: RewireSpec, class_probabilities: ClassProbabilities | None
) -> RewireSpec:
    """The spec with lever and force as they fit the graph in its first layer."""
    propagation = Propagation(features, graph[0], _both_ways(graph[1]))
    chance = null_model_pairs(graph[0], len(features), torch.Generator().manual_seed(spec.seed))
    look = _looks(data, propagation, 0, spec, class_probabilities)
    both = [look(links) for links in (graph[0], chance.pairs)]

    def judge(named: RewireSpec) -> tuple[Torque, Torque]:
        edges, by_chance = (
            torque(links, lever=named.lever, force=named.force, product=named.product) for links in both
        )
        return edges, by_chance

    return choose_form(spec, judge, chance.weight)


def _looks(
    data: Data, propagation: Propagation, index: int, spec: RewireSpec, class_probabilities: ClassProbabilities | None
) -> Callable[[Tensor], PairFeatures]:
    """What makes pairs of nodes links of a layer."""

    @cache
    def believed() -> ClassProbabilities:
        return class_probabilities or cross_fitted_probabilities(propagation, _known(data), confidence=spec.confidence)

    return lambda pairs: PairFeatures(
        propagation, pairs, layer=index, temperature=spec.temperature, class_probabilities=believed
    )


def _both_ways(weight: Tensor | None) -> Tensor | None:
    """What each pair weighs in the mean of the directions that it goes, (E,)."""
    return None if weight is None else weight.sum(dim=0) / (weight > 0).sum(dim=0).clamp(min=1)


def _known(data: Data) -> Tensor:
    """The labels that may be used, -1 elsewhere, (N,)."""
    y, mask = data.get("y"), data.get("train_mask")
    if y is None or mask is None:
        raise BadGraph("this force needs beliefs about the nodes' classes; give y and train_mask, or beliefs")
    if y.shape != mask.shape:
        raise BadGraph(f"y has shape {tuple(y.shape)} and train_mask {tuple(mask.shape)}; choose one split of several")
    return torch.where(mask, y, -1)
