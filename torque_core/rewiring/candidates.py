"""Candidate edges: pairs that are not edges yet, with similar representations or close to each other in the graph."""

import torch
from torch import Tensor

from torque_core.graph.pairs import ascending, is_among, pairs_to_edge_index, undirected_pairs
from torque_core.utils.nearest import NearestRows
from torque_core.utils.sparse import pair_pattern, pair_products

__all__ = ["candidate_pairs"]

_SEARCH_WIDTH = 64
_WALKS_PER_NODE = 8
_FEWEST_WALKS = 1 << 18


def candidate_pairs(
    representation: Tensor, pairs: Tensor, *, neighbours: int = 8, hops: int = 2, most: int | None = None, seed: int = 0
) -> Tensor:
    """Candidate edges: pairs of similar nodes, and pairs of nodes 2 to ``hops`` steps apart, that are not edges yet.

    Similarity is the cosine similarity of ``representation``. Candidates are only proposed here; the addition rule
    selects among them by their torque. So more than 64 columns are first projected on 64 random directions (Johnson and
    Lindenstrauss, 1984), which preserves distances approximately. The most similar nodes are found by
    :class:`~torque_core.utils.nearest.NearestRows`, exactly up to 8,192 nodes. All walks of 2 to ``hops`` steps are
    followed if there are at most 262,144, or 8 per node if that is more; otherwise that many are sampled.

    Args:
        representation: :math:`(|\\mathcal{V}|, F)`.
        pairs: Edges of the graph, sorted, :math:`(2, |\\mathcal{E}|)`.
        neighbours: Number of most similar nodes that each node proposes; those adjacent to it are dropped.
        hops: Largest number of steps between proposed nodes, at least 2.
        most: Largest number of candidates, the most similar ones; None for no limit.
        seed: Seed of the projection and of the sampled walks.

    Returns:
        Candidates with :math:`i < j`, neither edges nor self-loops, sorted, :math:`(2, P)`.

    Example:
        >>> candidate_pairs(torch.tensor([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0]]), torch.tensor([[0], [2]]), neighbours=1)
        tensor([[0, 1],
                [1, 2]])
    """
    num_nodes, width = representation.shape
    generator = torch.Generator().manual_seed(seed)
    near = representation.float()
    if width > _SEARCH_WIDTH:
        near = near @ torch.randn(width, _SEARCH_WIDTH, generator=generator).to(near)
    near = torch.nn.functional.normalize(near, dim=1)
    proposals = torch.cat([_nearest(near, neighbours), _walks(pairs, num_nodes, hops, generator)], dim=1)
    proposed = undirected_pairs(proposals, num_nodes)
    proposed = proposed[:, ~is_among(proposed, pairs, num_nodes)]
    if most is None or proposed.size(1) <= most:
        return proposed
    similarity = pair_products(near, near, pair_pattern(proposed, near))
    return proposed[:, similarity.topk(most).indices.sort().values]


def _nearest(near: Tensor, neighbours: int) -> Tensor:
    """Each node with its most similar other nodes, (2, N k)."""
    num_nodes = len(near)
    count = min(neighbours + 1, num_nodes)  # the node itself is among them
    other = NearestRows(near).search(near, count)
    source = torch.arange(num_nodes).repeat_interleave(count)
    target = other.flatten()
    valid = (target >= 0) & (target != source)  # an approximate search may return fewer
    return torch.stack([source[valid], target[valid]]).to(near.device)


def _walks(pairs: Tensor, num_nodes: int, hops: int, generator: torch.Generator) -> Tensor:
    """First and last node of walks of 2 to ``hops`` steps, (2, W)."""
    source, target = pairs_to_edge_index(pairs)
    keys = source.int() if num_nodes < 1 << 31 else source  # sorted in a third of the time
    neighbour = target[torch.argsort(keys, stable=True)]  # neighbours of node 0, of node 1, ...
    degree = torch.bincount(source, minlength=num_nodes)
    first = degree.cumsum(0) - degree
    most = max(_FEWEST_WALKS, _WALKS_PER_NODE * num_nodes)
    begin, end = source, target
    walks = []
    for hop in range(2, hops + 1):
        fan = degree[end].cumsum(0)  # each walk continues to all neighbours of its end
        total = int(fan[-1]) if len(fan) else 0
        if total <= most:
            step = torch.arange(total, device=pairs.device)
        else:
            step = torch.randint(total, (most,), generator=generator).to(pairs.device)
            if hop == hops:  # nothing depends on the order of the last steps, and sorted ones are found faster
                step = ascending(step)
        walk = torch.searchsorted(fan, step, right=True)
        offset = step - (fan[walk] - degree[end[walk]])
        begin, end = begin[walk], neighbour[first[end[walk]] + offset]
        walks.append(torch.stack([begin, end]))
    return torch.cat(walks, dim=1)
