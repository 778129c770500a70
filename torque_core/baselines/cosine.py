"""Rewiring by the similarity of the features alone: what torque must beat on equal footing."""

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
    """Similarity rewiring: prune the edges of the lowest cosine similarity, link each node to its most similar ones.

    The features are taken as they are. A link that is pruned is not added again. Up to 8,192 nodes the most similar are
    found exactly, beyond approximately, see
    :class:`~torque_core.utils.nearest.NearestRows`.

    Args:
        fraction: Share of the edges to prune, in [0, 1]; ``round(fraction * E)`` of them go, ties by edge id.
        neighbours: To how many nodes each is linked that it has no edge with.

    Raises:
        BadConfig: An option is out of range.

    Example:
        >>> from torch_geometric.data import Data
        >>> x = torch.tensor([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.2, 1.0]])
        >>> path = Data(x=x, edge_index=torch.tensor([[0, 1, 2], [2, 2, 3]]))
        >>> CosineRewire(fraction=1 / 3, neighbours=0)(path).edge_index[:, :2]
        tensor([[1, 2],
                [2, 3]])
        >>> CosineRewire(fraction=1, neighbours=1)(path).edge_index[:, :3]  # 2 has an edge to all
        tensor([[0, 1, 1],
                [1, 3, 0]])
    """

    def __init__(self, *, fraction: float = 0.1, neighbours: int = 1) -> None:
        self.fraction = fraction
        self.neighbours = neighbours
        check_ranges(self, {"fraction": (0, 1), "neighbours": (0, 1024)}, whole=("neighbours",))

    def rewire(self, pairs: Tensor, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """See :meth:`Peer.rewire <torque_core.baselines.Peer.rewire>`."""
        unit = normalize(x, dim=1)
        similarity = pair_products(unit, unit, pair_pattern(pairs, unit))
        kept = similarity.argsort(stable=True)[round(self.fraction * pairs.size(1)) :]
        return pairs_to_edge_index(
            undirected_pairs(torch.cat([pairs[:, kept], _most_similar(unit, pairs, self.neighbours)], dim=1), len(x))
        ), None


def _most_similar(unit: Tensor, pairs: Tensor, neighbours: int) -> Tensor:
    """Each node with its most similar ones that it has no edge with, (2, L)."""
    num_nodes = len(unit)
    index = NearestRows(unit)
    degree = torch.bincount(pairs_to_edge_index(pairs)[0], minlength=num_nodes)
    found = [pairs[:, :0]]
    # neighbours take places in the ranking: nodes of many are asked for more, in few rounds of like sizes
    size = (degree + neighbours + 1).double().log2().ceil().exp2().long().clamp(max=num_nodes)
    for count in size.unique().tolist() if neighbours else []:
        asking = (size == count).nonzero().flatten()
        target = index.search(unit[asking], count)
        source = asking[:, None].expand_as(target)
        drawn = torch.stack([torch.minimum(source, target), torch.maximum(source, target)])
        fit = (target >= 0) & (target != source)  # a cell may hold fewer
        fit &= ~is_among(drawn.flatten(1), pairs, num_nodes).view_as(fit)
        fit &= fit.cumsum(dim=1) <= neighbours
        found.append(drawn[:, fit])
    return torch.cat(found, dim=1)
