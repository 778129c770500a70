"""BORF: batches of links around the edges of the lowest Ollivier-Ricci curvature, for edges of the highest."""

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

    In each batch the curvature of all edges is taken, see :func:`~torque_core.baselines.ollivier.ollivier_ricci`.
    Around each edge of the lowest curvature (over-squashing) the two nodes are linked between which the optimal
    transport plan moves mass at the greatest cost, mass times distance; if these are linked already, nothing is added
    there, as in the authors' code. The edges of the highest curvature (over-smoothing) go. Edges of equal curvature
    are taken in their order; of several optimal plans it is the one that the solver finds. Nothing is random.

    Args:
        batches: How many.
        add: Edges around which each batch adds a link.
        remove: Edges that each batch removes.

    Raises:
        BadConfig: An option is out of range.

    Example:
        Two squares that an edge joins: their far sides are linked over it.

        >>> from torch_geometric.data import Data
        >>> edges = torch.tensor([[0, 1, 2, 0, 3, 4, 5, 6, 4], [1, 2, 3, 3, 4, 5, 6, 7, 7]])
        >>> rewired = BORF(batches=1, add=1, remove=0)(Data(x=torch.eye(8), edge_index=edges))
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
        """See :meth:`Peer.rewire <torque_core.baselines.Peer.rewire>`."""
        for _ in range(self.batches):
            pairs = self._batch(pairs, len(x))
        return pairs_to_edge_index(pairs), None

    def _batch(self, pairs: Tensor, num_nodes: int) -> Tensor:
        edges = pairs.numpy()
        curvature = ollivier_ricci(edges, num_nodes)
        lowest, highest = (np.argsort(value, kind="stable") for value in (curvature, -curvature))
        links = [_costliest(plan) for plan in transports(edges, num_nodes, lowest[: self.add])]
        new = torch.tensor([link for link in links if link], dtype=torch.long).view(-1, 2)
        kept = torch.from_numpy(np.delete(edges, highest[: self.remove], axis=1))
        return undirected_pairs(torch.cat([kept, new.T], dim=1), num_nodes)


def _costliest(plan: Transport) -> tuple[int, int] | None:
    """The two nodes between which mass is moved at the greatest cost; None if there is an edge between them."""
    row, column = np.unravel_index(np.argmax(plan.distances * plan.moved), plan.moved.shape)
    if plan.distances[row, column] < 2:
        return None
    return int(plan.sources[row]), int(plan.targets[column])
