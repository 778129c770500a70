"""Forces: how hard a link pulls, by energy, importance or class. Each :math:`(P,)`, without unit, and not negative."""

from collections.abc import Callable

import torch
from torch import Tensor

from torque_core.scoring.pair_features import PairFeatures
from torque_core.utils.registry import Registry

__all__ = [
    "FORCES",
    "Force",
    "cosine_force",
    "dirichlet_force",
    "disparity_force",
    "free_force",
    "pagerank_difference_force",
    "pagerank_sum_force",
    "pair_force",
    "unit_force",
]

Force = Callable[[PairFeatures], Tensor]

FORCES: Registry[Force] = Registry("force")
"""Forces by name; ``FORCES.register(name)`` adds yours to :class:`~torque_core.rewiring.spec.RewireSpec`."""

_RAREST = 1e-6  # of probabilities: keeps the pair energy finite


@FORCES.register("dirichlet")
def dirichlet_force(links: PairFeatures) -> Tensor:
    """Dirichlet energy: the link's share of it in the representation that its layer receives.

    .. math::
        F_{ij} = \\tfrac{1}{2} \\Big\\| \\frac{h^l_i}{\\|h^l_i\\|} - \\frac{h^l_j}{\\|h^l_j\\|} \\Big\\|^2
               = 1 - \\cos(h^l_i, h^l_j) \\in [0, 2]

    Layer :math:`l = 0` receives the features; layer :math:`l` receives them propagated :math:`l` times (at most
    twice), the tested edge left out. "Energy" stands in the paper's abstract; the Dirichlet reading of it is this
    project's choice.

    Example:
        >>> from torque_core.graph.propagation import Propagation
        >>> pairs = torch.tensor([[0], [1]])
        >>> dirichlet_force(PairFeatures(Propagation(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), pairs), pairs))
        tensor([1.])
    """
    return links.cosine_distance(links.layer)


@FORCES.register("cosine")
def cosine_force(links: PairFeatures) -> Tensor:
    """Cosine distance of the features, the same in every layer: :math:`F_{ij} = 1 - \\cos(x_i, x_j) \\in [0, 2]`.

    With the lever ``unit`` it is rewiring by feature similarity alone, blind to the graph.
    """
    return links.cosine_distance(0)


@FORCES.register("pair")
def pair_force(links: PairFeatures) -> Tensor:
    """Interaction energy of the ends' believed classes: :math:`F_{ij} = -\\log \\langle p_i, p_j \\rangle \\ge 0`.

    The improbability that both ends are of one class. Probabilities below 1e-6 count as 1e-6.
    """
    p = links.class_probabilities.probabilities
    return -(p[links.pairs[0]] * p[links.pairs[1]]).sum(dim=1).clamp(min=_RAREST, max=1).log()


@FORCES.register("free")
def free_force(links: PairFeatures) -> Tensor:
    """Free energy of the ends' class scores, shifted so that the most confident node has none.

    .. math::
        F_{ij} = \\tfrac{1}{2} (E_i + E_j) - \\min_k E_k, \\qquad E_i = -T \\log \\sum_c e^{z_{ic} / T}

    (GNNSafe, Wu et al., ICLR 2023). Low where a model is confident. Plain logits carry no signal here: training nodes
    are over-confident. So the logits are calibrated and cross-fitted, see
    :func:`~torque_core.scoring.class_probabilities.cross_fitted_probabilities`.
    """
    energy = links.class_probabilities.free_energy(links.temperature)
    energy = energy - energy.min()
    return (energy[links.pairs[0]] + energy[links.pairs[1]]) / 2


@FORCES.register("pagerank_sum")
def pagerank_sum_force(links: PairFeatures) -> Tensor:
    """Importance of the ends: :math:`F_{ij} = |\\mathcal{V}| (\\pi_i + \\pi_j) / 2` with PageRank :math:`\\pi`.

    Damping 0.85; 1 for two nodes of mean importance. The paper's first figure uses the sum for homophilous graphs.
    """
    rank = links.propagation.importance
    return (rank[links.pairs[0]] + rank[links.pairs[1]]) / 2


@FORCES.register("pagerank_difference")
def pagerank_difference_force(links: PairFeatures) -> Tensor:
    """Difference in importance: :math:`F_{ij} = |\\mathcal{V}| |\\pi_i - \\pi_j|` with PageRank :math:`\\pi`.

    Damping 0.85. The paper's first figure uses the absolute difference for heterophilous graphs.
    """
    rank = links.propagation.importance
    return (rank[links.pairs[0]] - rank[links.pairs[1]]).abs()


@FORCES.register("disparity")
def disparity_force(links: PairFeatures) -> Tensor:
    """Difference in local homophily: :math:`F_{ij} = |h_i - h_j| \\in [0, 1]`.

    :math:`h_i` is the share of node :math:`i`'s neighbours of its own class, over neighbours whose label or sure
    pseudo-label is there, the tested edge left out; 0 if there is none. In the paper's third version the force is
    :math:`|h_i - h_j| \\, x_j`; rows have length one here, so that is its magnitude.
    """
    labels = links.class_probabilities.labels
    low, high = links.propagation.pairs
    known = ((labels[low] >= 0) & (labels[high] >= 0)).to(links.weight)
    alike = known * (labels[low] == labels[high])

    def around(of_edges: Tensor) -> Tensor:  # (N,)
        total = torch.zeros_like(links.propagation.mass)
        return total.index_add(0, low, of_edges).index_add(0, high, of_edges)

    i, j = links.pairs
    edge = (links.weight > 0) & (labels[i] >= 0) & (labels[j] >= 0)
    neighbours, same = around(known), around(alike)
    own, own_alike = edge.to(links.weight), (edge & (labels[i] == labels[j])).to(links.weight)
    homophily = [(same[end] - own_alike) / (neighbours[end] - own).clamp(min=1) for end in (i, j)]
    return (homophily[0] - homophily[1]).abs()


@FORCES.register("unit")
def unit_force(links: PairFeatures) -> Tensor:
    """Every force 1: the torque is the lever arm alone."""
    return torch.ones_like(links.weight)
