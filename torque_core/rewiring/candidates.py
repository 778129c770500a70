"""Candidate links: pairs that are no edges yet, near each other in representation or in the graph."""

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from torque_core.graph.pairs import is_among, pairs_to_edge_index, undirected_pairs
from torque_core.utils.sparse import pair_pattern, pair_products

if TYPE_CHECKING:
    import faiss

__all__ = ["candidate_pairs"]

_SEARCH_WIDTH = 64
_EXACT_UP_TO = 8_192  # nodes
_PROBED = 8  # of the cells of an inverted file
_WALKS_PER_NODE = 8
_FEWEST_WALKS = 1 << 18


def candidate_pairs(
    representation: Tensor, pairs: Tensor, *, neighbours: int = 8, hops: int = 2, most: int | None = None, seed: int = 0
) -> Tensor:
    """Each node with its nearest nodes, and the nodes 2 to ``hops`` apart, where no edge is yet.

    Near means cosine similarity of ``representation``. Candidates are only proposed here; their torque decides. So
    more than 64 columns are first projected on 64 random directions (Johnson and Lindenstrauss), which keeps near
    nodes near. Up to 8,192 nodes the nearest are found exactly, beyond approximately: in the 8 nearest cells of an
    inverted file with :math:`\\sqrt{8 |\\mathcal{V}|}` cells (faiss). All walks of 2 to ``hops`` steps are followed
    while they are fewer than 262,144 or 8 a node, whichever is more; of more walks so many are sampled.

    Args:
        representation: :math:`(|\\mathcal{V}|, F)`.
        pairs: The graph's edges, sorted, :math:`(2, |\\mathcal{E}|)`.
        neighbours: How many nearest nodes a node proposes; those that it has an edge with are not candidates.
        hops: How far apart proposed nodes may be in the graph, at least 2.
        most: At most so many pairs in all, the nearest; None for no limit.
        seed: Seed of the projection and of the sample.

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
    found = torch.cat([_nearest(near, neighbours), _walks(pairs, num_nodes, hops, generator)], dim=1)
    proposed = undirected_pairs(found, num_nodes)
    proposed = proposed[:, ~is_among(proposed, pairs, num_nodes)]
    if most is None or proposed.size(1) <= most:
        return proposed
    similarity = pair_products(near, near, pair_pattern(proposed, near))
    return proposed[:, similarity.topk(most).indices.sort().values]


def _nearest(near: Tensor, neighbours: int) -> Tensor:
    """Each node with its most similar others, (2, N k)."""
    import faiss

    num_nodes, width = near.shape
    count = min(neighbours + 1, num_nodes)  # itself among them
    rows = near.cpu().numpy()
    exact = faiss.IndexFlatIP(width)
    index = exact if num_nodes <= _EXACT_UP_TO else _inverted_file(exact, rows)
    index.add(rows)
    _, other = index.search(rows, count)
    source = torch.arange(num_nodes).repeat_interleave(count)
    target = torch.from_numpy(other).flatten()
    fit = (target >= 0) & (target != source)  # a cell may hold fewer
    return torch.stack([source[fit], target[fit]]).to(near.device)


def _inverted_file(cells: "faiss.IndexFlatIP", rows: np.ndarray) -> "faiss.IndexIVFFlat":
    """An empty index with its cells."""
    import faiss

    number = int((_PROBED * len(rows)) ** 0.5)  # as many to compare with as there are nodes in the probed cells
    index = faiss.IndexIVFFlat(cells, rows.shape[1], number, faiss.METRIC_INNER_PRODUCT)
    index.nprobe = _PROBED
    index.cp.niter = 4  # cells need not be perfect
    index.cp.min_points_per_centroid, index.cp.max_points_per_centroid = 1, 64
    index.train(rows)
    return index


def _walks(pairs: Tensor, num_nodes: int, hops: int, generator: torch.Generator) -> Tensor:
    """First and last node of walks of 2 to ``hops`` steps, (2, W)."""
    source, target = pairs_to_edge_index(pairs)
    neighbour = target[torch.argsort(source, stable=True)]  # neighbours of node 0, of node 1, ...
    degree = torch.bincount(source, minlength=num_nodes)
    first = degree.cumsum(0) - degree
    most = max(_FEWEST_WALKS, _WALKS_PER_NODE * num_nodes)
    begin, end = source, target
    found = []
    for _ in range(hops - 1):
        fan = degree[end].cumsum(0)  # each walk goes on to all neighbours of its end
        total = int(fan[-1]) if len(fan) else 0
        if total <= most:
            step = torch.arange(total, device=pairs.device)
        else:
            step = torch.randint(total, (most,), generator=generator).to(pairs.device)
        walk = torch.searchsorted(fan, step, right=True)
        offset = step - (fan[walk] - degree[end[walk]])
        begin, end = begin[walk], neighbour[first[end[walk]] + offset]
        found.append(torch.stack([begin, end]))
    return torch.cat(found, dim=1)
