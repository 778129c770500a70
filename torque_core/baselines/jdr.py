"""JDR: rewire the graph and denoise the features by aligning their leading spectral spaces."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch_geometric.data import Data

from torque_core.baselines.peer import PEERS, Peer, RewiredGraph
from torque_core.errors import BadConfig
from torque_core.graph.pairs import pairs_to_edge_index
from torque_core.graph.scipy_graph import adjacency
from torque_core.utils.validation import check_choices, check_ranges

if TYPE_CHECKING:
    from scipy.sparse import csr_array

__all__ = ["JDR"]

Matrix = NDArray[np.float64]

_DENSE_UP_TO = 256  # rows or columns for which a full decomposition is fast
_BLOCK_ELEMENTS = 1 << 24
_MOST_ELEMENTS = 1 << 28  # numbers in the vectors of all iterations: 2 GB
_TOLERANCE = 1e-6  # relative to the largest entry; below are rounding errors


@PEERS.register("jdr")
class JDR(Peer):
    """JDR (Linkerhägner, Shi and Dokmanić, ICLR 2025): joint denoising and rewiring by spectral resonance.

    With the decompositions :math:`A = V \\Lambda V^\\top` and :math:`X = U \\Sigma W^\\top` of the adjacency matrix and
    the features, each of the :math:`K` iterations turns each of the :math:`L` leading vectors towards the most similar
    one of the other matrix,

    .. math::
        \\tilde{v}_i = (1 - \\eta_A) v_i + \\eta_A \\, \\mathrm{sign}(v_i^\\top u_j) \\, u_j , \\quad
        j = \\arg\\max_{j \\leq L} |v_i^\\top u_j| ,

    and likewise :math:`\\tilde{u}_i` with :math:`\\eta_X`, and synthesises :math:`A = \\tilde{V} \\Lambda
    \\tilde{V}^\\top` and :math:`X = \\tilde{U} \\Sigma W^\\top`, which are decomposed again. Of the last :math:`A`, the
    ``k`` largest positive entries of each column are kept as weighted edges, self-loops among them; the features
    become :math:`(1 - \\mu) X + \\mu X^{(K)}`.

    Only the leading vectors are computed, and the change of :math:`A` is stored as a product of matrices with
    :math:`2 L K` columns, so that no array of :math:`|\\mathcal{V}|^2` entries is needed; the result is that of full
    decompositions. The method is deterministic. A graph without edges or with features of 0 is returned unchanged.

    Differences from the authors' code: one :math:`L` for graph and features, which the paper tunes separately, and the
    convex combination with :math:`\\mu` for binary features, too, of which the paper can flip single entries instead.
    The paper tunes all options for each data set; the defaults here are not from it.

    Args:
        iterations: :math:`K`.
        components: :math:`L`, at most the number of nodes and of features.
        rate_edges: :math:`\\eta_A`.
        rate_features: :math:`\\eta_X`.
        mixing: :math:`\\mu`.
        k: Number of entries to keep per column.
        order: Which eigenvalues lead: the largest by ``value`` (homophilous graphs) or by ``magnitude``.

    Raises:
        BadConfig: If an option is out of range, or the vectors would not fit into 2 GB.

    Example:
        >>> from torque_core import load
        >>> karate = load("karate").data
        >>> denoised = JDR(k=4)(karate)
        >>> denoised.num_edges, torch.equal(denoised.x, karate.x)
        (136, False)
    """

    weighted = True
    changes_features = True

    def __init__(
        self,
        *,
        iterations: int = 5,
        components: int = 64,
        rate_edges: float = 0.3,
        rate_features: float = 0.2,
        mixing: float = 0.3,
        k: int = 64,
        order: str = "magnitude",
    ) -> None:
        self.iterations = iterations
        self.components = components
        self.rate_edges = rate_edges
        self.rate_features = rate_features
        self.mixing = mixing
        self.k = k
        self.order = order
        whole = ("iterations", "components", "k")
        rates = dict.fromkeys(("rate_edges", "rate_features", "mixing"), (0, 1))
        check_ranges(self, {"iterations": (0, 1000), "components": (1, 4096), "k": (1, 65_536), **rates}, whole=whole)
        check_choices(self, {"order": ("magnitude", "value")})

    def rewire(self, pairs: Tensor, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the new edges and weights, see :meth:`Peer.rewire`."""
        denoised = self.denoise(pairs, x)
        return denoised.edge_index, denoised.weight

    def rewire_graph(self, pairs: Tensor, x: Tensor, data: Data) -> RewiredGraph:
        """Return the new edges, weights and features."""
        return self.denoise(pairs, x)

    def denoise(self, pairs: Tensor, x: Tensor) -> RewiredGraph:
        """Return the new edges, weights and features; see :meth:`Peer.rewire` for the arguments."""
        if not pairs.size(1) or not bool(x.any()):
            edge_index = pairs_to_edge_index(pairs)
            return RewiredGraph(edge_index, torch.ones(edge_index.size(1)), x)
        components = min(self.components, *x.shape)
        if len(x) * 4 * components * self.iterations > _MOST_ELEMENTS:
            raise BadConfig(
                f"JDR would keep 4 x {components} vectors of {len(x):,} nodes from each of {self.iterations} "
                f"iterations, more than 2 GB; choose fewer components or iterations"
            )
        matrix = _Synthesised(adjacency(pairs, len(x)), np.empty((len(x), 0)), np.empty((len(x), 0)))
        features = x.double().numpy()
        for _ in range(self.iterations):
            values, v = matrix.leading(components, self.order)
            u, sigma, w = _leading_singular(features, components)
            overlap = v.T @ u  # (L, L)
            turned_v = _turned(v, u, overlap, self.rate_edges)
            turned_u = _turned(u, v, overlap.T, self.rate_features)
            matrix = matrix.changed(turned_v, v, values)
            features = features + (turned_u - u) * sigma @ w
        edge_index, weight = matrix.largest(self.k)
        mixed = (1 - self.mixing) * x.double() + self.mixing * torch.from_numpy(features)
        return RewiredGraph(edge_index, weight, mixed.float())


def _turned(vectors: Matrix, others: Matrix, overlap: Matrix, rate: float) -> Matrix:
    """Interpolate each vector with the most similar other one; ``overlap`` has a row per vector."""
    nearest = np.abs(overlap).argmax(axis=1)
    sign = np.sign(overlap[np.arange(len(nearest)), nearest])
    return (1 - rate) * vectors + rate * sign * others[:, nearest]


def _leading_singular(features: Matrix, count: int) -> tuple[Matrix, Matrix, Matrix]:
    """The leading left singular vectors (N, L), values (L,) and right vectors (L, F)."""
    from scipy.sparse.linalg import svds

    if min(features.shape) <= max(_DENSE_UP_TO, 2 * count):
        u, sigma, w = np.linalg.svd(features, full_matrices=False)
        return u[:, :count], sigma[:count], w[:count]
    u, sigma, w = svds(features, k=count, v0=_start(min(features.shape)))
    leading = np.argsort(-sigma, kind="stable")
    return u[:, leading], sigma[leading], w[leading]


def _start(size: int) -> Matrix:
    """Start vector of the eigensolver, whose own is random."""
    return np.random.default_rng(0).standard_normal(size)


@dataclass(frozen=True)
class _Synthesised:
    """A symmetric matrix: a sparse one plus a product of low rank.

    Attributes:
        sparse: The sparse matrix, ``csr_array``, (N, N).
        left: Left factor, (N, R); of no columns at first.
        right: Right factor, (N, R).
    """

    sparse: csr_array
    left: Matrix
    right: Matrix

    def leading(self, count: int, order: str) -> tuple[Matrix, Matrix]:
        """The leading eigenvalues (L,) and eigenvectors (N, L)."""
        from scipy.sparse.linalg import LinearOperator, eigsh

        size = self.sparse.shape[0]
        if size <= max(_DENSE_UP_TO, 2 * count):
            values, vectors = np.linalg.eigh(self.columns(slice(None)))
        else:
            operator = LinearOperator((size, size), matvec=self._times, dtype=np.float64)  # type: ignore[call-arg, misc]
            which = "LM" if order == "magnitude" else "LA"
            values, vectors = eigsh(operator, k=count, which=which, v0=_start(size))
        key = np.abs(values) if order == "magnitude" else values
        leading = np.argsort(-key, kind="stable")[:count]
        return values[leading], vectors[:, leading]

    def changed(self, new: Matrix, old: Matrix, values: Matrix) -> _Synthesised:
        """Replace eigenvectors: add the difference of the two syntheses."""
        left, right = np.hstack([new * values, -old * values]), np.hstack([new, old])
        return _Synthesised(self.sparse, np.hstack([self.left, left]), np.hstack([self.right, right]))

    def columns(self, which: slice) -> Matrix:
        """Some columns of the matrix, (N, B)."""
        return self.sparse[:, which].toarray() + self.left @ self.right[which].T

    def largest(self, k: int) -> tuple[Tensor, Tensor]:
        """Edges and weights of the k largest positive entries of each column; edges go from rows to columns."""
        size = self.sparse.shape[0]
        width, count = max(1, _BLOCK_ELEMENTS // size), min(k, size)
        edges, weights = [], []
        for start in range(0, size, width):
            block = torch.from_numpy(self.columns(slice(start, start + width)))  # (N, B)
            weight, row = block.topk(count, dim=0)
            column = torch.arange(start, start + block.size(1)).expand_as(row)
            kept = weight > _TOLERANCE * float(block.abs().max())
            edges.append(torch.stack([row[kept], column[kept]]))
            weights.append(weight[kept])
        return torch.cat(edges, dim=1), torch.cat(weights).float()

    def _times(self, vector: Matrix) -> Matrix:
        return self.sparse @ vector + self.left @ (self.right.T @ vector)
