"""Torque-based rewiring as a PyG transform."""

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.errors import BadGraph
from torque_core.rewiring.edge_fields import Fill
from torque_core.rewiring.record import LayerRewiring
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.rewiring_transform import LAYER_WEIGHT, RewiringTransform
from torque_core.rewiring.spec import RewireSpec

__all__ = ["TorqueRewire", "layer_graphs"]


class TorqueRewire(RewiringTransform):
    """Rewire a graph by torque, as a PyG transform.

    ``edge_index`` and ``edge_weight`` become the edges of the rewired graph and their weights, for any GNN; the weights
    are 1 in a graph that has none. All rewired graphs have the same fields, so that they can be batched. Edge-level
    fields follow their edges, see :class:`~torque_core.rewiring.rewiring_transform.RewiringTransform`.

    With several layers, ``edge_index`` is the union of the layers' graphs, and ``edge_layer_weight``, :math:`(M, L)`,
    has the weight of each edge in each layer, 0 if it is not in that layer. PyG's transforms and loaders treat it as
    any edge-level field. :func:`layer_graphs` returns the graph of each layer, for
    :class:`~torque_core.nn.TorqueGNN`. ``edge_weight`` is the weight in the first layer: a model that uses it receives
    the graph of the first layer, and a model that ignores it the union.

    .. warning::
        For link prediction, split the edges first and rewire the training graph only. If the graph is rewired before
        the split, the held-out edges influence the training graph, and test scores are too high.

    Args:
        spec: How to rewire.
        fill: Values of edge-level fields for added edges, see
            :func:`~torque_core.rewiring.edge_fields.carry_edge_fields`.
        **options: Fields of :class:`~torque_core.rewiring.spec.RewireSpec` by name, instead of ``spec``. Without
            ``spec``, the default is one layer.

    Example:
        >>> from torch_geometric.datasets import KarateClub
        >>> from torch_geometric.transforms import Compose, NormalizeFeatures
        >>> data = Compose([NormalizeFeatures(), TorqueRewire(cut="fixed", fraction=0.1)])(KarateClub()[0])
        >>> data.edge_index.shape, data.edge_weight.shape  # 8 of 78 edges pruned, 2 edges added
        (torch.Size([2, 144]), torch.Size([144]))
    """

    def __init__(self, spec: RewireSpec | None = None, *, fill: Fill = 0, **options: str | float) -> None:
        if spec is None:
            options = {"layers": 1} | options
        self.spec = RewireSpec.of(spec, **options)
        self.fill = fill

    def _rewired_edges(self, data: Data) -> tuple[Tensor, dict[str, Tensor | None]]:
        layers = rewire(data, self.spec).layers
        if len(layers) == 1:
            return layers[0].edge_index, {"edge_weight": _weight(layers[0])}
        return _union(layers)

    def _unchanged(self, data: Data) -> dict[str, Tensor | None]:
        weight = data.get("edge_weight")
        weight = torch.ones(data["edge_index"].size(1), device=data["edge_index"].device) if weight is None else weight
        weights: dict[str, Tensor | None] = {"edge_weight": weight.float()}
        if self.spec.layers > 1:
            weights[LAYER_WEIGHT] = weight.float()[:, None].repeat(1, self.spec.layers)
        return weights

    def __repr__(self) -> str:
        default = not isinstance(self.fill, dict | Tensor) and self.fill == 0
        return f"{type(self).__name__}({self.spec}{'' if default else f', fill={self.fill!r}'})"


def _weight(layer: LayerRewiring) -> Tensor:
    """Weights of the edges of a layer, float32; 1 if it has none."""
    weight = layer.edge_weight
    return torch.ones_like(layer.edge_index[0], dtype=torch.float32) if weight is None else weight.float()


def _union(layers: tuple[LayerRewiring, ...]) -> tuple[Tensor, dict[str, Tensor | None]]:
    """The edges of all layers, sorted by source and target, with the weight of each in each layer."""
    num_nodes = layers[0].num_nodes
    keys = [layer.edge_index[0] * num_nodes + layer.edge_index[1] for layer in layers]
    union = torch.cat(keys).unique()  # sorted
    weight = torch.zeros(len(union), len(layers), device=union.device)
    for number, (key, layer) in enumerate(zip(keys, layers, strict=True)):
        weight[torch.searchsorted(union, key), number] = _weight(layer)
    edge_index = torch.stack([union // num_nodes, union % num_nodes])
    return edge_index, {"edge_weight": weight[:, 0].clone(), LAYER_WEIGHT: weight}


def layer_graphs(data: Data, layers: int) -> tuple[list[Tensor], list[Tensor | None]]:
    """The edges and the edge weights of each layer, as stored in ``data`` by :class:`TorqueRewire`.

    If ``data`` was rewired for one layer, or not rewired, every layer gets ``edge_index`` and ``edge_weight``.

    Args:
        data: A graph or a batch of graphs. PyG's transforms may have removed nodes or edges.
        layers: Number of layers.

    Returns:
        ``edge_index`` of each layer, :math:`(2, M_l)`, and its weights, :math:`(M_l,)`, or None if all are 1.

    Raises:
        BadGraph: If the graph was rewired for another number of layers; or if a transform changed the edges without
            the weights, or added edges, so that the graphs of the layers are not known. Apply such a transform before
            :class:`TorqueRewire`.

    Example:
        >>> from torch_geometric.datasets import KarateClub
        >>> edge_indices, edge_weights = layer_graphs(TorqueRewire(layers=2)(KarateClub()[0]), 2)
        >>> len(edge_indices), edge_weights
        (2, [None, None])
    """
    edge_index, weight, layer_weight = data.get("edge_index"), data.get("edge_weight"), data.get(LAYER_WEIGHT)
    if edge_index is None:
        raise BadGraph("the graph has no edge_index, so that the graphs of the layers are not known; keep it")
    _check_edges(data, edge_index)
    for key, value in (("edge_weight", weight), (LAYER_WEIGHT, layer_weight)):
        if value is not None and len(value) != edge_index.size(1):
            raise BadGraph(
                f"{key} has {len(value)} entries for {edge_index.size(1)} edges: a transform changed the edges only; "
                "apply it before the rewiring"
            )
    if layer_weight is None:
        return [edge_index] * layers, [weight] * layers
    if layer_weight.size(1) != layers:
        raise BadGraph(f"the graph was rewired for {layer_weight.size(1)} layers, not {layers}")
    outside = ~(layer_weight > 0).any(dim=1)
    if weight is not None:
        outside &= weight > 0  # an edge of weight 0, such as an edge that fills up a tensor, is no edge
    if bool(outside.any()):
        source, target = edge_index[:, outside][:, 0].tolist()
        raise BadGraph(
            f"edge {source} -> {target} is in no layer: a transform added it after the rewiring; apply it before"
        )
    if weight is not None and not torch.allclose(weight.to(layer_weight), layer_weight[:, 0]):
        raise BadGraph(
            f"edge_weight is not the weight in the first layer, {LAYER_WEIGHT}[:, 0]: a transform changed only one of "
            "them; apply it before the rewiring"
        )
    graphs = [_graph_of_layer(edge_index, of_layer) for of_layer in layer_weight.unbind(dim=1)]
    return [edges for edges, _ in graphs], [weights for _, weights in graphs]


def _check_edges(data: Data, edge_index: Tensor) -> None:
    """Raise BadGraph if an edge has a node that the graph does not have."""
    num_nodes = data.num_nodes
    if num_nodes is not None and edge_index.numel() and int(edge_index.max()) >= num_nodes:
        raise BadGraph(
            f"edge_index contains node {int(edge_index.max())}, but the graph has {num_nodes} nodes: nodes were "
            "removed without their edges; apply that transform before the rewiring"
        )


def _graph_of_layer(edge_index: Tensor, weight: Tensor) -> tuple[Tensor, Tensor | None]:
    in_layer = weight > 0
    weight = weight[in_layer]
    return edge_index[:, in_layer], None if bool((weight == 1).all()) else weight
