"""Lever arms: structural distances between the two nodes of a pair, non-negative and without unit, :math:`(P,)`."""

from collections.abc import Callable

import torch
from torch import Tensor

from torque_core.scoring.pair_features import PairFeatures, root
from torque_core.utils.rules import RuleRegistry

__all__ = [
    "LEVERS",
    "Lever",
    "combined_lever",
    "euclidean_lever",
    "feature_lever",
    "neighbourhood_lever",
    "structural_lever",
    "unit_lever",
]

Lever = Callable[[PairFeatures], Tensor]

LEVERS: RuleRegistry[Lever] = RuleRegistry("lever")
"""Lever arms by name; ``LEVERS.register(name)`` makes yours available in
:class:`~torque_core.rewiring.spec.RewireSpec`."""


@LEVERS.register("structural", differentiable=True)
def structural_lever(features: PairFeatures) -> Tensor:
    """Cosine distance of the 2-hop neighbourhoods' features, without the tested edge.

    .. math::
        \\ell_{ij} = 1 - \\cos(h^2_{i \\setminus j}, h^2_{j \\setminus i}) \\in [0, 2]

    with the representations of :mod:`torque_core.scoring.pair_features`. Two unrelated nodes have lever arm 1. The
    paper's abstract asks for a "structural distance"; this form is this project's choice.

    Example:
        >>> from torque_core.graph.propagation import Propagation
        >>> path = torch.tensor([[0, 1, 2], [1, 2, 3]])
        >>> lever = structural_lever(PairFeatures(Propagation(torch.eye(4), path), path))
        >>> round(float(lever[1]), 6)  # without the edge (1, 2) the two halves have no node in common
        1.0
    """
    return features.cosine_distance(2)


@LEVERS.register("neighbourhood", differentiable=True)
def neighbourhood_lever(features: PairFeatures) -> Tensor:
    """Dissimilarity of the 1- and 2-hop neighbourhoods, without the tested edge; node features are ignored.

    .. math::
        \\ell_{ij} = 1 - \\tfrac{1}{2} \\sum_{l=1}^{2} \\cos(e^l_{i \\setminus j}, e^l_{j \\setminus i}) \\in [0, 1]

    where :math:`e^0` is the identity matrix, so that row :math:`i` of :math:`e^l` weights the nodes that random walks
    of :math:`l` steps from :math:`i` reach. At :math:`l = 1` the cosine is the Salton index of the two closed
    neighbourhoods. On graphs of more than 4,096 nodes the cosines are estimated, see
    :attr:`~torque_core.graph.propagation.Propagation.node_identities`, and may leave [0, 1] by the estimation error.

    Example:
        A triangle 0, 1, 2 with a tail 2 - 3. Nodes 0 and 1 have the neighbour 2 in common; 2 and 3 have none.

        >>> from torque_core.graph.propagation import Propagation
        >>> pairs = torch.tensor([[0, 0, 1, 2], [1, 2, 2, 3]])
        >>> lever = neighbourhood_lever(PairFeatures(Propagation(torch.eye(4), pairs), pairs))
        >>> round(float(lever[0]), 6), round(float(lever[3]), 6)
        (0.35, 1.0)
    """
    identities = features.node_identities
    return (identities.cosine_distance(1) + identities.cosine_distance(2)) / 2


@LEVERS.register("combined", differentiable=True)
def combined_lever(features: PairFeatures) -> Tensor:
    """Mean of the structural and the neighbourhood lever arm."""
    return (structural_lever(features) + neighbourhood_lever(features)) / 2


@LEVERS.register("feature", differentiable=True)
def feature_lever(features: PairFeatures) -> Tensor:
    """Cosine distance of the layer's input: :math:`1 - \\cos(h^l_i, h^l_j) \\in [0, 2]`, without the tested edge.

    The input of the first layer is the features, so that the graph is ignored there.
    """
    return features.cosine_distance(features.layer)


@LEVERS.register("euclidean", differentiable=True)
def euclidean_lever(features: PairFeatures) -> Tensor:
    """Euclidean distance of the layer's input, as rows of length one, in [0, 2], without the tested edge.

    With the force ``disparity`` and the product ``cross`` it gives the torque of the paper's third version.
    """
    return root(2 * features.cosine_distance(features.layer))


@LEVERS.register("unit", differentiable=True)
def unit_lever(features: PairFeatures) -> Tensor:
    """Lever arm 1 for every pair: the torque equals the force."""
    return torch.ones_like(features.weight)
