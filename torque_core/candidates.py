"""Candidate links: pairs that are no edges yet, near each other in representation or in the graph."""

import torch
from torch import Tensor

from torque_core.graph import pair_keys, pairs_to_edge_index, undirected_pairs

__all__ = ["candidate_pairs"]

_SEARCH_WIDTH = 64
_BLOCK = 512
_WIDEST_MIDDLE = 32


def candidate_pairs(
    representation: Tensor, pairs: Tensor, *, neighbours: int = 8, most: int | None = None, seed: int = 0
) -> Tensor:
    """For each node its nearest nodes, and the nearest of the nodes two hops away, where no edge is yet.

    Near means cosine similarity of ``representation``. Candidates are only proposed here; their torque decides. So
    more than 64 columns are first projected on 64 random directions (Johnson and Lindenstrauss), which keeps
    near nodes near. Two-hop pairs are sought through middle nodes of at most 32 neighbours: through a hub, nearly
    every pair would be one.

    Args:
        representation: :math:`(|\\mathcal{V}|, F)`.
        pairs: The graph's edges, :math:`(2, |\\mathcal{E}|)`.
        neighbours: How many of each kind a node proposes.
        most: At most so many pairs in all, the nearest; None for no limit.
        seed: Seed of the projection.

    Returns:
        Candidates with :math:`i < j`, neither edges nor self-loops, sorted, :math:`(2, P)`. Memory is
        :math:`O(|\\mathcal{V}|)` a block of 512 nodes.

    Example:
        >>> candidate_pairs(torch.tensor([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0]]), torch.tensor([[0], [2]]), neighbours=1)
        tensor([[0, 1],
                [1, 2]])
    """
    num_nodes, width = representation.shape
    near = torch.nn.functional.normalize(representation, dim=1)
    if width > _SEARCH_WIDTH:
        generator = torch.Generator().manual_seed(seed)
        directions = torch.randn(width, _SEARCH_WIDTH, generator=generator).to(near)
        near = torch.nn.functional.normalize(near @ directions, dim=1)
    found = [_nearest(near, pairs, neighbours), _nearest_two_hops(near, pairs, neighbours)]
    proposed = undirected_pairs(torch.cat(found, dim=1), num_nodes)
    if most is None or proposed.size(1) <= most:
        return proposed
    return proposed[:, _similarity(near, *proposed).topk(most).indices.sort().values]


def _similarity(near: Tensor, first: Tensor, second: Tensor) -> Tensor:
    """Cosine of the rows of pairs, in blocks, (P,)."""
    similarity = torch.empty(len(first), dtype=near.dtype, device=near.device)
    for start in range(0, len(first), _BLOCK):
        block = slice(start, start + _BLOCK)
        ends = near.index_select(0, first[block]), near.index_select(0, second[block])
        torch.linalg.vecdot(*ends, out=similarity[block])
    return similarity


def _nearest(near: Tensor, pairs: Tensor, neighbours: int) -> Tensor:
    """Each node with its most similar nodes that it has no edge with, (2, <= N k)."""
    num_nodes = len(near)
    count = min(neighbours, num_nodes - 1)
    source, target = pairs_to_edge_index(pairs)
    source, order = source.sort()
    target = target[order]
    found = []
    for start in range(0, num_nodes, _BLOCK):
        rows = torch.arange(start, min(start + _BLOCK, num_nodes), device=near.device)
        similarity = near[rows] @ near.T  # (B, N)
        similarity[torch.arange(len(rows), device=near.device), rows] = -torch.inf  # not itself
        first, last = torch.searchsorted(source, torch.stack([rows[0], rows[-1] + 1])).tolist()
        similarity[source[first:last] - start, target[first:last]] = -torch.inf  # nor its neighbours
        best = similarity.topk(count, dim=1)
        eligible = best.values > -torch.inf
        found.append(torch.stack([rows[:, None].expand_as(eligible)[eligible], best.indices[eligible]]))
    return torch.cat(found, dim=1)


def _nearest_two_hops(near: Tensor, pairs: Tensor, neighbours: int) -> Tensor:
    """Each node with its most similar nodes among those two hops away and no nearer, (2, <= N k)."""
    num_nodes = len(near)
    source, target = pairs_to_edge_index(pairs)
    degree = torch.bincount(source, minlength=num_nodes)
    narrow = degree[target] <= _WIDEST_MIDDLE
    neighbour = target[torch.argsort(source, stable=True)]  # neighbours of node 0, of node 1, ...
    first = degree.cumsum(0) - degree
    source, middle = source[narrow], target[narrow]  # steps source -> middle
    fan = degree[middle]  # each step goes on to all neighbours of its middle
    begin = source.repeat_interleave(fan)
    offset = torch.arange(len(begin), device=near.device) - (fan.cumsum(0) - fan).repeat_interleave(fan)
    end = neighbour[first[middle].repeat_interleave(fan) + offset]
    keys = torch.unique((begin * num_nodes + end)[begin < end])  # each way back is there, too
    keys = keys[~torch.isin(keys, pair_keys(pairs, num_nodes))]
    low, high = keys // num_nodes, keys % num_nodes
    similarity = _similarity(near, low, high).repeat(2)
    begin, end = torch.cat([low, high]), torch.cat([high, low])
    order = torch.argsort(similarity, descending=True, stable=True)
    order = order[torch.argsort(begin[order], stable=True)]  # by node, its most similar first
    count = torch.bincount(begin, minlength=num_nodes)
    rank = torch.arange(len(order), device=near.device) - (count.cumsum(0) - count)[begin[order]]
    best = order[rank < neighbours]
    return torch.stack([begin[best], end[best]])
