"""Edge confidence: the probability that an edge is not random, as a function of its torque."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from torque_core.utils.display import ShortRepr

__all__ = ["EdgeConfidence", "estimate_edge_confidence"]

_MAX_BINS = 100
_MIN_EDGES = 20  # per bin
_MIN_CONFIDENCE = 1e-3  # an edge of weight 0 would be no edge
_AT_ONCE = 1 << 18  # arrays of this length stay in the CPU cache


@dataclass(frozen=True, repr=False)
class EdgeConfidence(ShortRepr):
    """The probability that an edge is not random, as a function of its torque: a piecewise linear curve.

    Attributes:
        torques: Torques in ascending order, :math:`(K,)`.
        values: The probability at each of them, non-increasing, in (0, 1], :math:`(K,)`.
    """

    torques: Tensor
    values: Tensor

    def __call__(self, torque: Tensor) -> Tensor:
        """The confidence of edges of these torques, with their shape, device and type; differentiable.

        Example:
            >>> EdgeConfidence(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 0.5]))(torch.tensor([0.0, 1.5, 3.0]))
            tensor([1.0000, 0.7500, 0.5000])
        """
        at, value = self.torques.to(torque), self.values.to(torque)  # (K,)
        if len(at) == 1:
            return value.expand_as(torque)

        def interpolate(part: Tensor) -> Tensor:
            right = torch.searchsorted(at, part.detach()).clamp(1, len(at) - 1)
            left = right - 1
            fraction = ((part - at[left]) / (at[right] - at[left])).clamp(0, 1)
            return value[left] + fraction * (value[right] - value[left])

        return torch.cat([interpolate(part) for part in torque.flatten().split(_AT_ONCE)]).view_as(torque)

    def last_torque(self, confidence: float) -> float:
        """The largest torque with at least this confidence; infinite if all have it, minus infinity if none has.

        Example:
            >>> EdgeConfidence(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 0.5])).last_torque(0.75)
            1.5
        """
        above = int((self.values >= confidence).sum())  # the curve does not increase
        if above in (0, len(self.values)):
            return math.inf if above else -math.inf
        (left, right), (high, low) = self.torques[above - 1 : above + 1], self.values[above - 1 : above + 1]
        return float(left + (high - confidence) / (high - low) * (right - left))


def estimate_edge_confidence(torques: Tensor, edges_above: Tensor, null_above: Tensor) -> EdgeConfidence:
    """Estimate edge confidence from the observed and the expected number of edges at each torque.

    In bins of torque with equal numbers of edges, with :math:`S` the fraction of edges and :math:`\\hat\\pi S_0` the
    expected fraction of random edges from a torque upwards, the confidence is

    .. math::
        p = 1 - \\frac{\\Delta (\\hat\\pi S_0)}{\\Delta S},

    one minus the local false discovery rate (Efron, Annals of Statistics 35, 2007). Isotonic regression (pool adjacent
    violators) makes it non-increasing in the torque.

    Args:
        torques: Distinct torques of the edges in ascending order, at least one, :math:`(K,)`.
        edges_above: :math:`S` at each of them, :math:`(K,)`.
        null_above: :math:`\\hat\\pi S_0` at each of them, :math:`(K,)`.

    Example:
        Of 40 edges, the upper half is as the null model predicts:

        >>> torques = torch.arange(40.0)
        >>> above = 1 - torques / 40
        >>> estimate_edge_confidence(torques, above, above.clamp(max=0.5)).values.tolist()
        [1.0, 0.001]
    """
    from scipy.optimize import isotonic_regression  # slow to import

    count = len(torques)
    bins = max(1, min(_MAX_BINS, count // _MIN_EDGES))
    starts = torch.linspace(0, count, bins + 1, dtype=torch.float64)[:-1].long()
    edges, null = (_in_bins(above.double().cpu()[starts]) for above in (edges_above, null_above))
    null_fraction = isotonic_regression((null / edges).numpy(), weights=edges.numpy()).x
    middle = (starts + torch.cat([starts[1:], starts.new_tensor([count])])) // 2
    return EdgeConfidence(
        torques.cpu()[middle].double(), (1 - torch.from_numpy(null_fraction)).clamp(_MIN_CONFIDENCE, 1)
    )


def _in_bins(above: Tensor) -> Tensor:
    """Fraction of edges between each start and the next; the last bin extends to the end."""
    return above - torch.cat([above[1:], above.new_zeros(1)])
