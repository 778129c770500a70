"""Forces of node pairs, from energy, PageRank or classes: non-negative and without unit, :math:`(P,)`."""

from collections.abc import Callable

import torch
from torch import Tensor

from torque_core.scoring.pair_features import PairFeatures
from torque_core.utils.rules import RuleRegistry

__all__ = [
    "FORCES",
    "Force",
    "cosine_force",
    "dirichlet_force",
    "disparity_force",
    "energy_force",
    "free_force",
    "pagerank_difference_force",
    "pagerank_sum_force",
    "pair_force",
    "unit_force",
]

Force = Callable[[PairFeatures], Tensor]

FORCES: RuleRegistry[Force] = RuleRegistry("force")
"""Forces by name; ``FORCES.register(name)`` makes yours available in :class:`~torque_core.rewiring.spec.RewireSpec`."""

_SMALLEST_PROBABILITY = 1e-6  # keeps the pair energy finite


@FORCES.register("dirichlet", differentiable=True)
def dirichlet_force(features: PairFeatures) -> Tensor:
    """Dirichlet energy of the pair in the layer's input, as rows of length one.

    .. math::
        F_{ij} = \\tfrac{1}{2} \\Big\\| \\frac{h^l_i}{\\|h^l_i\\|} - \\frac{h^l_j}{\\|h^l_j\\|} \\Big\\|^2
               = 1 - \\cos(h^l_i, h^l_j) \\in [0, 2]

    The input of layer :math:`l = 0` is the features; that of layer :math:`l` is the features propagated :math:`l` times
    (at most twice), without the tested edge. "Energy" is the paper's term; its interpretation as Dirichlet energy is
    this project's choice.

    Example:
        >>> from torque_core.graph.propagation import Propagation
        >>> pairs = torch.tensor([[0], [1]])
        >>> dirichlet_force(PairFeatures(Propagation(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), pairs), pairs))
        tensor([1.])
    """
    return features.cosine_distance(features.layer)


@FORCES.register("energy", differentiable=True)
def energy_force(features: PairFeatures) -> Tensor:
    """Dirichlet energy of the features plus interaction energy of the training labels, if the graph has labels.

    .. math::
        F_{ij} = 1 - \\cos(h^l_i, h^l_j)
            - \\frac{r}{\\bar{E}} \\log \\langle p_{i \\setminus j}, p_{j \\setminus i} \\rangle

    See :func:`dirichlet_force` and :class:`~torque_core.scoring.label_energy.LabelEnergy`. An attacker who ties
    training nodes to other classes lowers the first term by making neighbourhoods alike, but raises the second.
    :math:`r` is 0 where classes are unrelated to edges, and without labels the force is the first term alone.
    """
    energy = 0 if features.label_energy is None else features.label_energy(features.pairs)
    return dirichlet_force(features) + energy


@FORCES.register("cosine", differentiable=True)
def cosine_force(features: PairFeatures) -> Tensor:
    """Cosine distance of the features, the same in every layer: :math:`F_{ij} = 1 - \\cos(x_i, x_j) \\in [0, 2]`.

    With the lever ``unit`` the graph is rewired by feature similarity alone.
    """
    return features.cosine_distance(0)


@FORCES.register("pair", needs_labels=True)
def pair_force(features: PairFeatures) -> Tensor:
    """Interaction energy of the class probabilities: :math:`F_{ij} = -\\log \\langle p_i, p_j \\rangle \\ge 0`.

    It is the negative log probability that both nodes belong to the same class. Probabilities below 1e-6 are set to
    1e-6.
    """
    p = features.class_probabilities.probabilities
    return -(p[features.pairs[0]] * p[features.pairs[1]]).sum(dim=1).clamp(min=_SMALLEST_PROBABILITY, max=1).log()


@FORCES.register("free", needs_labels=True, options=("temperature",))
def free_force(features: PairFeatures) -> Tensor:
    """Mean free energy of the two nodes' class scores, shifted so that the most confident node has energy 0.

    .. math::
        F_{ij} = \\tfrac{1}{2} (E_i + E_j) - \\min_k E_k, \\qquad E_i = -T \\log \\sum_c e^{z_{ic} / T}

    (GNNSafe, Wu et al., ICLR 2023). The energy is low where a model is confident. Since models are over-confident on
    their training nodes, plain logits carry no signal here; use calibrated and cross-fitted ones, see
    :func:`~torque_core.scoring.class_probabilities.cross_fitted_probabilities`.
    """
    energy = features.class_probabilities.free_energy(features.temperature)
    energy = energy - energy.min()
    return (energy[features.pairs[0]] + energy[features.pairs[1]]) / 2


@FORCES.register("pagerank_sum")
def pagerank_sum_force(features: PairFeatures) -> Tensor:
    """Mean PageRank of the two nodes: :math:`F_{ij} = |\\mathcal{V}| (\\pi_i + \\pi_j) / 2` with PageRank :math:`\\pi`.

    The damping factor is 0.85. Two nodes of mean PageRank have force 1. The paper's first figure uses the sum for
    homophilous graphs.
    """
    rank = features.propagation.pagerank
    return (rank[features.pairs[0]] + rank[features.pairs[1]]) / 2


@FORCES.register("pagerank_difference")
def pagerank_difference_force(features: PairFeatures) -> Tensor:
    """Difference in PageRank: :math:`F_{ij} = |\\mathcal{V}| |\\pi_i - \\pi_j|` with PageRank :math:`\\pi`.

    The damping factor is 0.85. The paper's first figure uses the absolute difference for heterophilous graphs.
    """
    rank = features.propagation.pagerank
    return (rank[features.pairs[0]] - rank[features.pairs[1]]).abs()


@FORCES.register("disparity", needs_labels=True, options=("confidence",))
def disparity_force(features: PairFeatures) -> Tensor:
    """Difference in local homophily: :math:`F_{ij} = |h_i - h_j| \\in [0, 1]`.

    :math:`h_i` is the fraction of node :math:`i`'s neighbours that have its class, among the neighbours with a label or
    a confident pseudo-label and without the tested edge; 0 if there are none. In the paper's third version the force is
    :math:`|h_i - h_j| \\, x_j`; since rows have length one here, this is its magnitude.
    """
    labels = features.class_probabilities.labels
    low, high = features.propagation.pairs
    known = ((labels[low] >= 0) & (labels[high] >= 0)).to(features.weight)
    same_class = known * (labels[low] == labels[high])

    def sum_at_nodes(of_edges: Tensor) -> Tensor:  # (N,)
        total = torch.zeros_like(features.propagation.weighted_degree)
        return total.index_add(0, low, of_edges).index_add(0, high, of_edges)

    i, j = features.pairs
    edge = (features.weight > 0) & (labels[i] >= 0) & (labels[j] >= 0)
    neighbours, same = sum_at_nodes(known), sum_at_nodes(same_class)
    tested, tested_same = edge.to(features.weight), (edge & (labels[i] == labels[j])).to(features.weight)
    homophily = [(same[end] - tested_same) / (neighbours[end] - tested).clamp(min=1) for end in (i, j)]
    return (homophily[0] - homophily[1]).abs()


@FORCES.register("unit", differentiable=True)
def unit_force(features: PairFeatures) -> Tensor:
    """Force 1 for every pair: the torque equals the lever arm."""
    return torch.ones_like(features.weight)
