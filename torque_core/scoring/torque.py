"""Torque: lever arm times force, one non-negative number per node pair."""

from dataclasses import dataclass
from functools import cached_property, reduce

import torch
from torch import Tensor

from torque_core.errors import BadConfig
from torque_core.scoring.forces import FORCES
from torque_core.scoring.levers import LEVERS
from torque_core.scoring.pair_features import PairFeatures
from torque_core.utils.display import ShortRepr

__all__ = ["PRODUCTS", "Torque", "torque"]

PRODUCTS = ("scalar", "cross")
"""Products of lever arm and force, see :func:`torque`."""


@dataclass(frozen=True, repr=False)
class Torque(ShortRepr):
    """Torque of node pairs and its factors, each :math:`(P,)` and without unit.

    Attributes:
        lever: Lever arms :math:`\\ell`.
        force: Forces :math:`F`.
        sine: Sine of the angle between them; None for the scalar product.
    """

    lever: Tensor
    force: Tensor
    sine: Tensor | None = None

    @property
    def factors(self) -> dict[str, Tensor]:
        """Factors of the torque by name, each :math:`(P,)`."""
        named = {"lever arm": self.lever, "force": self.force}
        return named if self.sine is None else named | {"sine": self.sine}

    @cached_property
    def value(self) -> Tensor:
        """:math:`\\tau_{ij} = \\ell_{ij} F_{ij} \\sin \\phi_{ij} \\ge 0`, shape :math:`(P,)`."""
        return reduce(torch.mul, self.factors.values())

    def to(self, device: torch.device | str) -> "Torque":
        """The same torques on ``device``."""
        sine = None if self.sine is None else self.sine.to(device)
        return Torque(self.lever.to(device), self.force.to(device), sine)

    def __getitem__(self, index: Tensor) -> "Torque":
        return Torque(self.lever[index], self.force[index], None if self.sine is None else self.sine[index])


def torque(
    features: PairFeatures, *, lever: str = "structural", force: str = "dirichlet", product: str = "scalar"
) -> Torque:
    """Torque of every pair (GraphTorque, arXiv 2507.21422), differentiable in the features.

    ``scalar``: :math:`\\tau_{ij} = \\ell_{ij} F_{ij}`. ``cross``: the magnitude of the vector product of an arm of
    length :math:`\\ell_{ij}` along :math:`h_j - h_i` with a force of magnitude :math:`F_{ij}` along :math:`h_j`, where
    :math:`h` is the input of the layer: :math:`\\tau_{ij} = \\ell_{ij} F_{ij} \\sin \\phi_{ij}`, see
    :meth:`~torque_core.scoring.pair_features.PairFeatures.sine`. Lever ``euclidean`` and force ``disparity`` then give
    the torque of the paper's third version.

    Args:
        features: Features of the pairs in one layer.
        lever: A name in :data:`~torque_core.scoring.levers.LEVERS`.
        force: A name in :data:`~torque_core.scoring.forces.FORCES`.
        product: A name in :data:`PRODUCTS`.

    Raises:
        BadConfig: If a name is unknown.

    Example:
        >>> from torque_core.graph.propagation import Propagation
        >>> path = Propagation(torch.eye(3), torch.tensor([[0, 1], [1, 2]]))
        >>> torque(PairFeatures(path, torch.tensor([[0, 0], [1, 2]]))).value  # the edge (0, 1), and the pair (0, 2)
        tensor([1.0000, 0.1667])
    """
    if product not in PRODUCTS:
        raise BadConfig(f"product must be one of {', '.join(PRODUCTS)}; got {product!r}")
    arm, pull = LEVERS.get_or_raise(lever), FORCES.get_or_raise(force)
    strength = pull(
        features
    )  # before the lever arm, whose rows would otherwise be held while label energies are fitted
    return Torque(arm(features), strength, features.sine(features.layer) if product == "cross" else None)
