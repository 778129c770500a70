"""Mini-batches of nodes with sampled neighbours, each layer's from the graph of that layer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor

from torque_core.errors import BadConfig
from torque_core.nn.layer_graphs import Graph
from torque_core.utils.sparse import row_starts

__all__ = ["NeighbourSampler", "SampledGraphs"]


@dataclass(frozen=True)
class SampledGraphs:
    """Sampled graphs of the layers, whose nodes are numbered by their place in ``nodes``.

    Attributes:
        nodes: Nodes of the whole graph, the batch first, then those that each hop adds, :math:`(B,)`.
        edge_index: Edges of each layer, :math:`(2, M_l)`.
        edge_weight: Edge weights of each layer, :math:`(M_l,)`; None if all are 1.
        relations: Edges and weights of each layer by the name of the relation.
        nodes_per_hop: Number of nodes of the batch and of those that each hop adds, :math:`L + 1` numbers.
    """

    nodes: Tensor
    edge_index: list[Tensor]
    edge_weight: list[Tensor | None]
    relations: dict[str, list[Graph]]
    nodes_per_hop: list[int]


class NeighbourSampler:
    """Sample neighbourhoods for mini-batches (GraphSAGE, Hamilton et al., NeurIPS 2017) from a graph per layer.

    The output of a node depends on its neighbours in the graph of the last layer, these on their neighbours in the
    graph of the layer before, and so on. Of the incoming edges of a node at most ``fanout`` are sampled, uniformly
    without replacement, by Floyd's algorithm for all nodes at once. Only torch is needed, and all random numbers come
    from the generator that is passed. PyG's ``NeighborLoader`` needs compiled extensions, draws from torch's global
    random state, and knows only one graph for all layers.

    Args:
        edge_index: The graph of each layer, :math:`(2, M)`, from source to target.
        edge_weight: Edge weights of each layer; None for 1 everywhere.
        num_nodes: Number of nodes :math:`|\\mathcal{V}|`.
        fanout: Largest number of edges that are sampled for each node, layer and relation.
        relations: Edges and weights of each layer for further relations, by name.

    Raises:
        BadConfig: If ``fanout`` is less than 1.

    Example:
        Node 2 of the path 0 - 1 - 2, with a graph without edges in the first layer:

        >>> path, empty = torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]]), torch.empty(2, 0, dtype=torch.long)
        >>> sampler = NeighbourSampler([empty, path], [None, None], 3)
        >>> sampled = sampler.sample(torch.tensor([2]), torch.Generator())
        >>> sampled.nodes, [edges.tolist() for edges in sampled.edge_index]
        (tensor([2, 1]), [[[], []], [[1], [0]]])
    """

    def __init__(
        self,
        edge_index: Sequence[Tensor],
        edge_weight: Sequence[Tensor | None],
        num_nodes: int,
        *,
        fanout: int = 15,
        relations: Mapping[str, Sequence[Graph]] | None = None,
    ) -> None:
        if type(fanout) is not int or fanout < 1:
            raise BadConfig(f"fanout must be an integer of at least 1, got {fanout!r}")
        self._num_nodes, self._fanout = num_nodes, fanout
        known: dict[tuple[int, int], _InEdges] = {}  # layers often share a graph

        def in_edges(edges: Tensor, weight: Tensor | None) -> _InEdges:
            key = (id(edges), id(weight))
            if key not in known:
                known[key] = _InEdges(edges, weight, num_nodes)
            return known[key]

        kept = [in_edges(*graph) for graph in zip(edge_index, edge_weight, strict=True)]
        self._layers = [{"kept": layer} for layer in kept]
        for name, graphs in (relations or {}).items():
            for layer, graph in zip(self._layers, graphs, strict=True):
                layer[name] = in_edges(*graph)

    def sample(self, batch: Tensor, generator: torch.Generator) -> SampledGraphs:
        """Sample the graphs for a batch of distinct nodes, on the CPU.

        Args:
            batch: Nodes, :math:`(S,)`.
            generator: CPU generator of the sample.
        """
        place = torch.full((self._num_nodes,), -1)
        place[batch] = torch.arange(len(batch))
        nodes, per_hop = batch, [len(batch)]
        layers: list[dict[str, Graph]] = []
        for layer in reversed(self._layers):
            sampled = {name: edges.sample(nodes, self._fanout, generator) for name, edges in layer.items()}
            sources = torch.cat([source for source, _, _ in sampled.values()])
            new = sources[place[sources] < 0].unique()
            place[new] = torch.arange(len(nodes), len(nodes) + len(new))
            nodes = torch.cat([nodes, new])
            per_hop.append(len(new))
            layers.insert(
                0,
                {
                    name: (torch.stack([place[source], target]), weight)
                    for name, (source, target, weight) in sampled.items()
                },
            )
        return SampledGraphs(
            nodes,
            [layer["kept"][0] for layer in layers],
            [layer["kept"][1] for layer in layers],
            {name: [layer[name] for layer in layers] for name in self._layers[0] if name != "kept"},
            per_hop,
        )


@dataclass
class _InEdges:
    """The edges of a graph by target, on the CPU."""

    edges: Tensor
    weight: Tensor | None
    num_nodes: int
    starts: Tensor = field(init=False)

    def __post_init__(self) -> None:
        source, target = self.edges.cpu().long()
        order = target.argsort(stable=True)
        self.starts = row_starts(target, self.num_nodes)
        self.edges = source[order]
        self.weight = None if self.weight is None else self.weight.detach().cpu()[order]

    def sample(self, nodes: Tensor, fanout: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor | None]:
        """Sources, places of the targets in ``nodes``, and weights of the sampled edges."""
        start = self.starts[nodes]
        degree = self.starts[nodes + 1] - start
        chosen = torch.arange(fanout).expand(len(nodes), -1).clone()  # (B, fanout); all edges of nodes with few
        many = (degree > fanout).nonzero().flatten()
        chosen[many] = _distinct(degree[many], fanout, generator)
        valid = chosen < degree[:, None]
        position = (start[:, None] + chosen)[valid]
        target = torch.arange(len(nodes))[:, None].expand_as(chosen)[valid]
        return self.edges[position], target, None if self.weight is None else self.weight[position]


def _distinct(counts: Tensor, number: int, generator: torch.Generator) -> Tensor:
    """For each count ``number`` distinct integers below it, uniformly (Floyd's algorithm), (B, number)."""
    chosen = torch.empty(len(counts), number, dtype=torch.long)
    for step in range(number):
        last = counts - number + step
        drawn = (torch.rand(len(counts), generator=generator, dtype=torch.float64) * (last + 1)).long()
        taken = (chosen[:, :step] == drawn[:, None]).any(dim=1)
        chosen[:, step] = torch.where(taken, last, drawn)
    return chosen
