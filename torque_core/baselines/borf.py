"""BORF: add edges around those of lowest Ollivier-Ricci curvature, remove edges of highest curvature."""

import numpy as np
import torch
from torch import Tensor

from torque_core.baselines.ollivier import Transport, ollivier_ricci, transports
from torque_core.baselines.peer import PEERS, Peer
from torque_core.graph.pairs import pairs_to_edge_index, undirected_pairs
from torque_core.utils.validation import check_ranges

__all__ = ["BORF"]


@PEERS.register("borf")
class BORF(Peer):
    """BORF (Nguyen et al., ICML 2023): batch Ollivier-Ricci flow.

    Each batch computes the curvature of all edges, see :func:`~torque_core.baselines.ollivier.ollivier_ricci`. For
    each edge of lowest curvature (over-squashing) it connects the two nodes between which the optimal transport plan
    moves mass at the highest cost, mass times distance; if they are adjacent, no edge is added, as in the authors'
    code. The edges of highest curvature (over-smoothing) are removed. Ties are broken by edge index, and among several
    optimal plans the solver's is used. The method is deterministic.

    Args:
        batches: Number of batches.
        add: Number of edges per batch around which an edge is added.
        remove: Number of edges per batch that are removed.

    Raises:
        BadConfig: If an option is out of range.

    Example:
        Two squares connected by an edge; an edge between their opposite sides is added.

        >>> from torch_geometric.data import Data
        >>> from torch_geometric.utils import to_undirected
        >>> edges = torch.tensor([[0, 1, 2, 0, 3, 4, 5, 6, 4], [1, 2, 3, 3, 4, 5, 6, 7, 7]])
        >>> rewired = BORF(batches=1, add=1, remove=0)(Data(x=torch.eye(8), edge_index=to_undirected(edges)))
        >>> rewired.num_edges // 2
        10
    """

    def __init__(self, *, batches: int = 3, add: int = 20, remove: int = 10) -> None:
        self.batches = batches
        self.add = add
        self.remove = remove
        whole = ("batches", "add", "remove")
        check_ranges(self, dict.fromkeys(whole, (0, 1_000_000)), whole=whole)

    def rewire(self, pairs: Tensor, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the new edges, see :meth:`Peer.rewire <torque_core.baselines.Peer.rewire>`."""
        for _ in range(self.batches):
            pairs = self._batch(pairs, len(x))
        return pairs_to_edge_index(pairs), None

    def _batch(self, pairs: Tensor, num_nodes: int) -> Tensor:
        edges = pairs.numpy()
        curvature = ollivier_ricci(edges, num_nodes)
        lowest, highest = (np.argsort(value, kind="stable") for value in (curvature, -curvature))
        proposed = [_costliest_pair(plan) for plan in transports(edges, num_nodes, lowest[: self.add])]
        new = torch.tensor([pair for pair in proposed if pair], dtype=torch.long).view(-1, 2)
        kept = torch.from_numpy(np.delete(edges, highest[: self.remove], axis=1))
        return undirected_pairs(torch.cat([kept, new.T], dim=1), num_nodes)


def _costliest_pair(plan: Transport) -> tuple[int, int] | None:
    """The two nodes between which mass is moved at the highest cost; None if they are adjacent or identical."""
    row, column = np.unravel_index(np.argmax(plan.distances * plan.moved), plan.moved.shape)
    if plan.distances[row, column] < 2:
        return None
    return int(plan.sources[row]), int(plan.targets[column])
