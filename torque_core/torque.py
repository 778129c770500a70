"""Torque: lever arm times force, one non-negative number per link."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from torque_core.errors import BadConfig
from torque_core.forces import FORCES
from torque_core.levers import LEVERS
from torque_core.propagation import Propagation

__all__ = ["Torque", "torque"]


@dataclass(frozen=True)
class Torque:
    """The torque of some links and its two factors, each :math:`(P,)` and without unit."""

    lever: Tensor
    force: Tensor

    @cached_property
    def value(self) -> Tensor:
        """:math:`\\tau_{ij} = \\ell_{ij} F_{ij} \\ge 0`, shape :math:`(P,)`."""
        return self.lever * self.force

    def to(self, device: torch.device | str) -> "Torque":
        """The same torques on ``device``."""
        return Torque(self.lever.to(device), self.force.to(device))

    def __getitem__(self, index: Tensor) -> "Torque":
        return Torque(self.lever[index], self.force[index])


def torque(
    propagation: Propagation, pairs: Tensor, *, lever: str = "structural", force: str = "energy", layer: int = 0
) -> Torque:
    """The torque :math:`\\tau_{ij} = \\ell_{ij} F_{ij}` of every pair (GraphTorque, arXiv 2507.21422).

    Args:
        propagation: Features on the graph in which the pairs are judged.
        pairs: Pairs of nodes with :math:`i < j`, edges of the graph or not, :math:`(2, P)`.
        lever: A name in :data:`~torque_core.levers.LEVERS`.
        force: A name in :data:`~torque_core.forces.FORCES`.
        layer: The layer whose input representation gives the force, from 0.

    Example:
        >>> path = Propagation(torch.eye(3), torch.tensor([[0, 1], [1, 2]]))
        >>> torque(path, torch.tensor([[0, 0], [1, 2]])).value  # the edge (0, 1), and the pair (0, 2)
        tensor([1.0000, 0.1667])
    """
    if lever not in LEVERS:
        raise BadConfig(f"lever must be one of {', '.join(LEVERS)}; got {lever!r}")
    if force not in FORCES:
        raise BadConfig(f"force must be one of {', '.join(FORCES)}; got {force!r}")
    with torch.no_grad():
        return Torque(LEVERS[lever](propagation, pairs), FORCES[force](propagation, pairs, layer))
