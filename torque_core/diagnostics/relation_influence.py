"""Expected influence on one node, split by the relations that the messages pass through."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.nn.conv.gcn_conv import gcn_norm

from torque_core.diagnostics.walk_influence import check_node
from torque_core.graph.pairs import is_among, undirected_pairs
from torque_core.nn.layer_graphs import Graph
from torque_core.rewiring.record import LayerRewiring
from torque_core.utils.display import ShortRepr

__all__ = ["RelationInfluence", "relation_influence", "walk_influence_by_relation"]


@dataclass(frozen=True, repr=False)
class RelationInfluence(ShortRepr):
    """Influence on one node by relation.

    Attributes:
        relations: ``self``, for the steps from a node to itself; then ``kept``, ``pruned`` and ``added``, or in a
            directed graph ``kept_forth``, ``kept_back`` and so on: along and against the direction of the edges.
        value: Fraction of the influence by relation and node, :math:`(R, |\\mathcal{V}|)`; its sum is 1.
    """

    relations: tuple[str, ...]
    value: Tensor


def walk_influence_by_relation(
    edge_indices: Sequence[Tensor],
    edge_weights: Sequence[Tensor | None],
    relations: Sequence[Tensor],
    node: int,
    num_nodes: int,
    *,
    count: int,
) -> Tensor:
    """Split :func:`~torque_core.diagnostics.walk_influence` by the relations of the edges that the walks follow.

    A walk through :math:`L` layers has one step in each. It counts for a relation with the fraction of its steps that
    follow an edge of this relation,

    .. math::
        I_v(u, r) = \\frac{\\sum_{w : v \\to u} p(w) \\, \\frac{1}{L} \\sum_l [r_l(w) = r]}{\\sum_w p(w)},

    with :math:`p(w)` the product of the normalised weights along the walk :math:`w` and :math:`r_l(w)` the relation of
    its step in layer :math:`l`. The sum over the relations is the influence. The split is this project's choice. The
    cost is one sparse product per layer and relation.

    Args:
        edge_indices: The graph of each layer without self-loops, first layer first, each :math:`(2, M_l)`.
        edge_weights: Their weights, each :math:`(M_l,)`; None for weights of 1.
        relations: Relation of each edge, from 0, each :math:`(M_l,)`.
        node: The node :math:`v` whose output is explained.
        num_nodes: :math:`|\\mathcal{V}|`.
        count: Number of relations :math:`R`.

    Returns:
        Fractions that sum to 1, :math:`(1 + R, |\\mathcal{V}|)`; the first row is that of the self-loops.

    Raises:
        BadConfig: If the node does not exist.

    Example:
        One layer on the path 0 - 1 - 2, whose two edges are different relations: node 1 takes a third from each node.

        >>> path, relation = torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]]), torch.tensor([0, 0, 1, 1])
        >>> walk_influence_by_relation([path], [None], [relation], 1, 3, count=2)
        tensor([[0.0000, 0.2899, 0.0000],
                [0.3551, 0.0000, 0.0000],
                [0.0000, 0.0000, 0.3551]])
    """
    check_node(node, num_nodes)
    device = edge_indices[0].device if len(edge_indices) else None
    mass = torch.zeros(num_nodes, device=device)
    mass[node] = 1.0
    steps = torch.zeros(1 + count, num_nodes, device=device)  # steps of each relation so far, times the mass
    loops = torch.zeros(num_nodes, dtype=torch.long, device=device)
    for edge_index, edge_weight, relation in zip(
        reversed(edge_indices), reversed(edge_weights), reversed(relations), strict=True
    ):
        (source, target), weight = gcn_norm(edge_index, edge_weight, num_nodes)
        moved = weight * mass[target]
        steps = torch.zeros_like(steps).index_add_(1, source, weight * steps[:, target])
        steps.index_put_((torch.cat([relation + 1, loops]), source), moved, accumulate=True)
        mass = torch.zeros_like(mass).index_add_(0, source, moved)
    return steps / (len(edge_indices) * mass.sum())


def relation_influence(
    before: Graph, layers: Sequence[LayerRewiring], node: int, *, rewired: bool, directed: bool = False
) -> RelationInfluence:
    """Split the influence on one node by what became of the edges, before or after rewiring.

    Args:
        before: Edges and weights of the graph before rewiring.
        layers: The rewired layers, first layer first.
        node: The node whose output is explained.
        rewired: Whether the walks follow the rewired graphs, on edges that are ``kept`` or ``added``; otherwise the
            graph before rewiring, on edges that are ``kept`` or ``pruned``, by this layer or in a nested rewiring by
            an earlier one.
        directed: Whether the walks follow each edge both along and against its direction, as separate relations, like a
            model with both ``directions``; otherwise they follow edges as they are.

    Returns:
        The influence by relation; relations without edges have zeros.

    Raises:
        BadConfig: If the node does not exist.

    Example:
        >>> from torque_core import load, rewire
        >>> data = load("karate").data
        >>> layers = rewire(data, cut="fixed", fraction=0.2).layers
        >>> influence = relation_influence((data.edge_index, None), layers, 0, rewired=False)
        >>> influence.relations, influence.value.sum(dim=1)
        (('self', 'kept', 'pruned', 'added'), tensor([0.1756, 0.6592, 0.1652, 0.0000]))
    """
    num_nodes = layers[0].num_nodes
    original = undirected_pairs(before[0], num_nodes)
    graphs = [(layer.edge_index, layer.edge_weight) for layer in layers] if rewired else [before] * len(layers)
    relations = []
    for layer, (edge_index, _) in zip(layers, graphs, strict=True):
        ends = edge_index.sort(dim=0).values
        kept = is_among(ends, original if rewired else layer.rewired, num_nodes)
        relations.append((~kept).long() * (2 if rewired else 1))  # kept, pruned, added
    names = ["kept", "pruned", "added"]
    if directed:
        names = [f"{name}_{way}" for name in names for way in ("forth", "back")]
        relations = [torch.cat([2 * relation, 2 * relation + 1]) for relation in relations]
        graphs = [
            (torch.cat([edges, edges.flip(0)], dim=1), None if weight is None else weight.repeat(2))
            for edges, weight in graphs
        ]
    edge_indices, edge_weights = zip(*graphs, strict=True)
    value = walk_influence_by_relation(edge_indices, edge_weights, relations, node, num_nodes, count=len(names))
    return RelationInfluence(("self", *names), value)
