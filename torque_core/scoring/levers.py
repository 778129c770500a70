"""Lever arms: how far apart the two ends of a link are. Each :math:`(P,)`, without unit, and not negative."""

from collections.abc import Callable

import torch
from torch import Tensor

from torque_core.scoring.pair_features import PairFeatures, root
from torque_core.utils.registry import Registry

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

LEVERS: Registry[Lever] = Registry("lever")
"""Lever arms by name; ``LEVERS.register(name)`` adds yours to :class:`~torque_core.rewiring.spec.RewireSpec`."""


@LEVERS.register("structural")
def structural_lever(links: PairFeatures) -> Tensor:
    """How unlike the 2-hop neighbourhoods are in their features, the link itself left out.

    .. math::
        \\ell_{ij} = 1 - \\cos(h^2_{i \\setminus j}, h^2_{j \\setminus i}) \\in [0, 2]

    with the representations of :mod:`torque_core.scoring.pair_features`. 1 is what two unrelated nodes have. The
    paper's abstract asks for a "structural distance"; this form is this project's choice.

    Example:
        >>> from torque_core.graph.propagation import Propagation
        >>> path = torch.tensor([[0, 1, 2], [1, 2, 3]])
        >>> lever = structural_lever(PairFeatures(Propagation(torch.eye(4), path), path))
        >>> round(float(lever[1]), 6)  # without 1 - 2 the two halves share nothing
        1.0
    """
    return links.cosine_distance(2)


@LEVERS.register("neighbourhood")
def neighbourhood_lever(links: PairFeatures) -> Tensor:
    """How few nodes the 1- and 2-hop neighbourhoods share, the link itself left out; blind to features.

    .. math::
        \\ell_{ij} = 1 - \\tfrac{1}{2} \\sum_{l=1}^{2} \\cos(e^l_{i \\setminus j}, e^l_{j \\setminus i}) \\in [0, 1]

    where :math:`e^0` is the identity matrix: row :math:`i` of :math:`e^l` says which nodes are reached from :math:`i`
    in :math:`l` steps, and how often. At :math:`l = 1` the cosine is the Salton index of the two neighbourhoods, each
    with its own node. Beyond 4,096 nodes the cosines are sketched, see
    :attr:`~torque_core.graph.propagation.Propagation.names`, and may leave [0, 1] by the sketch's error.

    Example:
        A triangle 0, 1, 2 with a tail 2 - 3. Ends 0 and 1 share node 2; ends 2 and 3 share nothing.

        >>> from torque_core.graph.propagation import Propagation
        >>> pairs = torch.tensor([[0, 0, 1, 2], [1, 2, 2, 3]])
        >>> lever = neighbourhood_lever(PairFeatures(Propagation(torch.eye(4), pairs), pairs))
        >>> round(float(lever[0]), 6), round(float(lever[3]), 6)
        (0.35, 1.0)
    """
    return (links.names.cosine_distance(1) + links.names.cosine_distance(2)) / 2


@LEVERS.register("combined")
def combined_lever(links: PairFeatures) -> Tensor:
    """The mean of the structural and the neighbourhood lever arm."""
    return (structural_lever(links) + neighbourhood_lever(links)) / 2


@LEVERS.register("feature")
def feature_lever(links: PairFeatures) -> Tensor:
    """Cosine distance of what the layer receives: :math:`1 - \\cos(h^l_i, h^l_j) \\in [0, 2]`, the link left out.

    In the first layer these are the features alone, blind to the graph.
    """
    return links.cosine_distance(links.layer)


@LEVERS.register("euclidean")
def euclidean_lever(links: PairFeatures) -> Tensor:
    """Euclidean distance of what the layer receives, rows of length one, in [0, 2].

    With the force ``disparity`` and the product ``cross`` it is the torque of the paper's third version.
    """
    return root(2 * links.cosine_distance(links.layer))


@LEVERS.register("unit")
def unit_lever(links: PairFeatures) -> Tensor:
    """Every lever arm 1: the torque is the force alone."""
    return torch.ones_like(links.weight)
