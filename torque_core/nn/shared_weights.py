"""Weights of further relations that are shared with those of the first, exactly or up to a low-rank difference."""

import torch
from torch import Tensor, nn
from torch_geometric.nn.dense.linear import is_uninitialized_parameter

from torque_core.errors import BadConfig
from torque_core.nn.sparse_features import feature_map

__all__ = ["RELATION_WEIGHTS", "LowRankUpdate", "share_weights"]

RELATION_WEIGHTS = ("own", "shared", "low_rank")
"""How the weights of a further relation relate to those of the first."""

_RANK = 8
_LINEAR_MAPS = ("lin", "lin_l")  # of a neighbour's representation, in the convolutions of PyG and of this package


class LowRankUpdate(nn.Module):
    """The weight matrix :math:`W + U V`: that of another linear map, and a difference of low rank.

    :math:`U` is initialised to 0, so that the map begins as a copy of the other, as in LoRA (Hu et al., ICLR 2022).

    Args:
        base: The other map; its weight :math:`W`, :math:`(F', F)`, is shared.
        rank: Largest rank of the difference.

    Example:
        >>> base = nn.Linear(3, 2, bias=False)
        >>> torch.equal(LowRankUpdate(base, 1).weight, base.weight)
        True
    """

    bias = None

    def __init__(self, base: nn.Module, rank: int = _RANK) -> None:
        super().__init__()
        weight: Tensor = base.weight  # type: ignore[assignment]
        if is_uninitialized_parameter(weight):
            raise BadConfig("weights of low rank need the number of features; give in_channels instead of -1")
        self.base = base
        self.up = nn.Parameter(torch.zeros(weight.size(0), rank))
        self.down = nn.Parameter(torch.empty(rank, weight.size(1)))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialise the difference again; the other map is left alone."""
        nn.init.zeros_(self.up)
        nn.init.kaiming_uniform_(self.down, a=5**0.5)

    def forward(self, x: Tensor) -> Tensor:
        """:math:`X (W + U V)^\\top`, :math:`(|\\mathcal{V}|, F')`."""
        return feature_map(x, self.weight)

    @property
    def weight(self) -> Tensor:
        """The matrix :math:`W + U V`, :math:`(F', F)`."""
        return self.base.weight + self.up @ self.down  # type: ignore[operator]


def share_weights(conv: nn.Module, first: nn.Module, weights: str) -> None:
    """Let a convolution use the weight matrix of another one, by a choice in :data:`RELATION_WEIGHTS`.

    Raises:
        BadConfig: If the convolution has no linear map that could be shared.
    """
    if weights == "own":
        return
    name = next((name for name in _LINEAR_MAPS if isinstance(getattr(conv, name, None), nn.Module)), None)
    if name is None or not hasattr(getattr(first, name), "weight"):
        raise BadConfig(
            f"{type(conv).__name__} has no weights to share; set relation_weights='own', or take gcn or sage"
        )
    base = getattr(first, name)
    setattr(conv, name, base if weights == "shared" else LowRankUpdate(base))
