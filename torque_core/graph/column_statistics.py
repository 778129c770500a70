"""Mean and scale of feature columns, from sums over chunks of rows that are added in double precision.

Features that are read from a file, in blocks of whole chunks, so get the same numbers as features in memory, bit for
bit. See :func:`~torque_core.graph.propagation.centred_unit` for what the numbers are used for.
"""

import torch
from torch import Tensor

__all__ = ["CHUNK_ROWS", "chunk_norms", "chunk_sums", "column_mean", "pareto_scale", "unit_rows"]

CHUNK_ROWS = 4096
"""Number of rows of a chunk."""


def chunk_sums(x: Tensor) -> Tensor:
    """Sums of the columns of every 4,096 rows, :math:`(\\lceil |\\mathcal{V}| / 4096 \\rceil, F)`."""
    return torch.stack([chunk.sum(dim=0) for chunk in x.split(CHUNK_ROWS)])


def chunk_norms(centred: Tensor) -> Tensor:
    """Euclidean norms of the columns of every 4,096 rows, of the shape of :func:`chunk_sums`."""
    chunks = centred.split(CHUNK_ROWS)
    if centred.requires_grad:  # the gradient of a square root is infinite at zero, that of a norm is not
        return torch.stack([chunk.norm(dim=0) for chunk in chunks])
    return torch.stack([chunk.square().sum(dim=0) for chunk in chunks]).sqrt_()  # in a quarter of the time


def column_mean(sums: Tensor, count: int) -> Tensor:
    """Mean of the columns of ``count`` rows, :math:`(F,)`, from :func:`chunk_sums`."""
    return (sums.double().sum(dim=0) / count).to(sums)


def pareto_scale(norms: Tensor, mean: Tensor, count: int) -> Tensor:
    """Factor :math:`1 / \\sqrt{\\sigma_f}` of each column, 0 for a constant one, :math:`(F,)`.

    Args:
        norms: See :func:`chunk_norms`, of all rows.
        mean: Mean of the columns before centring, :math:`(F,)`.
        count: Number of rows.
    """
    deviation = norms.double().norm(dim=0).to(norms) / count**0.5
    # a feature that equals its mean leaves only rounding errors, not a direction
    return torch.where(deviation > 1e-6 * mean.abs(), deviation.clamp(min=1e-30).rsqrt(), 0.0)


def unit_rows(centred: Tensor, mean: Tensor, scale: Tensor) -> Tensor:
    """Rows times ``scale``, of length one; rows that equal the mean become zero. Changes ``centred`` unless it needs
    a gradient.

    Args:
        centred: Rows minus ``mean``, :math:`(B, F)`.
        mean: Mean of the columns, :math:`(F,)`.
        scale: See :func:`pareto_scale`.
    """
    centred = centred * scale if centred.requires_grad else centred.mul_(scale)
    length = centred.norm(dim=1, keepdim=True)
    shrink = torch.where(length > 1e-6 * (mean * scale).norm(), 1 / length.clamp(min=1e-30), 0.0)
    return centred * shrink if centred.requires_grad else centred.mul_(shrink)
