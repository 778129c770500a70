"""Features of nodes that have none: what their place in the graph says."""

from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from torque_core.utils.optional import require

__all__ = ["STRUCTURE", "structure_features"]

_AT_ONCE = 5_000_000  # products of a block of rows
STRUCTURE = ("log degree", "clustering", "core number", "log PageRank", "log mean degree of the neighbours")
"""What the columns are, before each is brought to mean 0 and standard deviation 1."""


def structure_features(pairs: Tensor, num_nodes: int) -> Tensor:
    """Five numbers for each node, see :data:`STRUCTURE`, standardised; a column without spread is 0.

    Clustering is the share of the pairs of a node's neighbours that are linked, 0 for fewer than two; the core number
    is that of Seidman (1983); PageRank has damping 0.85; logarithms are :math:`\\log(1 + d)`, of PageRank times
    :math:`|\\mathcal{V}|`.

    Args:
        pairs: Undirected edges, :math:`(2, |\\mathcal{E}|)`.
        num_nodes: :math:`|\\mathcal{V}|`.

    Returns:
        :math:`(|\\mathcal{V}|, 5)` float32.

    Example:
        >>> star = structure_features(torch.tensor([[0, 0, 0], [1, 2, 3]]), 4)
        >>> star[:, 0]
        tensor([ 1.7321, -0.5774, -0.5774, -0.5774])
    """
    igraph = require("igraph", extra="app")
    graph = igraph.Graph(num_nodes, pairs.T.numpy())
    degree = np.array(graph.degree(), dtype=np.float64)
    chances = degree * (degree - 1) / 2
    near = np.bincount(pairs.flatten().numpy(), degree[pairs.flip(0).flatten().numpy()], num_nodes)
    columns = np.column_stack(
        [
            np.log1p(degree),
            triangles(pairs.numpy(), degree) / chances.clip(1),
            graph.coreness(),
            np.log1p(num_nodes * np.array(graph.pagerank())),
            np.log1p(near / degree.clip(1)),
        ]
    )
    spread = columns.std(axis=0)
    standard = (columns - columns.mean(axis=0)) / np.where(spread > 1e-9, spread, np.inf)
    return torch.from_numpy(standard.astype(np.float32))


def triangles(pairs: np.ndarray, degree: np.ndarray) -> np.ndarray:
    """In how many triangles each node is.

    Edges point to the end of higher degree, and from each node there are few, at most :math:`\\sqrt{2 |\\mathcal{E}|}`
    (Chiba and Nishizeki, 1985). The products are SciPy's, block by block: meanwhile other threads run, which igraph
    would hold up, for seconds if a graph is dense.
    """
    from scipy.sparse import csr_array

    rank = np.argsort(np.argsort(degree, kind="stable"))
    tail, head = np.where(rank[pairs[0]] < rank[pairs[1]], pairs, pairs[::-1])
    up = csr_array((np.ones(len(tail), dtype=np.int32), (tail, head)), shape=(len(degree), len(degree)))
    count = np.zeros(len(degree))
    for left in (up, up.T.tocsr()):  # each triangle is found at its lowest node, then at the one in the middle
        work = np.cumsum(left @ np.diff(up.indptr).astype(np.int64)) // _AT_ONCE
        edges = [0, *(np.flatnonzero(np.diff(work)) + 1).tolist(), len(degree)]
        for start, stop in pairwise(edges):
            found = (left[start:stop] @ up).multiply(up[start:stop])
            count[start:stop] += found.sum(axis=1)
            if left is up:
                count += found.sum(axis=0)  # and at its highest
    return count
