"""The graph in scipy's terms, for what torch has no solver for.

scipy is imported where it is called, here and in what builds on this: the package is imported much more often.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from torque_core.graph.pairs import pairs_to_edge_index

if TYPE_CHECKING:
    from scipy.sparse import csr_array
    from scipy.sparse.linalg import SuperLU

__all__ = ["adjacency", "component_of", "factorise"]


def adjacency(pairs: Tensor, num_nodes: int) -> csr_array:
    """The symmetric adjacency matrix of undirected edges, float64, :math:`(|\\mathcal{V}|, |\\mathcal{V}|)`."""
    from scipy.sparse import coo_array

    row, col = pairs_to_edge_index(pairs.cpu()).numpy()
    return coo_array((np.ones(len(row)), (row, col)), shape=(num_nodes, num_nodes)).tocsr()


def component_of(graph: csr_array) -> NDArray[np.int32]:
    """The number of each node's connected component, in the order of their first nodes, :math:`(|\\mathcal{V}|,)`."""
    from scipy.sparse.csgraph import connected_components

    return connected_components(graph, directed=False)[1]


def factorise(positive_definite: csr_array) -> SuperLU:
    """Triangular factors of a symmetric matrix, by SuperLU's symmetric mode: without pivots, least degree first.

    On graphs like paths, trees and grids they are hardly larger than the matrix, on expanders nearly dense.
    """
    from scipy.sparse.linalg import splu

    options = {"SymmetricMode": True}
    return splu(positive_definite.tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options=options)
