"""Effective resistance between nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from torque_core.diagnostics._blocks import squared_distances
from torque_core.errors import BadConfig
from torque_core.graph.scipy_graph import adjacency, component_of, factorise
from torque_core.utils.random import check_seed

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["effective_resistance", "total_effective_resistance"]

_DENSE_NODES = 3_000
_TOLERANCE = 1e-5
_STEPS = 1_000  # a graph that needs more is chain-like, and quick to factorise


def effective_resistance(pairs: Tensor, num_nodes: int, of: Tensor, *, projections: int = 200, seed: int = 0) -> Tensor:
    """Compute the effective resistance of each node pair, with every edge a resistor of one ohm.

    .. math::
        R_{ij} = (e_i - e_j)^\\top L^+ (e_i - e_j)

    with the pseudo-inverse of :math:`L = D - A` (Klein & Randic 1993). A high resistance indicates over-squashing
    between the nodes (Black et al., ICML 2023, arXiv 2302.06835); an edge of resistance 1 is a bridge.

    Up to 3,000 nodes the pseudo-inverse is computed. For larger graphs, one linear system is solved per pair, to a
    relative error of about 1e-5, for up to ``projections`` pairs; the resistances of more pairs are estimated from
    random projections (Spielman & Srivastava, SIAM J. Comput. 2011). With the incidence matrix :math:`B` and :math:`k`
    rows of random signs :math:`Q`,

    .. math::
        R_{ij} \\approx \\lVert Z (e_i - e_j) \\rVert^2, \\qquad Z = \\tfrac{1}{\\sqrt{k}} Q B L^+,

    with a relative standard error of at most :math:`\\sqrt{2 / k}`, 10 % for 200.

    Args:
        pairs: Edges, :math:`(2, |\\mathcal{E}|)`.
        num_nodes: :math:`|\\mathcal{V}|`.
        of: Pairs of nodes, edges or not, in any order, :math:`(2, P)`.
        projections: Number of random projections :math:`k`.
        seed: Random seed for the projections.

    Returns:
        Resistances in ohm, infinite between components, float64 on the CPU, :math:`(P,)`.

    Raises:
        BadConfig: If ``projections`` or ``seed`` is out of range.

    Example:
        In a triangle the direct path is in parallel with one of twice the length: 2/3 ohm. The fourth node is isolated.

        >>> triangle = torch.tensor([[0, 0, 1], [1, 2, 2]])
        >>> effective_resistance(triangle, 4, torch.tensor([[0, 0], [1, 3]]))
        tensor([0.6667,    inf], dtype=torch.float64)
    """
    _check(projections, seed)
    i, j = of = of.cpu()
    component = _components(pairs, num_nodes)
    connected = component[i] == component[j]
    resistance = torch.full((of.size(1),), torch.inf, dtype=torch.double)
    i, j = of = of[:, connected]
    if num_nodes <= _DENSE_NODES:
        inverse = _inverse(pairs, num_nodes, component)
        resistance[connected] = inverse[i, i] + inverse[j, j] - 2 * inverse[i, j]
    elif of.size(1) <= projections:
        case = torch.arange(of.size(1))
        current = torch.zeros(of.size(1), num_nodes, dtype=torch.double)
        current[case, i] += 1
        current[case, j] -= 1
        potential = _solve(pairs, num_nodes, component, current)
        resistance[connected] = potential[case, i] - potential[case, j]
    else:
        resistance[connected] = squared_distances(_embedding(pairs, num_nodes, component, projections, seed), of)
    return resistance


def total_effective_resistance(pairs: Tensor, num_nodes: int, *, projections: int = 200, seed: int = 0) -> float:
    """Sum the effective resistances of all pairs of nodes that are connected (Black et al., ICML 2023).

    .. math::
        R_{tot} = \\sum_{i < j} R_{ij} = \\sum_c n_c \\, \\mathrm{tr}(L_c^+)
                = \\sum_c n_c \\sum_k \\frac{1}{\\lambda_k(L_c)}

    over the components :math:`c` with :math:`n_c` nodes and the eigenvalues of their Laplacians that are not 0. The
    sum is also known as Kirchhoff index. Compare it only between graphs with the same components, since splitting a
    component decreases it. It is computed as in :func:`effective_resistance`; for more than 3,000 nodes the estimate is
    far more accurate than that of one pair.

    Args:
        pairs: Edges, :math:`(2, |\\mathcal{E}|)`.
        num_nodes: :math:`|\\mathcal{V}|`.
        projections: Number of random projections for graphs of more than 3,000 nodes.
        seed: Random seed for the projections.

    Returns:
        Resistance in ohm; 0 if there is no edge.

    Raises:
        BadConfig: If ``projections`` or ``seed`` is out of range.

    Example:
        A path of three nodes has 1 ohm, 1 ohm, and 2 ohm from end to end.

        >>> round(total_effective_resistance(torch.tensor([[0, 1], [1, 2]]), 3), 6)
        4.0
    """
    _check(projections, seed)
    component = _components(pairs, num_nodes)
    size = torch.bincount(component).double()
    if num_nodes <= _DENSE_NODES:
        diagonal = _inverse(pairs, num_nodes, component).diagonal() - 1 / size[component]
    else:
        rows = _embedding(pairs, num_nodes, component, projections, seed)
        mean = torch.zeros(len(size), projections, dtype=torch.double).index_add_(0, component, rows)
        diagonal = (rows - (mean / size[:, None])[component]).square().sum(dim=1)
    return float(size[component] @ diagonal)


def _check(projections: int, seed: int) -> None:
    if projections < 1:
        raise BadConfig(f"projections must be at least 1, got {projections}")
    check_seed(seed)


def _components(pairs: Tensor, num_nodes: int) -> Tensor:
    """Connected component of each node, (N,)."""
    return torch.from_numpy(component_of(adjacency(pairs, num_nodes))).long()


def _inverse(pairs: Tensor, num_nodes: int, component: Tensor) -> Tensor:
    """Pseudo-inverse of the Laplacian, plus 1 / n_c within a component, which cancels in differences, (N, N)."""
    matrix = torch.zeros(num_nodes, num_nodes, dtype=torch.double)
    i, j = pairs.cpu()
    matrix[i, j] = matrix[j, i] = -1.0
    matrix.diagonal().copy_(-matrix.sum(dim=1))
    # the Laplacian's null space: the vectors that are constant on a component
    matrix += (component[:, None] == component) / torch.bincount(component).double()[component]
    return torch.cholesky_inverse(torch.linalg.cholesky(matrix))


def _embedding(pairs: Tensor, num_nodes: int, component: Tensor, projections: int, seed: int) -> Tensor:
    """Rows whose squared distances estimate resistances within a component, (N, k)."""
    i, j = pairs.cpu()
    generator = torch.Generator().manual_seed(seed)
    current = torch.empty(projections, num_nodes, dtype=torch.double)
    for row in current:
        sign = torch.randint(2, (len(i),), generator=generator).double() * 2 - 1
        torch.sub(torch.bincount(i, sign, num_nodes), torch.bincount(j, sign, num_nodes), out=row)
    return (_solve(pairs, num_nodes, component, current) / projections**0.5).T.contiguous()


def _solve(pairs: Tensor, num_nodes: int, component: Tensor, current: Tensor) -> Tensor:
    """Potentials for currents that sum to 0 on every component, up to a constant on each, both (k, N)."""
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import cg

    graph = adjacency(pairs, num_nodes)
    degree = graph.sum(axis=0)
    laplacian = (diags_array(degree) - graph).tocsr()
    jacobi = diags_array(1 / np.maximum(degree, 1))
    potential = np.empty(current.shape)
    for case, inflow in enumerate(current.numpy()):
        potential[case], failed = cg(laplacian, inflow, rtol=_TOLERANCE, maxiter=_STEPS, M=jacobi)
        if failed:
            return torch.from_numpy(_chain_potential(laplacian, component.numpy(), current.numpy()))
    return torch.from_numpy(potential)


def _chain_potential(
    laplacian: csr_array, component: NDArray[np.int64], current: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Potentials with the first node of every component grounded, (k, N)."""
    free = np.ones(len(component), dtype=bool)
    free[np.unique(component, return_index=True)[1]] = False
    potential = np.zeros(current.shape)
    potential[:, free] = factorise(laplacian[free][:, free]).solve(current[:, free].T).T
    return potential
