"""Lever arms: how far apart the two ends of a link are."""

from collections.abc import Callable

import torch
from torch import Tensor

from torque_core.propagation import Propagation

__all__ = ["LEVERS", "Lever", "feature_lever", "structural_lever", "unit_lever"]

Lever = Callable[[Propagation, Tensor], Tensor]


def structural_lever(propagation: Propagation, pairs: Tensor) -> Tensor:
    """Structural distance: how unlike the 2-hop neighbourhoods of the ends are, the tested edge left out.

    .. math::
        \\ell_{ij} = 1 - \\cos(h^2_{i \\setminus j}, h^2_{j \\setminus i}) \\in [0, 2]

    with the leave-one-edge-out representations of :class:`~torque_core.propagation.Propagation`. 1 is what two
    unrelated nodes have. The paper's abstract asks for a "structural distance"; this form is this project's choice.

    Args:
        propagation: Centred unit features on the layer's graph.
        pairs: Pairs of nodes, :math:`(2, P)`.

    Returns:
        Lever arms without unit, :math:`(P,)`.

    Example:
        >>> path = Propagation(torch.eye(4), torch.tensor([[0, 1, 2], [1, 2, 3]]))
        >>> structural_lever(path, torch.tensor([[1], [2]]))  # without 1 - 2 the two halves share nothing
        tensor([1.])
    """
    return propagation.cosine_distance(pairs, depth=2)


def feature_lever(propagation: Propagation, pairs: Tensor) -> Tensor:
    """Feature distance :math:`\\ell_{ij} = 1 - \\cos(x_i, x_j) \\in [0, 2]`, blind to the graph, :math:`(P,)`."""
    return propagation.cosine_distance(pairs, depth=0)


def unit_lever(propagation: Propagation, pairs: Tensor) -> Tensor:
    """Every lever arm 1: the torque is the force alone, :math:`(P,)`."""
    return torch.ones(pairs.size(1), dtype=propagation.x.dtype, device=propagation.x.device)


LEVERS: dict[str, Lever] = {"structural": structural_lever, "feature": feature_lever, "unit": unit_lever}
"""Lever arms by name; add your own to use it in :class:`~torque_core.rewire.RewireSpec`."""
