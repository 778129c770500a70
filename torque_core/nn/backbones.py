"""Graph convolutions of a model's layers, by name or given by the user."""

import inspect
from collections.abc import Callable

import torch
from torch import Tensor, nn

from torque_core.errors import BadConfig
from torque_core.nn.directed_gcn import DirectedGCNConv
from torque_core.nn.layer_graphs import Graph
from torque_core.nn.low_rank_gcn import LowRankGCNConv
from torque_core.nn.robust_aggregation import SoftMedianConv, SoftMedoidConv
from torque_core.nn.sparse_features import FeatureMap
from torque_core.nn.weighted_gat import WeightedGATConv
from torque_core.nn.weighted_gcn import WeightedGCNConv
from torque_core.nn.weighted_sage import WeightedSAGEConv

__all__ = [
    "BACKBONES",
    "CACHING_CONVS",
    "CONVERTING_CONVS",
    "Backbone",
    "NodewiseLinear",
    "convolve",
    "forward_takes",
    "make_conv",
]

Backbone = Callable[..., nn.Module]
"""``(in_channels, out_channels, **options)`` to a graph convolution."""

# arguments by which convolutions include the node itself
_SELF_ARGUMENTS = ("add_self_loops", "root_weight")


def make_conv(
    backbone: str | Backbone,
    in_channels: int,
    out_channels: int,
    *,
    include_self: bool = True,
    is_output: bool = False,
    direction: str = "forth",
    **options: object,
) -> nn.Module:
    """Create a graph convolution :math:`(|\\mathcal{V}|, F) \\to (|\\mathcal{V}|, F')`.

    Args:
        backbone: A name in :data:`BACKBONES`, a PyG convolution, or any ``(in_channels, out_channels) -> module``
            whose forward is ``(x, edge_index)`` or ``(x, edge_index, edge_weight)``. If its forward also has an
            argument ``generator``, models pass the random number generator of the training step.
        in_channels: Width :math:`F` of the input.
        out_channels: Width :math:`F'` of the output.
        include_self: If False, exclude the representation of the node itself, by ``add_self_loops=False`` or
            ``root_weight=False``. Backbones without these arguments are created unchanged.
        is_output: If True, attention heads are averaged. Otherwise heads are concatenated, each of width
            :math:`F' / \\text{heads}`, unless ``concat=False`` is among the options. This is the rule of PyG's ``GAT``.
        direction: ``forth`` to send messages along the edges, ``back`` to send them against the edges.
        **options: Further arguments of the backbone, such as ``heads``.

    Raises:
        BadConfig: If there is no such backbone, its channels cannot be divided among the heads, or it cannot send
            messages against the edges.

    Example:
        >>> from functools import partial
        >>> from torch_geometric.nn import TAGConv
        >>> make_conv(partial(TAGConv, K=2), 8, 4)
        TAGConv(8, 4, K=2)
        >>> make_conv("gcn", 8, 4, include_self=False).add_self_loops
        False
        >>> make_conv("gat", 8, 6, heads=3)
        WeightedGATConv(8, 2, heads=3)
    """
    factory = BACKBONES.get(backbone) if isinstance(backbone, str) else backbone
    if not callable(factory):
        raise BadConfig(
            f"backbone must be one of {', '.join(BACKBONES)} or a graph convolution class; got {backbone!r}"
        )
    parameters = inspect.signature(factory).parameters
    if not include_self:
        options |= {name: False for name in _SELF_ARGUMENTS if name in parameters}
    if direction == "back":
        takes_flow = "flow" in parameters or any(each.kind is each.VAR_KEYWORD for each in parameters.values())
        if not takes_flow:
            raise BadConfig(f"backbone {backbone!r} has no argument flow, so messages go along the edges only")
        options["flow"] = "target_to_source"
    heads = options.get("heads", 1)
    if isinstance(heads, int) and heads > 1 and "concat" in parameters:
        options["concat"] = bool(options.get("concat", True)) and not is_output
        if options["concat"] and out_channels % heads:
            raise BadConfig(f"{out_channels} channels cannot be divided among {heads} heads; choose a multiple")
        out_channels //= heads if options["concat"] else 1
    return factory(in_channels, out_channels, **options)


def forward_takes(conv: nn.Module, argument: str) -> bool:
    """Return True if the forward of a module has an argument of that name.

    Example:
        >>> from torch_geometric.nn import GraphConv, GATConv
        >>> forward_takes(GraphConv(8, 4), "edge_weight"), forward_takes(GATConv(8, 4), "edge_weight")
        (True, False)
    """
    return argument in inspect.signature(conv.forward).parameters


def convolve(
    conv: nn.Module,
    z: Tensor,
    graph: Graph,
    edge_attr: Tensor | None = None,
    generator: torch.Generator | None = None,
) -> Tensor:
    """Apply a graph convolution to one graph, with the options that it takes, :math:`(|\\mathcal{V}|, F')`.

    Args:
        conv: The convolution.
        z: Representations, :math:`(|\\mathcal{V}|, F)`.
        graph: Edges and edge weights.
        edge_attr: Edge features, for convolutions that take them.
        generator: Generator of the dropout masks, for convolutions whose forward takes it; None otherwise.
    """
    edge_index, weight = graph
    if not isinstance(conv, CONVERTING_CONVS):  # those convert themselves, and may cache the result
        edge_index, weight = edge_index.long(), None if weight is None else weight.to(z.dtype)
    # only options that are used, as not every convolution has them
    options: dict[str, object] = {} if weight is None else {"edge_weight": weight}
    if edge_attr is not None:
        options["edge_attr"] = edge_attr
    if generator is not None:
        options["generator"] = generator
    out: Tensor = conv(z, edge_index, **options)
    return out


class NodewiseLinear(FeatureMap):
    """A linear map of each node's representation that ignores the edges; as a backbone it makes a GNN an MLP.

    Example:
        >>> import torch
        >>> NodewiseLinear(8, 4)(torch.ones(3, 8), torch.tensor([[0], [1]])).shape
        torch.Size([3, 4])
    """

    def forward(  # type: ignore[override]
        self, x: Tensor, edge_index: Tensor, edge_weight: Tensor | None = None
    ) -> Tensor:
        """New representations, :math:`(|\\mathcal{V}|, F')`."""
        return super().forward(x)


BACKBONES: dict[str, Backbone] = {
    "gcn": WeightedGCNConv,
    "dir_gcn": DirectedGCNConv,
    "sage": WeightedSAGEConv,
    "gat": WeightedGATConv,
    "mlp": NodewiseLinear,
    "soft_median": SoftMedianConv,
    "soft_medoid": SoftMedoidConv,
    "gcn_svd": LowRankGCNConv,
}
"""Graph convolutions by name; an entry added here can be used by name in :class:`~torque_core.nn.TorqueGNN`."""

CONVERTING_CONVS: tuple[type[nn.Module], ...] = (WeightedGCNConv, WeightedSAGEConv, WeightedGATConv, NodewiseLinear)
"""Convolutions that accept edges of any integer dtype and edge weights of any dtype."""

CACHING_CONVS: tuple[type[nn.Module], ...] = (WeightedGCNConv, DirectedGCNConv, WeightedSAGEConv)
"""Convolutions whose ``cached=True`` notices a change of the graph."""
