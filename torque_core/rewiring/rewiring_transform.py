"""Base class of the PyG transforms that replace the edges of a graph."""

import copy
from abc import abstractmethod

import torch
from torch import Tensor
from torch_geometric.data import Batch, Data
from torch_geometric.transforms import BaseTransform
from torch_geometric.utils import is_sparse

from torque_core.errors import BadGraph
from torque_core.graph.pairs import check_graph
from torque_core.rewiring.edge_fields import Fill, carry_edge_fields, edge_fields

__all__ = ["LAYER_WEIGHT", "RewiringTransform"]

LAYER_WEIGHT = "edge_layer_weight"
"""Name of the field with the weight of each edge in each layer, :math:`(M, L)`; 0 for an edge outside a layer.

PyG treats it as an edge-level field, also in a graph with as many edges as nodes, because its name contains ``edge``.
"""


class RewiringTransform(BaseTransform):
    """Replace the edges of a graph, and keep everything else consistent with them.

    * The given graph is not changed.
    * All graphs get the same fields, so that they can be batched in any order.
    * Edge-level fields, such as ``edge_attr`` or ``edge_type``, follow their edges. Added edges get ``fill``, see
      :func:`~torque_core.rewiring.edge_fields.carry_edge_fields`. With such fields, the edges are sorted by their
      source and target, as PyG's ``coalesce`` sorts them. A field that cannot follow its edges is refused.
    * Each graph of a ``Batch`` is rewired separately, so that no edge joins two graphs.
    * A label ``y`` of a whole graph and the edges of graphs with fewer than two nodes are left unchanged.

    Attributes:
        fill: Values of edge-level fields for added edges; 0 by default. Values of ``edge_weight`` are the method's.
    """

    fill: Fill = 0

    def forward(self, data: Data) -> Data:
        """Return the rewired graph; the given graph is not changed.

        Raises:
            BadGraph: If the graph cannot be rewired, see :func:`~torque_core.graph.pairs.check_graph`; if a field
                cannot follow the edges; or if a batch was changed, so that its graphs cannot be separated.
        """
        if isinstance(data, Batch):
            return _batch_of([self.forward(graph) for graph in _graphs_of(data)], _followed(data))
        if not isinstance(data, Data) or data.x is None or data.edge_index is None:
            check_graph(data)  # raises an error with the reason
        batch = data.get("batch")
        if isinstance(batch, Tensor) and batch.numel() and bool((batch != batch[0]).any()):
            raise BadGraph("data.batch assigns the nodes to several graphs, which no edge may join; give a PyG Batch")
        data = copy.copy(data)
        if LAYER_WEIGHT in data:  # of an earlier rewiring
            del data[LAYER_WEIGHT]
        if (data.num_nodes or 0) < 2:
            return self._set_edges(data, data["edge_index"], self._unchanged(data))
        check_graph(Data(**{key: data[key] for key in ("x", "edge_index", "edge_weight", "num_nodes") if key in data}))
        source = copy.copy(data)
        for key in edge_fields(data, self.fill):
            del source[key]
        y = source.get("y")
        if isinstance(y, Tensor) and y.shape[:1] != (data.num_nodes,):  # a label of the graph, not of its nodes
            del source["y"]
        edge_index, weights = self._rewired_edges(source)
        features = weights.pop("x", None)
        fields = carry_edge_fields(data, edge_index, fill=self.fill)
        if fields:
            order = (edge_index[0] * int(data.num_nodes or 0) + edge_index[1]).argsort(stable=True)
            edge_index = edge_index[:, order]
            weights = {key: None if weight is None else weight[order] for key, weight in weights.items()}
            fields = carry_edge_fields(data, edge_index, fill=self.fill)
        rewired = self._set_edges(data, edge_index, weights | fields)
        if features is not None:
            rewired.x = features
        return rewired

    @abstractmethod
    def _rewired_edges(self, data: Data) -> tuple[Tensor, dict[str, Tensor | None]]:
        """Return ``edge_index``, :math:`(2, M)`, and weights with :math:`M` entries by the name of the field.

        A method that changes the features adds them as ``x``.

        Args:
            data: A valid graph without edge-level fields other than ``edge_weight``.
        """

    @abstractmethod
    def _unchanged(self, data: Data) -> dict[str, Tensor | None]:
        """Return the weights of a graph whose edges are left unchanged, by the name of the field."""

    @staticmethod
    def _set_edges(data: Data, edge_index: Tensor, fields: "dict[str, Tensor | None] | dict[str, Tensor]") -> Data:
        """Return a copy with new edges. It is a new graph to PyG, which remembers the kind of each field of a graph."""
        data = copy.copy(data)
        data._store.__dict__.pop("_cached_attr", None)
        data.edge_index = edge_index
        for key, value in fields.items():
            setattr(data, key, value)
        return data


def _followed(batch: Data) -> list[str]:
    """The fields for which the batch stores the graph of each entry (``follow_batch``)."""
    keys = set(batch.keys())
    return [key.removesuffix("_batch") for key in sorted(keys) if f"{key.removesuffix('_batch')}_ptr" in keys]


def _batch_of(graphs: list[Data], followed: list[str]) -> Data:
    batch: Data = Batch.from_data_list([*graphs], follow_batch=followed)  # type: ignore[assignment]  # a Data as well
    return batch


def _graphs_of(batch: Data) -> list[Data]:
    """The graphs of a batch. BadGraph if the batch was changed, so that they are not those that its tensors hold."""
    try:
        graphs: list[Data] = Batch.to_data_list(batch)  # type: ignore[arg-type, assignment]
        again = _batch_of(graphs, _followed(batch)) if graphs else batch
        same = all(key in again and _same_shape(value, again[key]) for key, value in batch.to_dict().items())
        for key in ("x", "edge_index", "batch"):
            value = batch.get(key)
            same = same and (value is None or is_sparse(value) or torch.equal(value, again[key]))
    except (RuntimeError, KeyError, IndexError, TypeError, ValueError):
        same = False
    if not same:
        raise BadGraph(
            "the batch was changed after it was created, so that its graphs cannot be separated; apply transforms to "
            "the graphs, and batch them afterwards"
        )
    return graphs


def _same_shape(first: object, second: object) -> bool:
    return getattr(first, "shape", None) == getattr(second, "shape", None)
