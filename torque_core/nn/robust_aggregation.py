"""Graph convolutions with robust aggregation: soft median and soft medoid."""

from abc import abstractmethod

import torch
from torch import Tensor
from torch_geometric.utils import scatter, softmax

from torque_core.errors import BadConfig
from torque_core.nn.normalisation import symmetric_norm
from torque_core.nn.sparse_features import MappedConv

__all__ = ["SoftMedianConv", "SoftMedoidConv"]


class _RobustConv(MappedConv):
    """GCN convolution whose sum over the neighbours is replaced by a robust location estimate.

    Each neighbour, and the node itself, has the coefficient :math:`a_{ij}` of ``GCNConv`` and a distance
    :math:`c_{ij} \\ge 0` from the centre of the neighbourhood, which subclasses define:

    .. math::
        h'_i = \\alpha_i \\sum_j s_{ij} a_{ij} W h_j + b, \\qquad
        s_{ij} = \\mathrm{softmax}_j \\Big( -\\frac{c_{ij}}{T} \\Big), \\qquad
        \\alpha_i = \\frac{\\sum_j a_{ij}}{\\sum_j s_{ij} a_{ij}}

    As :math:`T \\to \\infty` this is ``GCNConv``; the smaller :math:`T`, the fewer messages far from the others count.
    """

    def __init__(self, in_channels: int, out_channels: int, *, temperature: float = 0.5) -> None:
        super().__init__(in_channels, out_channels)
        if not temperature > 0:
            raise BadConfig(f"temperature must be greater than 0, got {temperature}")
        self.temperature = temperature

    def forward(self, x: Tensor, edge_index: Tensor, edge_weight: Tensor | None = None) -> Tensor:
        """New representations, :math:`(|\\mathcal{V}|, F')`.

        Args:
            x: Representations, :math:`(|\\mathcal{V}|, F)`.
            edge_index: Edges without self-loops, :math:`(2, M)`.
            edge_weight: Edge weights, at least 0, :math:`(M,)`; None for 1 everywhere.
        """
        h = self.lin(x)  # (N, F')
        size = h.size(0)
        weight = None if edge_weight is None else edge_weight.to(h.dtype)
        (source, target), weight = symmetric_norm(edge_index.long(), weight, size, h.dtype)
        order = target.argsort(stable=True)
        source, target, weight = source[order], target[order], weight[order]
        distance = self.distances(h, source, target, weight)  # (M',)
        robust = weight * softmax(-distance / self.temperature, target, num_nodes=size)
        total, kept = (scatter(values, target, dim_size=size, reduce="sum") for values in (weight, robust))
        robust = robust * (total / kept.clamp(min=torch.finfo(h.dtype).tiny))[target]
        return scatter(robust[:, None] * h[source], target, dim_size=size, reduce="sum") + self.bias

    @abstractmethod
    def distances(self, h: Tensor, source: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        """Distance of each message from the centre of its target's neighbourhood, :math:`(M,)`.

        Args:
            h: Messages, :math:`(|\\mathcal{V}|, F')`.
            source: Source of each edge, self-loops included, :math:`(M,)`.
            target: Target of each edge, sorted, :math:`(M,)`.
            weight: Coefficient of each edge, :math:`(M,)`.
        """

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.lin.in_channels}, {self.lin.out_channels}, T={self.temperature})"


class SoftMedianConv(_RobustConv):
    """GCN convolution with the soft median (Geisler et al., NeurIPS 2021, arXiv 2110.14038).

    .. math::
        c_{ij} = \\frac{1}{\\sqrt{F'}} \\lVert W h_j - m_i \\rVert

    where :math:`m_i` is the dimension-wise median of the messages of :math:`i`, weighted by :math:`a_{ij}`: the
    smallest value up to which half of the weight has been counted. The other terms are those of ``GCNConv`` with the
    weights :math:`s_{ij} = \\mathrm{softmax}_j(-c_{ij} / T)`, scaled so that the sum of the weights is the same.

    Args:
        in_channels: Width of the input; -1 for that of the first input.
        out_channels: Width of the output.
        temperature: Temperature :math:`T`; as it grows, the convolution becomes ``GCNConv``.

    Example:
        >>> conv = SoftMedianConv(1, 1, temperature=0.01)
        >>> _ = torch.nn.init.ones_(conv.lin.weight)
        >>> x, edge_index = torch.tensor([[1.0], [1.0], [90.0]]), torch.tensor([[1, 2], [0, 0]])
        >>> (conv(x, edge_index)[0] < 3).item()  # the outlier is ignored
        True
    """

    def distances(self, h: Tensor, source: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        """See :class:`SoftMedianConv`."""
        median = _weighted_medians(h.detach()[source], target, weight.detach(), h.size(0))
        return (h[source] - median[target]).norm(dim=1) / h.size(1) ** 0.5


class SoftMedoidConv(_RobustConv):
    """GCN convolution with the soft medoid (Geisler et al., NeurIPS 2020, arXiv 2010.15651).

    .. math::
        c_{ij} = \\sum_k a_{ik} \\lVert W h_k - W h_j \\rVert

    over the messages :math:`k` of the same neighbourhood: the medoid is the message nearest to all others. The other
    terms are those of :class:`SoftMedianConv`. All pairs within each neighbourhood are compared, so time and memory
    grow with the squares of the degrees.

    Args:
        in_channels: Width of the input; -1 for that of the first input.
        out_channels: Width of the output.
        temperature: Temperature :math:`T`; as it grows, the convolution becomes ``GCNConv``.

    Example:
        >>> conv = SoftMedoidConv(1, 1, temperature=0.01)
        >>> _ = torch.nn.init.ones_(conv.lin.weight)
        >>> x, edge_index = torch.tensor([[1.0], [1.0], [90.0]]), torch.tensor([[1, 2], [0, 0]])
        >>> (conv(x, edge_index)[0] < 3).item()  # the outlier is ignored
        True
    """

    def distances(self, h: Tensor, source: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        """See :class:`SoftMedoidConv`."""
        count = torch.bincount(target, minlength=h.size(0))  # messages of each node
        start = count.cumsum(0) - count
        first = torch.arange(len(target), device=h.device).repeat_interleave(count[target])  # pairs (first, second)
        within = torch.arange(len(first), device=h.device) - (count[target].cumsum(0) - count[target])[first]
        second = start[target[first]] + within
        difference = h[source[second]] - h[source[first]]
        # the gradient of a norm is not defined at 0, where a message is compared with itself
        distance = (difference.square().sum(dim=1) + torch.finfo(h.dtype).tiny).sqrt()
        return scatter(weight[second] * distance, first, dim_size=len(target), reduce="sum")


def _weighted_medians(values: Tensor, group: Tensor, weight: Tensor, num_groups: int) -> Tensor:
    """Dimension-wise weighted median of each group, (G, F'); ``group`` is sorted, (M,), and every group has values."""
    order = values.argsort(dim=0)
    order = order.gather(0, group[order].argsort(dim=0, stable=True))  # (M, F') by group, then by value
    cumulative = weight.double()[order].cumsum(dim=0)
    count = torch.bincount(group, minlength=num_groups)
    end = count.cumsum(0)
    before = torch.cat([cumulative.new_zeros(1, cumulative.size(1)), cumulative])[end - count]  # (G, F')
    half = (before + cumulative[end - 1]) / 2
    below = (cumulative < half[group] - 1e-9).long()
    position = (end - count)[:, None] + scatter(below, group, dim=0, dim_size=num_groups, reduce="sum")
    return values.gather(0, order.gather(0, position))
