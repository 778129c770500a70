"""Structural features for nodes without features of their own."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from torque_core.utils.optional import require

__all__ = ["STRUCTURAL_FEATURES", "structural_features", "triangles"]

_BLOCK_PRODUCTS = 5_000_000
STRUCTURAL_FEATURES = ("log degree", "clustering", "core number", "log PageRank", "log mean degree of the neighbours")
"""The features that :func:`structural_features` computes."""


def structural_features(pairs: Tensor, num_nodes: int, *, checkpoint: Callable[[], object] = lambda: None) -> Tensor:
    """Compute the five :data:`STRUCTURAL_FEATURES` of each node, standardised; a constant feature becomes 0.

    Clustering is the local clustering coefficient, 0 for fewer than two neighbours; the core number is that of Seidman
    (1983); PageRank has damping 0.85. Logarithms are :math:`\\log(1 + d)` of degrees, and
    :math:`\\log(1 + |\\mathcal{V}| \\pi)` of PageRank.

    Args:
        pairs: Undirected edges, :math:`(2, |\\mathcal{E}|)`.
        num_nodes: :math:`|\\mathcal{V}|`.
        checkpoint: Called repeatedly; it may raise an exception to abort the computation.

    Returns:
        Features with mean 0 and standard deviation 1, float32, :math:`(|\\mathcal{V}|, 5)`.

    Raises:
        MissingDependency: If igraph is not installed.

    Example:
        >>> star = structural_features(torch.tensor([[0, 0, 0], [1, 2, 3]]), 4)
        >>> star[:, 0]
        tensor([ 1.7321, -0.5774, -0.5774, -0.5774])
    """
    igraph = require("igraph", extra="app")
    graph = igraph.Graph(num_nodes, pairs.T.numpy())
    degree = np.array(graph.degree(), dtype=np.float64)
    neighbour_pairs = degree * (degree - 1) / 2
    total_degree = np.bincount(pairs.flatten().numpy(), degree[pairs.flip(0).flatten().numpy()], num_nodes)
    columns = np.column_stack(
        [
            np.log1p(degree),
            triangles(pairs.numpy(), degree, checkpoint=checkpoint) / neighbour_pairs.clip(1),
            graph.coreness(),
            np.log1p(num_nodes * np.array(graph.pagerank())),
            np.log1p(total_degree / degree.clip(1)),
        ]
    )
    deviation = columns.std(axis=0)
    standardised = (columns - columns.mean(axis=0)) / np.where(deviation > 1e-9, deviation, np.inf)
    return torch.from_numpy(standardised.astype(np.float32))


def triangles(pairs: np.ndarray, degree: np.ndarray, *, checkpoint: Callable[[], object] = lambda: None) -> np.ndarray:
    """Count the triangles at each node.

    Each edge is directed to its end of higher degree, so that at most :math:`\\sqrt{2 |\\mathcal{E}|}` edges leave a
    node (Chiba and Nishizeki, 1985). SciPy multiplies the matrices block by block, so that other threads can run in
    between; igraph would block them for seconds on a dense graph.

    Args:
        pairs: Undirected edges, :math:`(2, |\\mathcal{E}|)`.
        degree: Degree of each node, :math:`(|\\mathcal{V}|,)`.
        checkpoint: Called before each block; it may raise an exception to abort the computation.

    Returns:
        Number of triangles, :math:`(|\\mathcal{V}|,)`.
    """
    from scipy.sparse import csr_array

    rank = np.argsort(np.argsort(degree, kind="stable"))
    tail, head = np.where(rank[pairs[0]] < rank[pairs[1]], pairs, pairs[::-1])
    up = csr_array((np.ones(len(tail), dtype=np.int32), (tail, head)), shape=(len(degree), len(degree)))
    count = np.zeros(len(degree))
    for left in (up, up.T.tocsr()):  # a triangle is found at its lowest node, then at its middle one
        block = np.cumsum(left @ np.diff(up.indptr).astype(np.int64)) // _BLOCK_PRODUCTS
        bounds = [0, *(np.flatnonzero(np.diff(block)) + 1).tolist(), len(degree)]
        for start, stop in pairwise(bounds):
            checkpoint()
            closed = (left[start:stop] @ up).multiply(up[start:stop])
            count[start:stop] += closed.sum(axis=1)
            if left is up:
                count += closed.sum(axis=0)  # and at its highest node
    return count
