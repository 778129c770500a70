"""Node features in the forms that PyG data sets have them, converted to dense float32."""

import math

import torch
from torch import Tensor

from torque_core.errors import BadGraph

__all__ = ["check_range", "dense_features", "power_of_two_scale", "scaled_features"]

# exponents of the largest number for which float32 squares and their sums neither overflow nor vanish
_LOWEST_EXPONENT, _HIGHEST_EXPONENT = -40, 40


def dense_features(x: Tensor) -> Tensor:
    """Features as a dense tensor, :math:`(|\\mathcal{V}|, F)`; a dense one is returned unchanged.

    Args:
        x: Features, dense or in any sparse layout of PyTorch, :math:`(|\\mathcal{V}|, F)`.

    Example:
        >>> dense_features(torch.tensor([[0.0, 2.0]]).to_sparse_csr())
        tensor([[0., 2.]])
    """
    return x if x.layout == torch.strided else x.to_dense()


def check_range(values: Tensor, name: str) -> None:
    """Raise :class:`BadGraph` if finite numbers are lost in float32, because all are too small or one is too large.

    Example:
        >>> check_range(torch.tensor([[1.0], [1e200]], dtype=torch.float64), "x")
        Traceback (most recent call last):
        ...
        torque_core.errors.BadGraph: x contains 1e+200, first in row 1, which float32 cannot represent; rescale x
    """
    if values.dtype != torch.float64 or not values.numel():
        return
    largest = max(map(abs, map(float, values.aminmax())))
    float32 = torch.finfo(torch.float32)
    if largest > float32.max:
        row = int((values.abs() > float32.max).view(len(values), -1).any(dim=1).nonzero()[0])
        first = values[row].flatten()
        value = float(first[first.abs() > float32.max][0])
        raise BadGraph(f"{name} contains {value:g}, first in row {row}, which float32 cannot represent; rescale {name}")
    if 0 < largest < float32.tiny:
        raise BadGraph(f"{name} contains only values up to {largest:g}, which float32 rounds to 0; rescale {name}")


def scaled_features(x: Tensor) -> Tensor:
    """Dense float32 features, scaled by a power of two if float32 could not square them, :math:`(|\\mathcal{V}|, F)`.

    Torque does not depend on the scale of all features. The product with a power of two is exact.

    Args:
        x: Features of any real dtype and layout, :math:`(|\\mathcal{V}|, F)`.

    Example:
        >>> scaled_features(torch.tensor([[1, 2]])), scaled_features(torch.tensor([[0.5 * 2.0**100, 2.0**100]]))
        (tensor([[1., 2.]]), tensor([[0.2500, 0.5000]]))
    """
    x = dense_features(x).float()
    if not x.numel():
        return x
    scale = power_of_two_scale(max(map(abs, map(float, x.detach().aminmax()))))
    return x if scale == 1 else x * scale


def power_of_two_scale(largest: float) -> float:
    """Power of two by which features of magnitude up to ``largest`` are multiplied, 1 if float32 can square them.

    Example:
        >>> power_of_two_scale(7.0), power_of_two_scale(2.0**100)
        (1.0, 3.944304526105059e-31)
    """
    exponent = math.frexp(largest)[1]
    if _LOWEST_EXPONENT <= exponent <= _HIGHEST_EXPONENT:
        return 1.0
    return 2.0 ** -min(max(exponent, -126), 126)  # a normal number
