"""Rewiring by feature similarity alone."""

import torch
from torch import Tensor
from torch.nn.functional import normalize

from torque_core.baselines.peer import PEERS, Peer
from torque_core.graph.pairs import is_among, pairs_to_edge_index, undirected_pairs
from torque_core.utils.nearest import NearestRows
from torque_core.utils.sparse import pair_pattern, pair_products
from torque_core.utils.validation import check_ranges

__all__ = ["CosineRewire"]


@PEERS.register("cosine")
class CosineRewire(Peer):
    """Similarity rewiring: prune the edges of lowest cosine similarity, and connect each node to the most similar ones.

    The features are not preprocessed. A pruned edge is not added again. The search for similar nodes is exact for up to
    8,192 nodes and approximate for more, see :class:`~torque_core.utils.nearest.NearestRows`.

    Args:
        fraction: Fraction of the edges to prune, in [0, 1]; ``round(fraction * E)`` edges are pruned, ties by index.
        neighbours: Number of nodes that each node is connected to, among those without an edge to it.

    Raises:
        BadConfig: If an option is out of range.

    Example:
        >>> from torch_geometric.data import Data
        >>> x = torch.tensor([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.2, 1.0]])
        >>> path = Data(x=x, edge_index=torch.tensor([[0, 1, 2], [2, 2, 3]]))
        >>> CosineRewire(fraction=1 / 3, neighbours=0)(path).edge_index[:, :2]
        tensor([[1, 2],
                [2, 3]])
        >>> CosineRewire(fraction=1, neighbours=1)(path).edge_index[:, :3]  # node 2 is adjacent to all
        tensor([[0, 1, 1],
                [1, 3, 0]])
    """

    def __init__(self, *, fraction: float = 0.1, neighbours: int = 1) -> None:
        self.fraction = fraction
        self.neighbours = neighbours
        check_ranges(self, {"fraction": (0, 1), "neighbours": (0, 1024)}, whole=("neighbours",))

    def rewire(self, pairs: Tensor, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the new edges, see :meth:`Peer.rewire <torque_core.baselines.Peer.rewire>`."""
        unit = normalize(x, dim=1)
        similarity = pair_products(unit, unit, pair_pattern(pairs, unit))
        kept = similarity.argsort(stable=True)[round(self.fraction * pairs.size(1)) :]
        return pairs_to_edge_index(
            undirected_pairs(torch.cat([pairs[:, kept], _most_similar(unit, pairs, self.neighbours)], dim=1), len(x))
        ), None


def _most_similar(unit: Tensor, pairs: Tensor, neighbours: int) -> Tensor:
    """Pairs of each node and the most similar nodes that are not adjacent to it, (2, P)."""
    num_nodes = len(unit)
    index = NearestRows(unit)
    degree = torch.bincount(pairs_to_edge_index(pairs)[0], minlength=num_nodes)
    selected = [pairs[:, :0]]
    # adjacent nodes occupy ranks, so nodes of high degree need more results; few searches of similar sizes
    num_results = (degree + neighbours + 1).double().log2().ceil().exp2().long().clamp(max=num_nodes)
    for count in num_results.unique().tolist() if neighbours else []:
        queries = (num_results == count).nonzero().flatten()
        target = index.search(unit[queries], count)
        source = queries[:, None].expand_as(target)
        pair = torch.stack([torch.minimum(source, target), torch.maximum(source, target)])
        valid = (target >= 0) & (target != source)  # -1: the searched cells hold fewer rows
        valid &= ~is_among(pair.flatten(1), pairs, num_nodes).view_as(valid)
        valid &= valid.cumsum(dim=1) <= neighbours
        selected.append(pair[:, valid])
    return torch.cat(selected, dim=1)
