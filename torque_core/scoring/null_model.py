"""Chance pairs: links that mean nothing, drawn so that each node keeps its share of links.

They say what the torque of a link is that stands there by chance, and so give the torque gap its scale.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from torque_core.graph.pairs import is_among, pair_keys, pairs_to_edge_index

__all__ = ["NullModelPairs", "null_model_pairs"]

_EXACT_UP_TO = 20_000  # pairs; beyond it they are sampled
_SAMPLED = 8_192


@dataclass(frozen=True)
class NullModelPairs:
    """Pairs of nodes that are no edges, :math:`(2, P)`, and the weight of each, :math:`(P,)`."""

    pairs: Tensor
    weight: Tensor


def null_model_pairs(pairs: Tensor, num_nodes: int, generator: torch.Generator) -> NullModelPairs:
    """Non-adjacent pairs, each node drawn in proportion to its degree (the configuration model).

    Degrees are kept because a link's torque depends on them: against pairs drawn uniformly, every link between
    two hubs would look meaningful. A graph of up to 200 nodes gets all its non-adjacent pairs, weighted by
    :math:`d_i d_j`, so nothing there depends on the generator; a larger one gets a sample of 8,192 draws, less
    those that hit an edge.

    Args:
        pairs: The graph's edges, sorted, :math:`(2, |\\mathcal{E}|)`.
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
        drawn = torch.triu_indices(num_nodes, num_nodes, offset=1, device=pairs.device)
        weight = degree[drawn[0]] * degree[drawn[1]]
    else:
        draw = torch.randint(max(len(ends), 1), (2, _SAMPLED), generator=generator).to(pairs.device)
        drawn = ends[draw].sort(dim=0).values if len(ends) else draw[:, :0]
        drawn = drawn[:, pair_keys(drawn, num_nodes).argsort()]
        weight = (drawn[0] != drawn[1]).float()
    fit = ~is_among(drawn, pairs, num_nodes) & (weight > 0)
    return NullModelPairs(drawn[:, fit], weight[fit])
