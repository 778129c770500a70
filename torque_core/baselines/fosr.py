"""FoSR: add the edges that increase the spectral gap most, to first order."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from torque_core.baselines.peer import PEERS, Peer
from torque_core.graph.pairs import pairs_to_edge_index, undirected_pairs
from torque_core.utils.random import check_seed
from torque_core.utils.validation import check_ranges

__all__ = ["FoSR"]


@PEERS.register("fosr")
class FoSR(Peer):
    """FoSR (Karhadkar, Banerjee and Montufar, ICLR 2023): first-order spectral rewiring.

    With :math:`x` the second eigenvector of the normalised adjacency matrix :math:`D^{-1/2} A D^{-1/2}`, each step adds
    the pair of non-adjacent nodes that minimises

    .. math::
        \\frac{x_i x_j}{\\sqrt{(1 + d_i)(1 + d_j)}} ,

    the joint contribution of both ends to the first-order change of the second eigenvalue. :math:`x` is computed by
    power iteration on :math:`I + D^{-1/2} A D^{-1/2}`, whose largest eigenvalues are those of
    :math:`D^{-1/2} A D^{-1/2}` in the same order; the first eigenvector, :math:`\\sqrt{d}`, is projected out in each
    step. Each added edge is followed by one more step. The shift by :math:`I` and the 50 initial steps are those of the
    authors' code. No edge is removed. The iteration stops early if all nodes are adjacent.

    The memory is :math:`O(|\\mathcal{V}| + |\\mathcal{E}|)`, and a step takes
    :math:`O(|\\mathcal{E}| + |\\mathcal{V}| \\log |\\mathcal{V}|)`: the partners of a node are tried from one end
    of the sorted entries, and only for nodes whose bound is better than the best pair so far.

    Args:
        iterations: Number of edges to add.
        power_iterations: Number of power iteration steps before the first edge is added.
        seed: Random seed for the start vector of the power iteration.

    Raises:
        BadConfig: If an option is out of range.

    Example:
        The path 0 - 1 - 2 - 3 becomes a cycle.

        >>> from torch_geometric.data import Data
        >>> path = Data(x=torch.eye(4), edge_index=torch.tensor([[0, 1, 2], [1, 2, 3]]))
        >>> FoSR(iterations=1)(path).edge_index[:, :4]
        tensor([[0, 0, 1, 2],
                [1, 3, 2, 3]])
    """

    def __init__(self, *, iterations: int = 50, power_iterations: int = 50, seed: int = 0) -> None:
        self.iterations = iterations
        self.power_iterations = power_iterations
        self.seed = seed
        check_ranges(
            self,
            {"iterations": (0, 1_000_000), "power_iterations": (0, 1_000_000)},
            whole=("iterations", "power_iterations"),
        )
        check_seed(seed)

    def rewire(self, pairs: Tensor, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the new edges, see :meth:`Peer.rewire <torque_core.baselines.Peer.rewire>`."""
        source, target = pairs_to_edge_index(pairs).numpy()
        vector = np.random.default_rng(self.seed).uniform(-1, 1, len(x))
        for _ in range(self.power_iterations):
            vector = _power_step(vector, source, target)
        for _ in range(self.iterations):
            degree = np.bincount(source, minlength=len(x))
            pair = _lowest_product(vector / np.sqrt(1 + degree), source, target)
            if pair is None:
                break
            source, target = np.append(source, pair), np.append(target, pair[::-1])
            vector = _power_step(vector, source, target)
        return pairs_to_edge_index(undirected_pairs(torch.from_numpy(np.stack([source, target])), len(x))), None


def _power_step(
    vector: NDArray[np.float64], source: NDArray[np.int64], target: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Project out the first eigenvector, multiply by the matrix and normalise."""
    root = np.sqrt(np.bincount(source, minlength=len(vector)))
    vector = vector - (vector @ root) * root / max(len(source), 1)
    inverse = np.divide(1, root, out=np.zeros_like(root), where=root > 0)
    product = vector + inverse * np.bincount(source, (vector * inverse)[target], minlength=len(vector))
    length = np.linalg.norm(product)
    # zero only if the graph is a single edge, which has no other eigenvectors than the first and one of eigenvalue -1
    return product / length if length > 0 else vector


def _lowest_product(
    y: NDArray[np.float64], source: NDArray[np.int64], target: NDArray[np.int64]
) -> tuple[int, int] | None:
    """The non-adjacent pair with the lowest :math:`y_i y_j`; None if all nodes are adjacent."""
    ascending = np.argsort(y, kind="stable")
    descending = ascending[::-1]
    bound = y * np.where(y < 0, y[descending[0]], y[ascending[0]])  # lower bound for each node
    best, pair = np.inf, None
    for node in np.argsort(bound, kind="stable"):
        if bound[node] >= best:
            break
        adjacent = np.append(target[source == node], node)
        partners = (descending if y[node] < 0 else ascending)[: len(adjacent) + 1]
        free = partners[~np.isin(partners, adjacent)]
        if len(free) and y[node] * y[free[0]] < best:
            best, pair = y[node] * y[free[0]], (int(node), int(free[0]))
    return pair
