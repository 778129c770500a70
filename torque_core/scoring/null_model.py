"""Null-model pairs: node pairs that are not edges, sampled with probability proportional to the product of the degrees.

Their torques are those that random edges would have, which gives the torque gap its scale.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from torque_core.graph.pairs import is_among, pair_keys, pairs_to_edge_index

__all__ = ["NullModelPairs", "null_model_pairs"]

_EXACT_UP_TO = 20_000  # pairs; with more, they are sampled
_SAMPLED = 8_192


@dataclass(frozen=True)
class NullModelPairs:
    """Node pairs that are not edges, :math:`(2, P)`, and the weight of each, :math:`(P,)`."""

    pairs: Tensor
    weight: Tensor


def null_model_pairs(pairs: Tensor, num_nodes: int, generator: torch.Generator) -> NullModelPairs:
    """Non-adjacent pairs whose nodes are sampled with probability proportional to their degrees (configuration model).

    The degrees matter because the torque of a pair depends on them: compared with uniformly sampled pairs, every edge
    between two hubs would seem meaningful. For graphs of up to 200 nodes all non-adjacent pairs are returned, weighted
    by :math:`d_i d_j`, without any randomness. For larger graphs 8,192 pairs are sampled, and edges among them are
    dropped.

    Args:
        pairs: Edges of the graph, sorted, :math:`(2, |\\mathcal{E}|)`.
        num_nodes: :math:`|\\mathcal{V}|`.
        generator: CPU generator of the sample.

    Example:
        >>> square = torch.tensor([[0, 0, 1, 2], [1, 3, 2, 3]])
        >>> null_model_pairs(square, 4, torch.Generator())
        NullModelPairs(pairs=tensor([[0, 1],
                [2, 3]]), weight=tensor([4., 4.]))
    """
    ends = pairs_to_edge_index(pairs)[0]
    degree = torch.bincount(ends, minlength=num_nodes).float()
    if num_nodes * (num_nodes - 1) // 2 <= _EXACT_UP_TO:
        sampled = torch.triu_indices(num_nodes, num_nodes, offset=1, device=pairs.device)
        weight = degree[sampled[0]] * degree[sampled[1]]
    else:
        position = torch.randint(max(len(ends), 1), (2, _SAMPLED), generator=generator).to(pairs.device)
        sampled = ends[position].sort(dim=0).values if len(ends) else position[:, :0]
        sampled = sampled[:, pair_keys(sampled, num_nodes).argsort()]
        weight = (sampled[0] != sampled[1]).float()
    valid = ~is_among(sampled, pairs, num_nodes) & (weight > 0)
    return NullModelPairs(sampled[:, valid], weight[valid])
