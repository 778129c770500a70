"""Torque-based rewiring, layer by layer: prune edges of high torque and add edges of low torque."""

import copy
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.graph.pairs import check_graph, input_graph
from torque_core.rewiring.additions import ADDITIONS
from torque_core.rewiring.auto import choose_form
from torque_core.rewiring.candidates import candidate_pairs
from torque_core.rewiring.cuts import CUTS, Cut, CutInputs
from torque_core.rewiring.record import LayerRewiring, Rewiring
from torque_core.rewiring.scorer_factory import LayerScorerFactory
from torque_core.rewiring.spec import AUTO, RewireSpec
from torque_core.scoring.class_probabilities import ClassProbabilities
from torque_core.scoring.layer_scorer import LayerScorer
from torque_core.scoring.null_model import null_model_pairs
from torque_core.scoring.torque import Torque
from torque_core.scoring.torque import torque as torque_of

__all__ = ["rewire", "rewire_without_labels"]

_CANDIDATES_PER_ADDITION = 8


def rewire(
    data: Data,
    spec: RewireSpec | None = None,
    *,
    class_probabilities: ClassProbabilities | None = None,
    progress: Callable[[int], None] | None = None,
    **options: str | float,
) -> Rewiring:
    """Rewire a graph by torque, layer by layer.

    Each layer propagates the features over the graph that it receives (the first layer: the input graph), each edge
    weighted by a confidence estimated from the features of its ends (``screen`` of
    :class:`~torque_core.rewiring.spec.RewireSpec`), computes the torque of all edges and of null-model pairs, prunes
    the edges above the threshold that the cut rule chooses, and adds the candidate edges of lowest torque.

    Torque is one number per undirected edge. A directed edge is scored as an undirected one and keeps its direction if
    it is kept. Edge weights are used in the propagation and are kept. If the cut rule estimates the confidence of the
    kept edges, their weights are multiplied by it (see ``weight_by_confidence`` of
    :class:`~torque_core.rewiring.spec.RewireSpec`), in the record and in the input of the next layer. Repeated edges
    are merged and their weights added; self-loops are ignored.

    Args:
        data: A PyG graph with ``x`` :math:`(|\\mathcal{V}|, F)` and ``edge_index``, optionally with ``edge_weight``.
            Other edge-level fields, such as ``edge_attr``, have no influence;
            :meth:`~torque_core.rewiring.record.Rewiring.to_data` carries them along.
            If the graph has classes ``y`` and a ``train_mask``, the force ``energy`` uses the labels of the training
            nodes.
        spec: How to rewire; the default is structural lever, energy of features and training labels, bounded torque gap
            and two layers.
        class_probabilities: Class probabilities from a model. Those of confident nodes are appended to the features at
            a quarter of their length, and forces that need class probabilities use them. Without them such forces use
            :func:`~torque_core.scoring.class_probabilities.cross_fitted_probabilities` from ``y`` and ``train_mask``.
        progress: Called with the number of completed layers.
        **options: Fields of :class:`~torque_core.rewiring.spec.RewireSpec` by name, instead of ``spec``.

    Returns:
        The record of every layer. Its spec names the lever and the force, also if they were chosen automatically.

    Raises:
        BadGraph: If the graph is empty or malformed, a feature is not finite, or the force needs labels and the graph
            has none.
        BadConfig: If an option is out of range.
        TypeError: If both ``spec`` and options are given, or ``spec`` is not a RewireSpec.

    Example:
        >>> from torch_geometric.datasets import KarateClub
        >>> rewiring = rewire(KarateClub()[0], cut="fixed", fraction=0.1)
        >>> len(rewiring.layers), rewiring.layers[0].pruned.size(1), rewiring.layers[0].added.size(1)
        (2, 8, 2)
    """
    spec = RewireSpec.of(spec, **options)
    data = check_graph(data, edge_attr=True)
    device = data["x"].device
    if device.type == "mps":  # MPS does not support sparse matrices
        data = copy.copy(data).to("cpu")
    scorers = LayerScorerFactory(data, class_probabilities)
    graph = input_graph(data)
    scored, screening = graph, scorers.screen(graph[0], spec)
    if AUTO in (spec.lever, spec.force):
        spec = _choose_lever_and_force(scorers.of_layer(0, graph, spec, screening=screening), graph, spec)
    layers: list[LayerRewiring] = []
    reliability = 1.0
    if class_probabilities is not None and CUTS.properties(spec.cut).estimates_reliability:
        # a model's predictions are smooth over the edges, so that they separate any edges from random pairs
        scorer = scorers.of_layer(0, graph, spec, screening=screening, predictions=False)
        reliability = _reliability(_score_and_cut(scorer, graph[0], spec, reliability)[1])
    for index in range(spec.layers):
        scorer = scorers.of_layer(index, graph, spec, screening=screening)
        layer = replace(_rewire_layer(scorer, scored, spec, reliability), screening=screening)
        layers.append(layer)
        reliability = _reliability(layer.cut)
        if index + 1 < spec.layers:
            graph = layer.rewired, layer.rewired_weight
            scored = graph if spec.hierarchy == "nested" else scored
            screening = scorers.screen(graph[0], spec)
        if progress is not None:
            progress(index + 1)
    return Rewiring(tuple(layers), len(data["x"]), spec).to(device)


def rewire_without_labels(
    data: Data, spec: RewireSpec, *, class_probabilities: ClassProbabilities | None = None
) -> Rewiring:
    """Rewire a graph as if no node had a label, to see what the labels of the training nodes contribute.

    Args:
        data: See :func:`rewire`; ``y`` is ignored.
        spec: How to rewire.
        class_probabilities: See :func:`rewire`.

    Raises:
        TorqueError: See :func:`rewire`.

    Example:
        >>> from torque_core import load
        >>> data = load("karate").data
        >>> unlabelled = rewire_without_labels(data, RewireSpec(force="energy"))
        >>> bool((unlabelled.layers[0].torque.value == rewire(data).layers[0].torque.value).all())
        False
    """
    data = copy.copy(data)
    del data.y
    return rewire(data, spec, class_probabilities=class_probabilities)


_Graph = tuple[Tensor, Tensor | None]  # pairs, and the weight of each in both directions


@torch.no_grad()
def _score_and_cut(scorer: LayerScorer, pairs: Tensor, spec: RewireSpec, reliability: float) -> tuple[Torque, Cut]:
    """The torque of the edges, and the threshold; ``reliability`` is that of the previous layer's cut."""
    generator = torch.Generator().manual_seed(spec.seed)
    uniform = CUTS.properties(spec.cut).uniform_null
    null_model = null_model_pairs(pairs, scorer.propagation.num_nodes, generator, uniform=uniform)
    null_torque = scorer(null_model.pairs).value
    torque = scorer(pairs)
    if not spec.additions:
        scorer.propagation.free()  # the features take more memory than anything that follows
    inputs = CutInputs(
        torque.value,
        null_torque,
        null_model.weight,
        fraction=spec.fraction,
        budget=spec.budget,
        uniform_weight=null_model.uniform_weight,
        reliability=reliability,
        classes=None if scorer.known is None else scorer.known[pairs],
    )
    return torque, CUTS[spec.cut](inputs)


def _reliability(cut: Cut) -> float:
    return 1.0 if cut.gap is None else cut.gap.reliability


@torch.no_grad()
def _rewire_layer(scorer: LayerScorer, scored: _Graph, spec: RewireSpec, reliability: float) -> LayerRewiring:
    """Score the edges of ``scored``, prune and add; ``reliability`` is that of the previous layer's cut."""
    pairs, direction_weight = scored
    num_nodes = scorer.propagation.num_nodes
    torque, cut = _score_and_cut(scorer, pairs, spec, reliability)
    pruned_mask = torque.value >= cut.threshold

    budget = round(spec.additions * int(pruned_mask.sum()))
    added, added_torque = pairs[:, :0], torque[pairs.new_empty(0)]
    if budget:
        most = _CANDIDATES_PER_ADDITION * budget
        candidates = candidate_pairs(scorer.propagation.mean2, pairs, hops=spec.hops, most=most, seed=spec.seed)
        candidate_torque = scorer(candidates)
        chosen = ADDITIONS[spec.add](candidate_torque.value, torque.value[~pruned_mask], budget)
        added, added_torque = candidates[:, chosen], candidate_torque[chosen]
    return LayerRewiring(
        pairs=pairs,
        torque=torque,
        pruned_mask=pruned_mask,
        added=added,
        added_torque=added_torque,
        cut=cut,
        num_nodes=num_nodes,
        direction_weight=direction_weight,
        edge_confidence=cut.edge_confidence(torque.value)
        if spec.weight_by_confidence and cut.edge_confidence
        else None,
    )


@torch.no_grad()
def _choose_lever_and_force(scorer: LayerScorer, graph: _Graph, spec: RewireSpec) -> RewireSpec:
    """The spec with the lever and the force that fit the input graph."""
    null_model = null_model_pairs(graph[0], scorer.propagation.num_nodes, torch.Generator().manual_seed(spec.seed))
    edges, null_pairs = scorer.pair_features(graph[0]), scorer.pair_features(null_model.pairs)

    def score(form: RewireSpec) -> tuple[Torque, Torque]:
        options = {"lever": form.lever, "force": form.force, "product": form.product}
        return torque_of(edges, **options), torque_of(null_pairs, **options)

    return choose_form(spec, score, null_model.weight)
