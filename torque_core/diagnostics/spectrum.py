"""Spectral gap of a graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from torque_core.graph.scipy_graph import adjacency, component_of, factorise

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["spectral_gap"]

_DENSE_NODES = 512
_KEPT_VECTORS = 40
_RESTARTS = 300  # about 6,000 products; a graph that needs more is chain-like, and quick to factorise
_SHIFT = 1e-10  # makes the Laplacian definite


def spectral_gap(pairs: Tensor, num_nodes: int) -> float | None:
    """Compute the second smallest eigenvalue of the normalised Laplacian of the **largest connected component**.

    .. math::
        \\lambda_2 \\big( I - D^{-1/2} A D^{-1/2} \\big), \\qquad
        \\tfrac{1}{2} \\lambda_2 \\le h \\le \\sqrt{2 \\lambda_2}

    The Cheeger inequality (Chung, Spectral Graph Theory, 1997) relates it to the conductance :math:`h` of the narrowest
    cut: a gap near 0 indicates a bottleneck, where messages are squashed (Topping et al., ICLR 2022). The gap of a
    disconnected graph is always 0, even if pruning has isolated only one node; hence the restriction to the largest
    component, or the first of several largest ones.

    Up to 512 nodes a dense solver is used. For larger graphs, the eigenvalue is computed to about 1e-12 by the Lanczos
    method, with the known eigenvector :math:`D^{1/2} 1` projected out. If the gap is too small for Lanczos, as in
    chain-like graphs, the matrix is factorised and inverted. The start vector is fixed, so the result is reproducible.

    Args:
        pairs: Edges, :math:`(2, |\\mathcal{E}|)`.
        num_nodes: :math:`|\\mathcal{V}|`.

    Returns:
        A number in (0, 2]; None if there is no edge.

    Example:
        The gap of the complete graph on n nodes is n / (n - 1); the isolated fourth node is ignored.

        >>> import torch
        >>> round(spectral_gap(torch.tensor([[0, 0, 1], [1, 2, 2]]), 4), 6)
        1.5
    """
    from scipy.linalg import eigvalsh
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import ArpackNoConvergence

    if not pairs.size(1):
        return None
    whole = adjacency(pairs, num_nodes)
    component = component_of(whole)
    in_largest = component == np.bincount(component).argmax()
    graph = whole[in_largest][:, in_largest]
    degree = graph.sum(axis=0)
    scale = diags_array(degree**-0.5)
    normalised = (scale @ graph @ scale).tocsr()
    if len(degree) <= _DENSE_NODES:
        return float(eigvalsh(np.eye(len(degree)) - normalised.toarray(), subset_by_index=(1, 1))[0])
    first = np.sqrt(degree / degree.sum())
    try:
        return 2 - _largest(lambda v: normalised @ v + v - 2 * (first @ v) * first, len(first))
    except ArpackNoConvergence:
        return _chain_gap(normalised, first)


def _chain_gap(normalised: csr_array, first: NDArray[np.float64]) -> float:
    """The gap from the inverse of the Laplacian, with its known eigenvector ``first`` projected out."""
    from scipy.sparse import eye_array

    solve = factorise((1 + _SHIFT) * eye_array(len(first)) - normalised).solve

    def inverse(v: NDArray[np.float64]) -> NDArray[np.float64]:
        inverted = solve(v - (first @ v) * first)
        return inverted - (first @ inverted) * first

    return 1 / _largest(inverse, len(first)) - _SHIFT


def _largest(matvec: Callable[[NDArray[np.float64]], NDArray[np.float64]], size: int) -> float:
    """Largest eigenvalue of a symmetric operator."""
    from scipy.sparse.linalg import LinearOperator, eigsh

    operator = LinearOperator((size, size), matvec=matvec, dtype=np.float64)  # type: ignore[call-arg, misc]
    # in a symmetric graph a regular start vector may be orthogonal to the eigenvector
    start = np.random.default_rng(0).standard_normal(size)
    options = {"ncv": _KEPT_VECTORS, "tol": 1e-8, "maxiter": _RESTARTS, "return_eigenvectors": False}
    return float(eigsh(operator, k=1, which="LA", v0=start, **options)[0])
