"""GCN convolution for directed graphs, normalised by the degrees of the direction."""

from functools import partial

from torque_core.nn.normalisation import symmetric_norm
from torque_core.nn.weighted_gcn import WeightedGCNConv

__all__ = ["DirectedGCNConv"]


class DirectedGCNConv(WeightedGCNConv):
    """The convolution of Dir-GNN (Rossi et al., LoG 2023, arXiv 2305.10498) in one direction, without self-loops.

    .. math::
        h'_i = \\sum_{j : j \\to i} \\frac{w_{ji}}{\\sqrt{d^+_j d^-_i}} W h_j + b

    with the out-degree :math:`d^+_j = \\max(1, \\sum_k w_{jk})` of the sender and the in-degree
    :math:`d^-_i = \\max(1, \\sum_k w_{ki})` of the receiver. In an undirected graph this is
    :class:`~torque_core.nn.WeightedGCNConv` without self-loops. :class:`~torque_core.nn.TorqueGNN` with
    ``directions=("forth", "back")`` and this backbone is Dir-GNN, with a learned weight of the second direction.

    Args:
        in_channels: Width of the input; -1 for that of the first input.
        out_channels: Width of the output.
        bias: Whether to add :math:`b`.
        cached: Whether to keep the sorted edges, see :class:`~torque_core.nn.edge_cache.EdgeSumCache`.
        flow: ``source_to_target``, or ``target_to_source`` to send messages against the edges.

    Example:
        >>> import torch
        >>> conv = DirectedGCNConv(1, 1, bias=False)
        >>> _ = conv.lin.weight.data.fill_(1)
        >>> x, edge_index = torch.tensor([[1.0], [2.0], [4.0]]), torch.tensor([[0, 1], [2, 2]])
        >>> conv(x, edge_index).flatten().tolist()  # node 2 receives (1 + 2) / sqrt(2)
        [0.0, 0.0, 2.1213202476501465]
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        bias: bool = True,
        cached: bool = False,
        flow: str = "source_to_target",
    ) -> None:
        super().__init__(in_channels, out_channels, add_self_loops=False, bias=bias, cached=cached, flow=flow)
        self._set_norm(partial(symmetric_norm, loops=False, both_degrees=True), flow)
