"""Torque-based rewiring as a PyG transform."""

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

_LAYER_KEY = re.compile(r"edge_(index|weight)_\d+")


class TorqueRewire(BaseTransform):
    """Rewire a graph by torque, as a PyG transform.

    ``edge_index`` becomes the graph of the first layer, for any GNN, and so does ``edge_weight`` if that graph has
    weights. With several layers the graph of every layer is stored as well, as ``edge_index_1``, ``edge_index_2``, ...
    (and ``edge_weight_1``, ...), which PyG batches like ``edge_index``; :func:`layer_graphs` collects them for
    :class:`~torque_core.nn.TorqueGNN`. Each graph of a ``Batch`` is rewired separately, so that no edge joins two
    graphs. A label ``y`` of a whole graph and graphs with a single node are left unchanged.

    Args:
        spec: How to rewire.
        **options: Fields of :class:`~torque_core.rewiring.spec.RewireSpec` by name, instead of ``spec``.

    Example:
        >>> from torch_geometric.datasets import KarateClub
        >>> from torch_geometric.transforms import Compose, NormalizeFeatures
        >>> data = Compose([NormalizeFeatures(), TorqueRewire(cut="fixed", fraction=0.1)])(KarateClub()[0])
        >>> data.edge_index.shape, "edge_index_2" in data  # 8 of 78 edges pruned, 2 edges added
        (torch.Size([2, 144]), True)
    """

    def __init__(self, spec: RewireSpec | None = None, **options: str | float) -> None:
        self.spec = RewireSpec.of(spec, **options)

    def forward(self, data: Data) -> Data:
        """Return the rewired graph; the given graph is not changed."""
        if isinstance(data, Batch):
            return Batch.from_data_list([self.forward(graph) for graph in data.to_data_list()])
        if (batch := data.get("batch")) is not None and bool((batch != batch[0]).any()):
            raise BadGraph("data.batch assigns the nodes to several graphs, which no edge may join; give a PyG Batch")
        if not isinstance(data, Data):
            check_graph(data)  # raises an error with the reason
        data = copy.copy(data)
        for key in [key for key in data.keys() if _LAYER_KEY.fullmatch(key)]:  # noqa: SIM118, a Data is no dict
            del data[key]  # of an earlier rewiring
        graphs = [data] * self.spec.layers
        if (data.num_nodes or 0) > 1:
            source, y = copy.copy(data), data.get("y")
            if isinstance(y, Tensor) and y.shape[:1] != (data.num_nodes,):  # a label of the graph, not of its nodes
                source.y = None
            rewiring = rewire(source, self.spec)
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
    """The graph and the edge weights of each layer, as stored in ``data`` by :class:`TorqueRewire`.

    If ``data`` has no graphs of layers, every layer gets ``edge_index``.

    Args:
        data: A graph or a batch of graphs.
        layers: Number of layers.

    Raises:
        BadGraph: If the graph was rewired for another number of layers.

    Example:
        >>> from torch_geometric.datasets import KarateClub
        >>> edge_indices, edge_weights = layer_graphs(TorqueRewire()(KarateClub()[0]), 2)
        >>> len(edge_indices), edge_weights
        (2, [None, None])
    """
    stored = next(number for number in count() if f"edge_index_{number + 1}" not in data)
    if stored not in (0, layers):
        raise BadGraph(f"the graph was rewired for {stored} layers, not {layers}")
    ends = [f"_{number}" for number in range(1, layers + 1)] if stored else [""] * layers
    return [torch.as_tensor(data[f"edge_index{end}"]) for end in ends], [data.get(f"edge_weight{end}") for end in ends]
