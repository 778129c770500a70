"""Forces: how much energy a link stores in the representation that its layer receives."""

from collections.abc import Callable

import torch
from torch import Tensor

from torque_core.propagation import Propagation

__all__ = ["FORCES", "Force", "energy_force", "unit_force"]

Force = Callable[[Propagation, Tensor, int], Tensor]


def energy_force(propagation: Propagation, pairs: Tensor, layer: int) -> Tensor:
    """The link's own share of the Dirichlet energy of the layer's input representation, unit rows.

    .. math::
        F_{ij} = \\tfrac{1}{2} \\Big\\| \\frac{h^l_i}{\\|h^l_i\\|} - \\frac{h^l_j}{\\|h^l_j\\|} \\Big\\|^2
               = 1 - \\cos(h^l_i, h^l_j) \\in [0, 2]

    Layer :math:`l = 0` receives the features; layer :math:`l` receives them propagated :math:`l` times (at most
    twice, see :mod:`torque_core.propagation`), the tested edge left out. "Energy" stands in the paper's abstract;
    the Dirichlet reading of it is this project's choice.

    Args:
        propagation: Centred unit features on the layer's graph.
        pairs: Pairs of nodes, :math:`(2, P)`.
        layer: The layer :math:`l`, from 0.

    Returns:
        Forces without unit, :math:`(P,)`.

    Example:
        >>> propagation = Propagation(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[0], [1]]))
        >>> energy_force(propagation, torch.tensor([[0], [1]]), 0)
        tensor([1.])
    """
    return propagation.cosine_distance(pairs, depth=layer)


def unit_force(propagation: Propagation, pairs: Tensor, layer: int) -> Tensor:
    """Every force 1: the torque is the lever arm alone, :math:`(P,)`."""
    return torch.ones(pairs.size(1), dtype=propagation.x.dtype, device=propagation.x.device)


FORCES: dict[str, Force] = {"energy": energy_force, "unit": unit_force}
"""Forces by name; add your own to use it in :class:`~torque_core.rewire.RewireSpec`."""
