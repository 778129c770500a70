"""Receptive field of a node, layer by layer."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from torque_core.errors import BadConfig
from torque_core.graph.pairs import pairs_to_edge_index

__all__ = ["ReceptiveField", "receptive_field"]


@dataclass(frozen=True)
class ReceptiveField:
    """The nodes whose features reach one node through the layers of a GNN.

    Attributes:
        node: The node whose receptive field this is.
        hops: For each node the fewest message steps from it to ``node``, -1 outside the receptive field,
            :math:`(|\\mathcal{V}|,)`.
        messages: Targets and sources of the messages in each layer, from the last to the first layer, each
            :math:`(2, M)`.
    """

    node: int
    hops: Tensor
    messages: tuple[Tensor, ...]

    @property
    def nodes(self) -> Tensor:
        """The nodes in the receptive field, including the node itself, ascending."""
        return (self.hops >= 0).nonzero().flatten()

    def ring(self, hop: int) -> Tensor:
        """Return the nodes at a distance of ``hop`` steps, ascending."""
        return (self.hops == hop).nonzero().flatten()


def receptive_field(node: int, layer_pairs: Sequence[Tensor], num_nodes: int) -> ReceptiveField:
    """Compute the receptive field of a node by tracing messages back through the layers, the last layer first.

    With :math:`\\mathcal{N}_l` the neighbours in the graph of layer :math:`l` (of :math:`L`),
    :math:`R_L = \\{v\\}` and :math:`R_{l-1} = R_l \\cup \\mathcal{N}_l(R_l)`; the receptive field is :math:`R_0`.
    Each layer has its own graph, so the receptive field is in general not a ball in any of them.

    Args:
        node: The node :math:`v`.
        layer_pairs: The undirected edges of each layer's graph, first layer first, each :math:`(2, |\\mathcal{E}_l|)`.
        num_nodes: :math:`|\\mathcal{V}|`.

    Raises:
        BadConfig: If the node does not exist.

    Example:
        >>> path = torch.tensor([[0, 1, 2], [1, 2, 3]])
        >>> receptive_field(0, [path, path], 4).hops
        tensor([ 0,  1,  2, -1])
    """
    if not 0 <= node < num_nodes:
        raise BadConfig(f"node must be in [0, {num_nodes - 1}], got {node}")
    hops = torch.full((num_nodes,), -1, dtype=torch.long)
    hops[node] = 0
    messages: list[Tensor] = []
    for step, pairs in enumerate(reversed(layer_pairs), start=1):
        target, source = pairs_to_edge_index(pairs.cpu())
        inside = hops[target] >= 0
        messages.append(torch.stack([target[inside], source[inside]]))
        reached = source[inside]
        hops[reached[hops[reached] < 0]] = step
    return ReceptiveField(node, hops, tuple(messages))
