"""Edge density: the number of edges through each pixel of an image, a million edges in about a second in NumPy."""

from itertools import pairwise

import numpy as np

__all__ = ["edge_density"]

_MAX_DOTS = 6_000_000  # over all edges; about ten in each pixel of a large image
_DOTS_PER_BATCH = 1_000_000  # bounds the memory
_DASH, _PERIOD = 7, 12  # pixels


def edge_density(
    position: np.ndarray, pairs: np.ndarray, shape: tuple[int, int], *, dashed: bool = False
) -> np.ndarray:
    """Count the edges that pass through each pixel.

    Each edge is rasterised into equidistant dots, the first at a random offset, one dot per pixel that it passes
    through. If all edges together are longer than six million pixels, fewer dots with a larger weight are drawn, which
    gives an unbiased estimate of the density.

    Args:
        position: Column and row of each node in pixels, inside the image, :math:`(|\\mathcal{V}|, 2)`.
        pairs: Undirected edges, each once, :math:`(2, |\\mathcal{E}|)`.
        shape: Number of rows and columns of the image, :math:`(H, W)`.
        dashed: Leave gaps in each edge if the dots are dense enough to show them.

    Returns:
        :math:`(H, W)`, float64.

    Example:
        An edge through three pixels of one row.

        >>> edge_density(np.array([[1.0, 1.5], [4.0, 1.5]]), np.array([[0], [1]]), (2, 5))
        array([[0., 0., 0., 0., 0.],
               [0., 1., 1., 1., 0.]])
    """
    generator = np.random.default_rng(0)
    position = position.astype(np.float32)
    start = position[pairs[0]]
    direction = position[pairs[1]] - start  # (E, 2)
    length = np.abs(direction).max(axis=1, initial=0)  # a line has as many pixels as its longer side
    spacing = max(1.0, float(length.sum(dtype=np.float64)) / _MAX_DOTS)
    phase = generator.random(len(length), np.float32)
    count = np.ceil(length / spacing - phase).clip(0).astype(np.int64)
    stride = direction * (spacing / np.maximum(length, 1e-9))[:, None]
    first = start + stride * phase[:, None]
    density = np.zeros(shape[0] * shape[1])
    batch_starts = np.searchsorted(count.cumsum(), np.arange(0, count.sum(), _DOTS_PER_BATCH), side="right")
    for low, high in pairwise([*batch_starts, len(count)]):
        dots = count[low:high]
        # index of each dot along its edge
        index = np.arange(dots.sum(), dtype=np.int32) - np.repeat((dots.cumsum() - dots).astype(np.int32), dots)
        column, row = (
            np.repeat(first[low:high, axis], dots) + np.repeat(stride[low:high, axis], dots) * index for axis in (0, 1)
        )
        pixel = row.astype(np.int32) * shape[1] + column.astype(np.int32)
        if dashed and spacing < _DASH:
            pixel = pixel[index * spacing % _PERIOD < _DASH]
        density += np.bincount(pixel, minlength=len(density))
    return (density * spacing).reshape(shape)
