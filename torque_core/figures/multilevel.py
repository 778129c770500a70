"""A layout for graphs of many thousands of nodes: coarsen, lay out, refine."""

from functools import cache

import numpy as np
import scipy.fft
import scipy.sparse as sp

__all__ = ["multilevel_layout"]

_COARSEST = 300  # nodes; from there on down igraph is quick and starts from nothing
_ROUNDS, _LAST_ROUNDS = 60, 40
_STEP = 0.9  # of the way to where the forces point, less each round
_CELLS = 256  # along a side of the grid


def multilevel_layout(adjacency: sp.csr_matrix, generator: np.random.Generator) -> np.ndarray:
    """Positions of the nodes of a large connected graph, in time about linear in its edges.

    With :math:`d_i` the degrees, each round moves every node along the gradient, divided by its degree, of the energy
    of Noack (Physical Review E 79:026102, 2009) whose optimum pulls the classes of a modular graph apart,

    .. math::
        U = \\frac12 \\sum_{\\{i, j\\} \\in \\mathcal{E}} w_{ij} \\|x_i - x_j\\|^2
            - \\frac{1}{\\sum_k d_k} \\sum_{\\{i, j\\}} d_i d_j \\ln \\|x_i - x_j\\| ,

    so that a node goes to the mean of its neighbours, and away from where degrees are dense. That density and its
    field are computed on a grid by a Fourier transform (Hockney and Eastwood, Computer Simulation Using Particles,
    1988). Coarse structure comes first, as in Walshaw's multilevel scheme (Journal of Graph Algorithms and
    Applications 7:253, 2003): every node joins whom it finds of the highest random rank among its neighbours and
    itself, the smaller graph is laid out by the same rule, and its nodes are taken apart again.

    Args:
        adjacency: Symmetric weights without self-loops, connected, :math:`(|\\mathcal{V}|, |\\mathcal{V}|)`.
        generator: Ranks the nodes, and strews those that would hide each other.

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
        fine, mass = levels[-1]
        group = _groups(fine, generator)
        if group.max() == 0:  # every node is a neighbour of all others: there is nothing coarse to find
            break
        groups.append(group)
        levels.append((_merged(fine, group), np.bincount(group, mass).astype(np.float32)))
    position = _start(levels[-1][0], generator)
    for depth in range(len(levels) - 1, -1, -1):
        position = _relaxed(*levels[depth], position, _ROUNDS if depth else _LAST_ROUNDS)
        # who was in one group, or hangs on one node, stands in one place
        position = _strewn(position[groups[depth - 1]] if depth else position, generator)
    return position.astype(np.float64)


def _groups(adjacency: sp.csr_matrix, generator: np.random.Generator) -> np.ndarray:
    """The group of each node: the highest rank among its neighbours and itself, renumbered from 0, (V,)."""
    rank = generator.permutation(adjacency.shape[0])
    highest = np.maximum(np.maximum.reduceat(rank[adjacency.indices], adjacency.indptr[:-1]), rank)
    return np.unique(highest, return_inverse=True)[1]


def _merged(adjacency: sp.csr_matrix, group: np.ndarray) -> sp.csr_matrix:
    """The graph of the groups; edges between two of them weigh as much as they did together."""
    member = sp.csr_matrix((np.ones(len(group), np.float32), group, np.arange(len(group) + 1)))  # (V, groups)
    merged = (member.T @ adjacency @ member).tocsr()
    merged.setdiag(0)
    merged.eliminate_zeros()
    return merged


def _start(adjacency: sp.csr_matrix, generator: np.random.Generator) -> np.ndarray:
    """By distances in the graph, which unfold it; at random if it is large still."""
    import igraph

    size = adjacency.shape[0]
    random = generator.standard_normal((size, 2))
    if size > _COARSEST:
        return random.astype(np.float32)
    graph = igraph.Graph(n=size, edges=np.stack(sp.triu(adjacency, 1).nonzero(), axis=1).tolist())
    return np.array(graph.layout_kamada_kawai(seed=random.tolist(), maxiter=5 * size).coords, np.float32)


def _relaxed(adjacency: sp.csr_matrix, mass: np.ndarray, position: np.ndarray, rounds: int) -> np.ndarray:
    """The nodes after some rounds, each of which moves them less far."""
    degree = np.asarray(adjacency.sum(axis=1), np.float32).ravel()
    weight = adjacency.data / np.repeat(degree, np.diff(adjacency.indptr))
    mean = sp.csr_matrix((weight, adjacency.indices, adjacency.indptr), shape=adjacency.shape)
    for turn in range(rounds):
        pull = mean @ position - position
        position = position + _STEP * (1 - turn / rounds) * (pull + _field(mass, position))
    return position


def _field(mass: np.ndarray, position: np.ndarray) -> np.ndarray:
    """:math:`\\sum_j m_j (x_i - x_j) / \\|x_i - x_j\\|^2` at each node, by way of a grid, (V, 2)."""
    cell = _side(position) / (_CELLS - 2)
    place = (position - position.min(axis=0)) / cell
    corner = place.astype(np.int32)
    right, up = (place - corner).T
    share = np.stack([(1 - right) * (1 - up), (1 - right) * up, right * (1 - up), right * up])  # (4, V)
    first = corner[:, 0] * _CELLS + corner[:, 1]
    at = np.stack([first, first + 1, first + _CELLS, first + _CELLS + 1])
    density = np.bincount(at.ravel(), (share * mass).ravel(), minlength=_CELLS**2).astype(np.float32)
    double = (2 * _CELLS, 2 * _CELLS)  # so that what leaves on one side does not come in on the other
    spectrum = scipy.fft.rfft2(density.reshape(_CELLS, _CELLS), s=double)
    axes = []
    for kernel in _kernels():
        field = scipy.fft.irfft2(spectrum * kernel, s=double)[:_CELLS, :_CELLS].ravel()
        axes.append((share * field[at]).sum(axis=0) / cell)
    return np.stack(axes, axis=1).astype(np.float32)


@cache
def _kernels() -> tuple[np.ndarray, np.ndarray]:
    """The transforms of :math:`x / \\|x\\|^2` on a grid, along either axis."""
    step = np.fft.fftfreq(2 * _CELLS, 1 / (2 * _CELLS)).astype(np.float32)
    x, y = np.meshgrid(step, step, indexing="ij")
    square = np.maximum(x**2 + y**2, 1)  # the origin itself exerts no force
    return scipy.fft.rfft2(x / square), scipy.fft.rfft2(y / square)


def _strewn(position: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Each node anywhere within a cell of the grid around its place."""
    return position + (generator.random(position.shape, np.float32) - 0.5) * (_side(position) / _CELLS)


def _side(position: np.ndarray) -> np.float32:
    return np.ptp(position, axis=0).max()
