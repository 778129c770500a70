"""Trust: how likely an edge that stays is more than chance, as a weight."""

from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["EdgeConfidence", "estimate_edge_confidence"]

_MOST_BINS = 100
_FEWEST_EDGES = 20  # in a bin
_LEAST = 1e-3  # an edge of weight 0 would be none


@dataclass(frozen=True)
class EdgeConfidence:
    """The probability that an edge does not stand there by chance, as a function of its torque.

    Attributes:
        torques: Ascending, :math:`(K,)`.
        values: The probability at each of them, never rising, in (0, 1], :math:`(K,)`. Between two it is interpolated.
    """

    torques: Tensor
    values: Tensor

    def __call__(self, torque: Tensor) -> Tensor:
        """The trust in edges of these torques, of their shape, device and type; it has a gradient.

        Example:
            >>> EdgeConfidence(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 0.5]))(torch.tensor([0.0, 1.5, 3.0]))
            tensor([1.0000, 0.7500, 0.5000])
        """
        at, value = self.torques.to(torque), self.values.to(torque)
        if len(at) == 1:
            return value.expand_as(torque)
        right = torch.searchsorted(at, torque.detach().contiguous()).clamp(1, len(at) - 1)
        left = right - 1
        share = ((torque - at[left]) / (at[right] - at[left])).clamp(0, 1)
        return value[left] + share * (value[right] - value[left])


def estimate_edge_confidence(torques: Tensor, edges_above: Tensor, chance_above: Tensor) -> EdgeConfidence:
    """Estimate trust from how many edges there are at each torque, and how many chance alone would put there.

    In bins of torque with as many edges each, of which :math:`S` is the share of edges and :math:`\\hat\\pi S_0` that
    of chance edges from a torque upwards,

    .. math::
        p = 1 - \\frac{\\Delta (\\hat\\pi S_0)}{\\Delta S},

    which is one minus the local false discovery rate (Efron, Annals of Statistics 35, 2007), made to fall with the
    torque by isotonic regression (pool adjacent violators).

    Args:
        torques: Distinct torques of the edges, ascending, one at least, :math:`(K,)`.
        edges_above: :math:`S` at each of them, :math:`(K,)`.
        chance_above: :math:`\\hat\\pi S_0` at each of them, :math:`(K,)`.

    Example:
        Of 40 edges, the upper half is as chance would have it:

        >>> torques = torch.arange(40.0)
        >>> above = 1 - torques / 40
        >>> estimate_edge_confidence(torques, above, above.clamp(max=0.5)).values.tolist()
        [1.0, 0.001]
    """
    from scipy.optimize import isotonic_regression  # slow to import

    count = len(torques)
    bins = max(1, min(_MOST_BINS, count // _FEWEST_EDGES))
    starts = torch.linspace(0, count, bins + 1, dtype=torch.float64)[:-1].long()
    edges, chance = (_in_bins(above.double().cpu()[starts]) for above in (edges_above, chance_above))
    share = isotonic_regression((chance / edges).numpy(), weights=edges.numpy()).x
    middle = (starts + torch.cat([starts[1:], starts.new_tensor([count])])) // 2
    return EdgeConfidence(torques.cpu()[middle].double(), (1 - torch.from_numpy(share)).clamp(_LEAST, 1))


def _in_bins(above: Tensor) -> Tensor:
    """What lies between each start and the next, the last up to the end."""
    return above - torch.cat([above[1:], above.new_zeros(1)])
