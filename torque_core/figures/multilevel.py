"""Multilevel layout for graphs of many thousands of nodes: coarsen, lay out, refine."""

from functools import cache

import numpy as np
import scipy.fft
import scipy.sparse as sp

from torque_core.utils.optional import require

__all__ = ["multilevel_layout"]

_COARSEST = 300  # nodes; small enough for a Kamada-Kawai layout by igraph
_ITERATIONS = (15, 60)  # fewest and most on each level; fewer on a large one, which begins near its optimum
_MOVES = 1_000_000  # of nodes, on a level with a number of iterations between them
_STEP = 0.9  # initial step size, decreasing linearly
_CELLS = (64, 256)  # fewest and most along each side of the grid


def multilevel_layout(adjacency: sp.csr_matrix, generator: np.random.Generator) -> np.ndarray:
    """Compute node positions for a large connected graph, in time roughly linear in the number of edges.

    With :math:`d_i` the degree of node :math:`i`, each iteration moves every node along the gradient, divided by its
    degree, of the energy of Noack (Physical Review E 79:026102, 2009), whose optimum separates the classes of a modular
    graph,

    .. math::
        U = \\frac12 \\sum_{\\{i, j\\} \\in \\mathcal{E}} w_{ij} \\|x_i - x_j\\|^2
            - \\frac{1}{\\sum_k d_k} \\sum_{\\{i, j\\}} d_i d_j \\ln \\|x_i - x_j\\| ,

    so that a node is attracted to the mean of its neighbours and repelled from regions of high degree density. The
    density and its field are computed on a grid by a Fourier transform (Hockney and Eastwood, Computer Simulation Using
    Particles, 1988). Coarse structure is laid out first, as in Walshaw's multilevel scheme (Journal of Graph Algorithms
    and Applications 7:253, 2003): each node is merged into the node of highest random rank among its neighbours and
    itself, the coarser graph is laid out recursively, and its layout initialises that of the finer graph.

    Args:
        adjacency: Symmetric weights without self-loops, connected, :math:`(|\\mathcal{V}|, |\\mathcal{V}|)`.
        generator: Source of randomness for the ranks and for separating nodes that would coincide.

    Returns:
        :math:`(|\\mathcal{V}|, 2)`, float64.

    Example:
        >>> ring = sp.csr_matrix(np.roll(np.eye(400), 1, axis=0) + np.roll(np.eye(400), -1, axis=0))
        >>> position = multilevel_layout(ring, np.random.default_rng(0))
        >>> between = np.linalg.norm(position - np.roll(position, 1, axis=0), axis=1)
        >>> bool(between.max() < 0.1 * np.ptp(position))
        True
    """
    levels = [(adjacency.astype(np.float32), np.asarray(adjacency.sum(axis=1), np.float32).ravel() / adjacency.sum())]
    groups: list[np.ndarray] = []
    while levels[-1][0].shape[0] > _COARSEST:
        fine, weight = levels[-1]
        group = _groups(fine, generator)
        if group.max() == 0:  # all nodes would be merged into one, as in a complete graph
            break
        groups.append(group)
        levels.append((_merge(fine, group), np.bincount(group, weight).astype(np.float32)))
    position = _start(levels[-1][0], generator)
    for depth in range(len(levels) - 1, -1, -1):
        position = _relax(*levels[depth], position)
        # nodes of the same group, and leaves of the same node, coincide
        position = _jitter(position[groups[depth - 1]] if depth else position, generator)
    return position.astype(np.float64)


def _groups(adjacency: sp.csr_matrix, generator: np.random.Generator) -> np.ndarray:
    """Group of each node: the highest rank among its neighbours and itself, relabelled from 0, (V,)."""
    rank = generator.permutation(adjacency.shape[0])
    highest = np.maximum(np.maximum.reduceat(rank[adjacency.indices], adjacency.indptr[:-1]), rank)
    return np.unique(highest, return_inverse=True)[1]


def _merge(adjacency: sp.csr_matrix, group: np.ndarray) -> sp.csr_matrix:
    """Graph of the groups; the weight of an edge is the total weight between two groups."""
    member = sp.csr_matrix((np.ones(len(group), np.float32), group, np.arange(len(group) + 1)))  # (V, groups)
    merged = (member.T @ adjacency @ member).tocsr()
    merged.setdiag(0)
    merged.eliminate_zeros()
    return merged


def _start(adjacency: sp.csr_matrix, generator: np.random.Generator) -> np.ndarray:
    """Initial positions from graph distances (Kamada-Kawai); random if the graph is still large."""
    igraph = require("igraph", extra="figures")
    size = adjacency.shape[0]
    random = generator.standard_normal((size, 2))
    if size > _COARSEST:
        return random.astype(np.float32)
    graph = igraph.Graph(n=size, edges=np.stack(sp.triu(adjacency, 1).nonzero(), axis=1).tolist())
    return np.array(graph.layout_kamada_kawai(seed=random.tolist(), maxiter=5 * size).coords, np.float32)


def _relax(adjacency: sp.csr_matrix, node_weight: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Positions after a number of iterations with decreasing step size."""
    iterations = int(np.clip(_MOVES / len(position), *_ITERATIONS))
    degree = np.asarray(adjacency.sum(axis=1), np.float32).ravel()
    weight = adjacency.data / np.repeat(degree, np.diff(adjacency.indptr))
    mean = sp.csr_matrix((weight, adjacency.indices, adjacency.indptr), shape=adjacency.shape)
    for iteration in range(iterations):
        attraction = mean @ position - position
        step = _STEP * (1 - iteration / iterations)
        position = position + step * (attraction + _field(node_weight, position))
    return position


def _field(weight: np.ndarray, position: np.ndarray) -> np.ndarray:
    """Repulsion :math:`\\sum_j w_j (x_i - x_j) / \\|x_i - x_j\\|^2` of each node, computed on a grid, (V, 2)."""
    cells = _cells(len(position))
    rows = np.ascontiguousarray(position.T)  # (2, V); NumPy reduces long rows much faster than short columns
    low, high = rows.min(axis=1), rows.max(axis=1)
    cell = (high - low).max() / (cells - 2)
    scaled = (rows - low[:, None]) / cell
    corner = scaled.astype(np.int32)
    right, up = scaled[0] - corner[0], scaled[1] - corner[1]
    fraction = np.stack([(1 - right) * (1 - up), (1 - right) * up, right * (1 - up), right * up])  # (4, V)
    first = corner[0] * cells + corner[1]
    corners = np.stack([first, first + 1, first + cells, first + cells + 1])
    density = np.bincount(corners.ravel(), (fraction * weight).ravel(), minlength=cells**2).astype(np.float32)
    double = (2 * cells, 2 * cells)  # zero padding, so that the field does not wrap around
    spectrum = scipy.fft.rfft2(density.reshape(cells, cells), s=double)
    axes = []
    for kernel in _kernels(cells):
        field = scipy.fft.irfft2(spectrum * kernel, s=double)[:cells, :cells].ravel()
        axes.append((fraction * field[corners]).sum(axis=0) / cell)
    return np.stack(axes, axis=1).astype(np.float32)


def _cells(size: int) -> int:
    """Cells along each side of the grid: a power of two, about one cell per node of a small graph."""
    fewest, most = _CELLS
    return int(np.clip(2 ** np.ceil(np.log2(size) / 2), fewest, most))


@cache
def _kernels(cells: int) -> tuple[np.ndarray, np.ndarray]:
    """Fourier transforms of :math:`x / \\|x\\|^2` on a grid, along each axis."""
    step = np.fft.fftfreq(2 * cells, 1 / (2 * cells)).astype(np.float32)
    x, y = np.meshgrid(step, step, indexing="ij")
    square = np.maximum(x**2 + y**2, 1)  # the origin itself exerts no force
    return scipy.fft.rfft2(x / square), scipy.fft.rfft2(y / square)


def _jitter(position: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Move each node to a random position within a cell of the finest grid around it."""
    return position + (generator.random(position.shape, np.float32) - 0.5) * (_side(position) / _CELLS[1])


def _side(position: np.ndarray) -> np.float32:
    return np.ptp(position, axis=0).max()
