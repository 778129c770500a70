"""Null-model pairs: node pairs that are not edges. Their torques are those of random edges, the scale of a torque gap.

By default the ends are sampled with probability proportional to their degrees. A second null model samples them
uniformly among the nodes that have edges: random edges that were inserted uniformly are more often at nodes of low
degree, whose torques have another distribution.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from torque_core.graph.pairs import is_among, pair_keys

__all__ = ["NullModelPairs", "has_few_pairs", "null_model_pairs", "null_weights", "sampled_null_model"]

_EXACT_UP_TO = 20_000  # pairs; with more, they are sampled
_SAMPLED = 8_192
_SAMPLED_UNIFORMLY = 4_096


@dataclass(frozen=True)
class NullModelPairs:
    """Node pairs that are not edges, sorted.

    Attributes:
        pairs: :math:`(2, P)`.
        weight: Weight of each pair if ends are sampled by degree, :math:`(P,)`.
        uniform_weight: Weight of each pair if ends are sampled uniformly, :math:`(P,)`; None if they were not.
    """

    pairs: Tensor
    weight: Tensor
    uniform_weight: Tensor | None = None


def null_model_pairs(
    pairs: Tensor, num_nodes: int, generator: torch.Generator, *, uniform: bool = False
) -> NullModelPairs:
    """Non-adjacent pairs whose nodes are sampled with probability proportional to their degrees (configuration model).

    The degrees matter because the torque of a pair depends on them: compared with uniformly sampled pairs, every edge
    between two hubs would seem meaningful. For graphs of up to 200 nodes all non-adjacent pairs are returned, weighted
    by :math:`d_i d_j`, without any randomness. For larger graphs 8,192 pairs are sampled, and edges among them are
    dropped.

    Args:
        pairs: Edges of the graph, sorted, :math:`(2, |\\mathcal{E}|)`.
        num_nodes: :math:`|\\mathcal{V}|`.
        generator: CPU generator of the sample.
        uniform: Whether to include the second null model. For larger graphs 4,096 pairs are then sampled in addition;
            each null model gives the pairs of the other the weight 0.

    Example:
        >>> square = torch.tensor([[0, 0, 1, 2], [1, 3, 2, 3]])
        >>> null_model_pairs(square, 4, torch.Generator())
        NullModelPairs(pairs=tensor([[0, 1],
                [2, 3]]), weight=tensor([4., 4.]), uniform_weight=None)
    """
    low, high = pairs
    degree = torch.bincount(low, minlength=num_nodes).add_(torch.bincount(high, minlength=num_nodes)).float()
    if has_few_pairs(num_nodes):
        sampled = torch.triu_indices(num_nodes, num_nodes, offset=1, device=pairs.device)
        weight = degree[sampled[0]] * degree[sampled[1]]
        uniform_weight = (weight > 0).float()
        return _without_edges(sampled, weight, uniform_weight, is_among(sampled, pairs, num_nodes), uniform=uniform)
    return sampled_null_model(
        lambda position: pairs.flatten()[position],
        pairs.numel(),
        degree.nonzero().flatten(),
        lambda sampled: is_among(sampled, pairs, num_nodes),
        num_nodes,
        generator,
        uniform=uniform,
    )


def null_weights(weight: Tensor, uniform_weight: Tensor | None) -> dict[str, Tensor]:
    """Weights of the null-model pairs in each null model, by its name.

    Args:
        weight: If ends are sampled by degree, :math:`(P,)`.
        uniform_weight: If they are sampled uniformly, :math:`(P,)`; None if they were not.

    Example:
        >>> null_weights(torch.ones(1), torch.zeros(1))
        {'by degree': tensor([1.]), 'uniformly': tensor([0.])}
    """
    weights = {"by degree": weight}
    return weights if uniform_weight is None else {**weights, "uniformly": uniform_weight}


def has_few_pairs(num_nodes: int) -> bool:
    """True if a graph is so small that the null model is all non-adjacent pairs instead of a sample.

    Example:
        >>> has_few_pairs(200), has_few_pairs(201)
        (True, False)
    """
    return num_nodes * (num_nodes - 1) // 2 <= _EXACT_UP_TO


def sampled_null_model(
    end_at: Callable[[Tensor], Tensor],
    num_ends: int,
    nodes: Tensor,
    is_edge: Callable[[Tensor], Tensor],
    num_nodes: int,
    generator: torch.Generator,
    *,
    uniform: bool = False,
) -> NullModelPairs:
    """The sampled pairs of :func:`null_model_pairs`, for edges that need not be in memory.

    Args:
        end_at: Returns the nodes at given positions of the list of all ends of edges: the first node of every pair,
            then the second.
        num_ends: Length of that list, :math:`2 |\\mathcal{E}|`.
        nodes: Nodes that have edges, ascending.
        is_edge: Returns the mask of the pairs, :math:`(2, P)` with :math:`i \\le j`, that are edges.
        num_nodes: :math:`|\\mathcal{V}|`.
        generator: CPU generator of the sample.
        uniform: Whether to include the second null model.
    """
    sampled = _sample(end_at, num_ends, _SAMPLED, generator, nodes.device)
    weight, uniform_weight = torch.ones_like(sampled[0]).float(), torch.zeros_like(sampled[0]).float()
    if uniform:
        others = _sample(lambda position: nodes[position], len(nodes), _SAMPLED_UNIFORMLY, generator, nodes.device)
        sampled = torch.cat([sampled, others], dim=1)
        zeros, ones = torch.zeros_like(others[0]).float(), torch.ones_like(others[0]).float()
        weight, uniform_weight = torch.cat([weight, zeros]), torch.cat([uniform_weight, ones])
    order = pair_keys(sampled, num_nodes).argsort()
    sampled, weight, uniform_weight = sampled[:, order], weight[order], uniform_weight[order]
    return _without_edges(sampled, weight, uniform_weight, is_edge(sampled), uniform=uniform)


def _without_edges(
    sampled: Tensor, weight: Tensor, uniform_weight: Tensor, is_edge: Tensor, *, uniform: bool
) -> NullModelPairs:
    valid = (sampled[0] != sampled[1]) & ~is_edge & (weight + uniform_weight > 0)
    return NullModelPairs(sampled[:, valid], weight[valid], uniform_weight[valid] if uniform else None)


def _sample(
    node_at: Callable[[Tensor], Tensor],
    num_positions: int,
    count: int,
    generator: torch.Generator,
    device: torch.device,
) -> Tensor:
    """Pairs of nodes, each drawn uniformly from a list with replacement, (2, count); none if the list is empty."""
    position = torch.randint(max(num_positions, 1), (2, count), generator=generator).to(device)
    return node_at(position).sort(dim=0).values if num_positions else position[:, :0]
