"""How many edges pass through each pixel of a picture: a million edges in about a second, in NumPy alone."""

from itertools import pairwise

import numpy as np

__all__ = ["edge_density"]

_DOTS = 6_000_000  # of all edges; enough for ten in each pixel of a large picture
_AT_ONCE = 1_000_000  # dots, to bound the memory
_DASH, _PERIOD = 7, 12  # pixels


def edge_density(
    position: np.ndarray, pairs: np.ndarray, shape: tuple[int, int], *, dashed: bool = False
) -> np.ndarray:
    """How many edges pass through each pixel.

    Every edge leaves dots at even distances, the first one at random: a dot in each pixel that it passes; or, where
    all edges together are longer than six million pixels, fewer dots that each count for more, so that what is drawn
    is an unbiased estimate.

    Args:
        position: Column and row of each node in pixels, within the picture, :math:`(|\\mathcal{V}|, 2)`.
        pairs: Edges, each once, :math:`(2, |\\mathcal{E}|)`.
        shape: Rows and columns of the picture, :math:`(H, W)`.
        dashed: Leave gaps, where the dots are dense enough to show them.

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
    begin = position[pairs[0]]
    way = position[pairs[1]] - begin  # (E, 2)
    length = np.abs(way).max(axis=1, initial=0)  # a line has as many pixels as its longer side
    spacing = max(1.0, float(length.sum(dtype=np.float64)) / _DOTS)
    phase = generator.random(len(length), np.float32)
    count = np.ceil(length / spacing - phase).clip(0).astype(np.int64)
    stride = way * (spacing / np.maximum(length, 1e-9))[:, None]
    first = begin + stride * phase[:, None]
    density = np.zeros(shape[0] * shape[1])
    total = count.cumsum()
    starts = np.searchsorted(total, np.arange(0, count.sum(), _AT_ONCE), side="right")
    for low, high in pairwise([*starts, len(count)]):
        dots = count[low:high]
        turn = np.arange(dots.sum(), dtype=np.int32) - np.repeat((dots.cumsum() - dots).astype(np.int32), dots)
        column, row = (
            np.repeat(first[low:high, axis], dots) + np.repeat(stride[low:high, axis], dots) * turn for axis in (0, 1)
        )
        pixel = row.astype(np.int32) * shape[1] + column.astype(np.int32)
        if dashed and spacing < _DASH:
            pixel = pixel[turn * spacing % _PERIOD < _DASH]
        density += np.bincount(pixel, minlength=len(density))
    return (density * spacing).reshape(shape)
