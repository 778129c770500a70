"""Influence of the features of each node on the output of one node."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from torque_core.diagnostics.walk_influence import check_node
from torque_core.graph.labels import class_labels
from torque_core.utils.evaluating import evaluating

__all__ = ["influence_by_class", "influence_by_hop", "jacobian_influence"]


def jacobian_influence(
    model: Callable[[Tensor, Sequence[Tensor]], Tensor], x: Tensor, edge_indices: Sequence[Tensor], node: int
) -> Tensor:
    """Compute the influence distribution of one node: the sensitivity of its output to the features of every node.

    .. math::
        I_v(u) = \\frac{S(v, u)}{\\sum_w S(v, w)}, \\qquad
        S(v, u) = \\sum_{c, f} \\Big| \\frac{\\partial z_{vc}}{\\partial x_{uf}} \\Big|

    (Xu et al., ICML 2018, arXiv 1806.03536), with :math:`z` the output. A small influence of distant nodes indicates
    over-squashing. A module is evaluated in evaluation mode and restored afterwards; parameter gradients are unchanged.

    The cost is one forward pass and one backward pass per output channel.

    Args:
        model: Function called as ``model(x, edge_indices)`` that returns :math:`(|\\mathcal{V}|, C)`.
        x: Features, dense, :math:`(|\\mathcal{V}|, F)`.
        edge_indices: The graph of each layer, as expected by the model.
        node: The node :math:`v` whose output is explained.

    Returns:
        Fractions that sum to 1, or zeros if no node has any influence, :math:`(|\\mathcal{V}|,)`.

    Raises:
        BadConfig: If the node does not exist.

    Example:
        Two summations over the neighbours on the path 0 - 1 - 2 - 3: node 0 depends on itself and on node 2.

        >>> path = torch.tensor([[0, 1, 1, 2, 2, 3], [1, 0, 2, 1, 3, 2]])
        >>> adjacency = torch.sparse_coo_tensor(path, torch.ones(6), (4, 4), check_invariants=True)
        >>> jacobian_influence(lambda x, _: adjacency @ (adjacency @ x), torch.ones(4, 1), [], 0)
        tensor([0.5000, 0.0000, 0.5000, 0.0000])
    """
    check_node(node, len(x))
    score = torch.zeros(len(x), dtype=x.dtype, device=x.device)
    with evaluating(model), torch.enable_grad():
        leaf = x.detach().clone().requires_grad_()
        for channel in model(leaf, edge_indices)[node]:
            (gradient,) = torch.autograd.grad(channel, leaf, retain_graph=True)  # (N, F)
            score += gradient.abs().sum(dim=1)
    return score / score.sum().clamp(min=torch.finfo(x.dtype).tiny)


def influence_by_hop(influence: Tensor, hops: Tensor) -> Tensor:
    """Sum the influence of the nodes at each number of hops, nearest first; hop -1 is ignored.

    Args:
        influence: See :func:`jacobian_influence`, :math:`(|\\mathcal{V}|,)`.
        hops: See :class:`~torque_core.diagnostics.ReceptiveField`, -1 for nodes outside the receptive field,
            :math:`(|\\mathcal{V}|,)`.

    Returns:
        Fractions, :math:`(H + 1,)` for hops 0 to H.

    Example:
        >>> influence_by_hop(torch.tensor([0.5, 0.25, 0.25, 0.0]), torch.tensor([0, 1, 1, -1]))
        tensor([0.5000, 0.5000])
    """
    return _total_by(influence, hops)


def influence_by_class(influence: Tensor, y: Tensor) -> Tensor:
    """Sum the influence of the nodes of each class; unlabelled nodes are ignored, so the total may be less than 1.

    Args:
        influence: See :func:`jacobian_influence`, :math:`(|\\mathcal{V}|,)`.
        y: Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`.

    Returns:
        Fractions, :math:`(C,)` for classes 0 to the highest label.

    Example:
        >>> influence_by_class(torch.tensor([0.5, 0.25, 0.25]), torch.tensor([1, 0, -1]))
        tensor([0.2500, 0.5000])
    """
    return _total_by(influence, class_labels(y))


def _total_by(influence: Tensor, group: Tensor) -> Tensor:
    group = group.to(influence.device)
    known = group >= 0
    total = torch.zeros(int(group.max()) + 1, dtype=influence.dtype, device=influence.device)
    return total.index_add_(0, group[known], influence[known])
