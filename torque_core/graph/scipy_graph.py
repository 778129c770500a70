"""Conversion of graphs to scipy matrices, for solvers that torch does not have.

scipy is imported inside the functions that use it, here and in the callers, so that importing the package stays fast.
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
    """Build the symmetric adjacency matrix of undirected edges, float64, :math:`(|\\mathcal{V}|, |\\mathcal{V}|)`."""
    from scipy.sparse import coo_array

    row, col = pairs_to_edge_index(pairs.cpu()).numpy()
    return coo_array((np.ones(len(row)), (row, col)), shape=(num_nodes, num_nodes)).tocsr()


def component_of(graph: csr_array) -> NDArray[np.int32]:
    """Connected component of each node, numbered in the order of their first nodes, :math:`(|\\mathcal{V}|,)`."""
    from scipy.sparse.csgraph import connected_components

    return connected_components(graph, directed=False)[1]


def factorise(positive_definite: csr_array) -> SuperLU:
    """Factorise a positive definite matrix with the symmetric mode of SuperLU: minimum degree ordering, no pivoting.

    The factors are hardly larger than the matrix for paths, trees and grids, and nearly dense for expanders.
    """
    from scipy.sparse.linalg import splu

    options = {"SymmetricMode": True}
    return splu(positive_definite.tocsc(), permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options=options)
