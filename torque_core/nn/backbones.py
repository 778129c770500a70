"""The graph convolution of a layer, by name or as the user's own."""

import inspect
from collections.abc import Callable

from torch import Tensor, nn

from torque_core.errors import BadConfig
from torque_core.nn.convs import WeightedGATConv, WeightedGCNConv, WeightedSAGEConv
from torque_core.nn.sparse_features import FeatureMap

__all__ = ["BACKBONES", "Backbone", "NoConv", "make_conv", "takes_edge_weight"]

Backbone = Callable[[int, int], nn.Module]

# what a convolution calls its use of the node's own representation
_OWN_PART = ("add_self_loops", "root_weight")


def make_conv(backbone: str | Backbone, in_channels: int, out_channels: int, *, own_part: bool = True) -> nn.Module:
    """A graph convolution :math:`(|\\mathcal{V}|, F) \\to (|\\mathcal{V}|, F')`.

    Args:
        backbone: A name in :data:`BACKBONES`, a PyG convolution, or any ``(in_channels, out_channels) -> module``
            whose forward is ``(x, edge_index)`` or ``(x, edge_index, edge_weight)``.
        in_channels: Width :math:`F` of the input.
        out_channels: Width :math:`F'` of the output.
        own_part: False leaves the node's own representation out, where the backbone has ``add_self_loops`` or
            ``root_weight`` to say so; another backbone is made as it is.

    Example:
        >>> from functools import partial
        >>> from torch_geometric.nn import TAGConv
        >>> make_conv(partial(TAGConv, K=2), 8, 4)
        TAGConv(8, 4, K=2)
        >>> make_conv("gcn", 8, 4, own_part=False).add_self_loops
        False
    """
    make = BACKBONES.get(backbone) if isinstance(backbone, str) else backbone
    if not callable(make):
        raise BadConfig(
            f"backbone must be one of {', '.join(BACKBONES)} or a graph convolution's class; got {backbone!r}"
        )
    known = inspect.signature(make).parameters
    return make(in_channels, out_channels, **({} if own_part else {name: False for name in _OWN_PART if name in known}))


def takes_edge_weight(conv: nn.Module) -> bool:
    """Whether the convolution's forward has an ``edge_weight``.

    Example:
        >>> from torch_geometric.nn import GraphConv, GATConv
        >>> takes_edge_weight(GraphConv(8, 4)), takes_edge_weight(GATConv(8, 4))
        (True, False)
    """
    return "edge_weight" in inspect.signature(conv.forward).parameters


class NoConv(FeatureMap):
    """A linear map of each node's own representation, whatever its edges: with it a GNN is a plain MLP.

    Example:
        >>> import torch
        >>> NoConv(8, 4)(torch.ones(3, 8), torch.tensor([[0], [1]])).shape
        torch.Size([3, 4])
    """

    def forward(  # type: ignore[override]
        self, x: Tensor, edge_index: Tensor, edge_weight: Tensor | None = None
    ) -> Tensor:
        """New representations, :math:`(|\\mathcal{V}|, F')`."""
        return super().forward(x)


BACKBONES: dict[str, Backbone] = {
    "gcn": WeightedGCNConv,
    "sage": WeightedSAGEConv,
    "gat": WeightedGATConv,
    "mlp": NoConv,
}
"""Graph convolutions by name; add your own to use it in :class:`~torque_core.nn.TorqueGNN`."""
