"""Control: prune and add as many edges as torque-based rewiring does, chosen uniformly at random."""

import copy
from dataclasses import replace

import numpy as np
import torch
from torch_geometric.data import Data

from torque_core.errors import BadConfig
from torque_core.graph.noise import Noise, add_noise
from torque_core.graph.pairs import pairs_to_edge_index
from torque_core.rewiring.cuts import Cut
from torque_core.rewiring.record import LayerRewiring, Rewiring
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.scorer_factory import LayerScorerFactory
from torque_core.rewiring.spec import RewireSpec
from torque_core.scoring.class_probabilities import ClassProbabilities

__all__ = ["rewire_at_random"]


@torch.no_grad()
def rewire_at_random(
    data: Data,
    spec: RewireSpec | None = None,
    *,
    class_probabilities: ClassProbabilities | None = None,
    random_pruning: bool = True,
    random_additions: bool = True,
    random_torque: bool = False,
    **options: str | float,
) -> Rewiring:
    """Control: prune and add as many edges as torque-based rewiring does, chosen uniformly at random.

    The graph is rewired by :func:`~torque_core.rewiring.rewire.rewire`. Then, in each layer, the pruned edges and the
    confidence of the kept ones are permuted at random among the scored edges, and the added edges are replaced by as
    many pairs sampled uniformly from those that are not scored edges. In a ``nested`` hierarchy a layer scores the
    edges that remain after the random choice of the previous layer. The record contains the torques that
    :func:`~torque_core.rewiring.rewire.rewire` computes, or would compute in its own layers, for these edges, unless
    ``random_torque`` permutes these as well.

    Args:
        data: See :func:`~torque_core.rewiring.rewire.rewire`.
        spec: Spec of the torque-based rewiring; its seed and the index of the layer seed the random choice.
        class_probabilities: See :func:`~torque_core.rewiring.rewire.rewire`.
        random_pruning: If True, prune at random; otherwise prune edges of high torque.
        random_additions: If True, add at random; otherwise add candidate edges of low torque.
        random_torque: If True, permute the torques of the scored edges together with the pruned edges, for models that
            weight edges by torque.
        **options: Fields of :class:`~torque_core.rewiring.spec.RewireSpec` by name, instead of ``spec``.

    Returns:
        The record of every layer.

    Raises:
        BadConfig: If an option is out of range; if the cut or the addition rule is learned in training, such as
            ``bernoulli``; if the hierarchy is ``nested`` and ``random_pruning`` or ``random_additions`` is False; or if
            ``random_torque`` is True without ``random_pruning``.
        TypeError: If both ``spec`` and options are given, or ``spec`` is not a RewireSpec.
        BadGraph: See :func:`~torque_core.rewiring.rewire.rewire`.

    Example:
        >>> from torque_core import load, rewire
        >>> karate, options = load("karate").data, {"cut": "fixed", "fraction": 0.1, "additions": 1.0}
        >>> by_torque, at_random = rewire(karate, **options).layers[0], rewire_at_random(karate, **options).layers[0]
        >>> by_torque.pruned.shape == at_random.pruned.shape, by_torque.added.shape == at_random.added.shape
        (True, True)
        >>> by_torque.torque.value[at_random.pruned_mask].mean() < by_torque.torque.value[by_torque.pruned_mask].mean()
        tensor(True)
    """
    spec = RewireSpec.of(spec, **options)
    nested = spec.hierarchy == "nested"
    if spec.learned:
        raise BadConfig(
            f"cut {spec.cut!r} with add {spec.add!r} is learned in training, so there is no budget for a random "
            "control; choose rules that are not learned"
        )
    if nested and not (random_pruning and random_additions):
        raise BadConfig(
            "in a nested hierarchy both random_pruning and random_additions must be True; choose hierarchy independent"
        )
    if random_torque and not random_pruning:
        raise BadConfig("random_torque permutes the torques together with the pruned edges; set random_pruning=True")
    by_torque = rewire(data, spec, class_probabilities=class_probabilities).to("cpu")
    on_cpu = copy.copy(data).to("cpu")
    scorers = LayerScorerFactory(on_cpu, class_probabilities)
    layers: list[LayerRewiring] = []
    for index, layer in enumerate(by_torque.layers):
        scorer = scorers.of_layer(index, by_torque.graph_before(index), by_torque.spec, screening=layer.screening)
        generator = np.random.default_rng((spec.seed, index))
        if nested and layers:
            pairs = layers[-1].rewired
            layer = replace(layer, pairs=pairs, direction_weight=layers[-1].rewired_weight, torque=scorer(pairs))
        if random_pruning:
            permutation = torch.from_numpy(generator.permutation(layer.pairs.size(1)))
            pruned_mask, pruned = layer.pruned_mask[permutation], int(layer.pruned_mask.sum())
            edge_confidence = None if layer.edge_confidence is None else layer.edge_confidence[permutation]
            cut = Cut(torch.inf, f"Random control: {pruned:,} edges, as many as torque would prune.")
            torque = layer.torque[permutation] if random_torque else layer.torque
            layer = replace(layer, pruned_mask=pruned_mask, torque=torque, edge_confidence=edge_confidence, cut=cut)
        if random_additions and layer.added.size(1):
            rate, noise_seed = layer.added.size(1) / layer.pairs.size(1), int(generator.integers(2**63))
            graph = Data(x=on_cpu["x"], edge_index=pairs_to_edge_index(layer.pairs))
            added = add_noise(graph, Noise("insert", rate, noise_seed)).injected
            layer = replace(layer, added=added, added_torque=scorer(added))
        layers.append(layer)
    return replace(by_torque, layers=tuple(layers)).to(data["x"].device)
