"""Features of nodes that have none: what their place in the graph says."""

import numpy as np
import torch
from torch import Tensor

__all__ = ["STRUCTURE", "structure_features"]

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
    import igraph  # only here: it is slow to import

    graph = igraph.Graph(num_nodes, pairs.T.numpy())
    degree = np.array(graph.degree(), dtype=np.float64)
    near = np.bincount(pairs.flatten().numpy(), degree[pairs.flip(0).flatten().numpy()], num_nodes)
    columns = np.column_stack(
        [
            np.log1p(degree),
            graph.transitivity_local_undirected(mode="zero"),
            graph.coreness(),
            np.log1p(num_nodes * np.array(graph.pagerank())),
            np.log1p(near / degree.clip(1)),
        ]
    )
    spread = columns.std(axis=0)
    standard = (columns - columns.mean(axis=0)) / np.where(spread > 1e-9, spread, np.inf)
    return torch.from_numpy(standard.astype(np.float32))
