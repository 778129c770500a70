"""Edge density: the number of edges through each pixel of an image, a million edges in about a second in NumPy."""

import numpy as np

__all__ = ["edge_density"]

_MAX_DOTS = 6_000_000  # over all edges; about ten in each pixel of a large image
_DOTS_PER_BATCH = 1_000_000  # bounds the memory
_DOTS_AT_ONCE = 1 << 15  # arrays of this length stay in the CPU cache
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
    start = position.take(pairs[0], axis=0)
    direction = position.take(pairs[1], axis=0) - start  # (E, 2)
    length = np.maximum(*np.abs(direction.T))  # a line has as many pixels as its longer side
    spacing = max(1.0, float(length.sum(dtype=np.float64)) / _MAX_DOTS)
    phase = generator.random(len(length), np.float32)
    count = np.ceil(length / spacing - phase).clip(0).astype(np.int64)
    stride = direction * (spacing / np.maximum(length, 1e-9))[:, None]
    first = start + stride * phase[:, None]
    # edges of equally many dots are rasterised together, as a matrix of edges and dots
    most = int(count.max(initial=0))
    order = np.argsort(count.astype(np.min_scalar_type(most)), kind="stable")  # small numbers are sorted by radix
    count = count[order]
    columns, rows = ((first[order, axis].astype(float), stride[order, axis].astype(float)) for axis in (0, 1))
    index = np.arange(most, dtype=float)  # of each dot along its edge
    ends = np.searchsorted(count, np.arange(1, most + 2)).tolist()
    density = np.zeros(shape[0] * shape[1], dtype=np.int64)
    pixels, filled = np.empty(_DOTS_PER_BATCH + most, dtype=np.int64), 0
    for dots in range(1, most + 1):
        along = index[:dots]
        if dashed and spacing < _DASH:
            along = along[along * spacing % _PERIOD < _DASH]
        step = max(1, min(_DOTS_AT_ONCE, _DOTS_PER_BATCH) // len(along))
        for low in range(ends[dots - 1], ends[dots], step):
            some = slice(low, min(low + step, ends[dots]))
            column, row = (_places(at[some], by[some], along) for at, by in (columns, rows))
            row *= shape[1]
            row += column
            if filled + row.size > len(pixels):
                density += np.bincount(pixels[:filled], minlength=len(density))
                filled = 0
            pixels[filled : filled + row.size] = row.ravel()
            filled += row.size
    density += np.bincount(pixels[:filled], minlength=len(density))
    return (density * spacing).reshape(shape)


def _places(first: np.ndarray, stride: np.ndarray, along: np.ndarray) -> np.ndarray:
    """Column or row of the dots of some edges, int64, (E, dots)."""
    place = np.multiply.outer(stride, along)
    place += first[:, None]
    return place.astype(np.int64)
