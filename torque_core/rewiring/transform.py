"""Rewiring as a PyG transform."""

import copy
import re
from itertools import count

import torch
from torch import Tensor
from torch_geometric.data import Batch, Data
from torch_geometric.transforms import BaseTransform

from torque_core.errors import BadGraph
from torque_core.graph.pairs import check_graph
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec

__all__ = ["TorqueRewire", "layer_graphs"]

_OF_A_LAYER = re.compile(r"edge_(index|weight)_\d+")


class TorqueRewire(BaseTransform):
    """Rewire a graph by torque, in a ``Compose``, as a data set's ``transform`` or ``pre_transform``.

    ``edge_index`` (and ``edge_weight``, if the graph has weights) becomes that of the first layer, for any GNN. With
    more layers than one, every layer's graph stands beside it as ``edge_index_1``, ``edge_index_2``, ... (and
    ``edge_weight_1``, ...), which PyG batches as it batches ``edge_index``; :func:`layer_graphs` collects them for
    :class:`~torque_core.nn.TorqueGNN`. In a ``Batch`` each graph is rewired for itself, so that no link joins two. A
    label ``y`` of the whole graph stays what it is, and so does a graph of one node.

    Args:
        spec: What to do; options of :class:`~torque_core.rewiring.spec.RewireSpec` may be given by name instead.

    Example:
        >>> from torch_geometric.datasets import KarateClub
        >>> from torch_geometric.transforms import Compose, NormalizeFeatures
        >>> data = Compose([NormalizeFeatures(), TorqueRewire(cut="fixed", fraction=0.1)])(KarateClub()[0])
        >>> data.edge_index.shape, "edge_index_2" in data  # 8 of 78 edges pruned, 2 links added
        (torch.Size([2, 144]), True)
    """

    def __init__(self, spec: RewireSpec | None = None, **options: str | float) -> None:
        if spec is not None and options:
            raise TypeError("give a RewireSpec or its options by name, not both")
        self.spec = spec or RewireSpec(**options)  # type: ignore[arg-type]

    def forward(self, data: Data) -> Data:
        """The rewired graph; the one given is not changed."""
        if isinstance(data, Batch):
            return Batch.from_data_list([self.forward(graph) for graph in data.to_data_list()])
        if (batch := data.get("batch")) is not None and bool((batch != batch[0]).any()):
            raise BadGraph("the graph's batch names several graphs, and links must not join them; give a PyG Batch")
        if not isinstance(data, Data):
            check_graph(data)  # says why not
        data = copy.copy(data)
        for key in [key for key in data.keys() if _OF_A_LAYER.fullmatch(key)]:  # noqa: SIM118, a Data is no dict
            del data[key]  # of an earlier rewiring
        graphs = [data] * self.spec.layers
        if (data.num_nodes or 0) > 1:  # of one node there is nothing to rewire
            seen, y = copy.copy(data), data.get("y")
            if isinstance(y, Tensor) and y.shape[:1] != (data.num_nodes,):  # of the whole graph, not of its nodes
                seen.y = None
            rewiring = rewire(seen, self.spec)
            graphs = [rewiring.to_data(data, layer) for layer in range(self.spec.layers)]
        rewired = copy.copy(graphs[0])
        if len(graphs) > 1:
            for number, graph in enumerate(graphs, start=1):
                rewired[f"edge_index_{number}"] = graph.edge_index
                rewired[f"edge_weight_{number}"] = graph.get("edge_weight")
        return rewired

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.spec})"


def layer_graphs(data: Data, layers: int) -> tuple[list[Tensor], list[Tensor | None]]:
    """The graph and the edge weights of each layer that :class:`TorqueRewire` left in ``data``.

    A graph without layers of its own has the same graph in all.

    Args:
        data: A graph or a batch of graphs.
        layers: How many.

    Raises:
        BadGraph: The graph was rewired for another number of layers.

    Example:
        >>> from torch_geometric.datasets import KarateClub
        >>> edge_indices, edge_weights = layer_graphs(TorqueRewire()(KarateClub()[0]), 2)
        >>> len(edge_indices), edge_weights
        (2, [None, None])
    """
    there = next(number for number in count() if f"edge_index_{number + 1}" not in data)
    if there not in (0, layers):
        raise BadGraph(f"the graph was rewired for {there} layers, not {layers}")
    ends = [f"_{number}" for number in range(1, layers + 1)] if there else [""] * layers
    return [torch.as_tensor(data[f"edge_index{end}"]) for end in ends], [data.get(f"edge_weight{end}") for end in ends]
