"""Homophily: how far the edges tell about the labels, in the measures of the field.

All of them look only at edges whose ends are both labelled, and are None where they are not defined.
"""

import torch
from torch import Tensor
from torch_geometric.utils import homophily

from torque_core.graph.pairs import pairs_to_edge_index

__all__ = [
    "adjusted_homophily",
    "class_insensitive_homophily",
    "edge_homophily",
    "label_informativeness",
    "node_homophily",
]


def edge_homophily(pairs: Tensor, y: Tensor) -> float | None:
    """Share of the edges whose ends have the same label (Zhu et al., NeurIPS 2020).

    Args:
        pairs: Edges, :math:`(2, |\\mathcal{E}|)`.
        y: Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`.

    Returns:
        A share in [0, 1]; None without an edge between labelled nodes.

    Example:
        >>> edge_homophily(torch.tensor([[0, 1, 2], [1, 2, 3]]), torch.tensor([0, 0, 1, -1]))
        0.5
    """
    edges = _labelled(pairs, y)
    return float(homophily(edges, y, method="edge")) if edges.size(1) else None


def node_homophily(pairs: Tensor, y: Tensor) -> float | None:
    """Share of a node's neighbours that have its label, on average over the nodes (Pei et al., ICLR 2020).

    .. math::
        \\frac{1}{|\\mathcal{V}|} \\sum_{v \\in \\mathcal{V}}
        \\frac{|\\{ u \\in \\mathcal{N}(v) : y_u = y_v \\}|}{|\\mathcal{N}(v)|}

    with :math:`\\mathcal{V}` the labelled nodes that have a labelled neighbour: of the others there is no share, and
    counted as zero they would make pruning look heterophilous.

    Args:
        pairs: Edges, :math:`(2, |\\mathcal{E}|)`.
        y: Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`.

    Returns:
        A share in [0, 1]; None without an edge between labelled nodes.

    Example:
        >>> node_homophily(torch.tensor([[0, 1, 2], [1, 2, 3]]), torch.tensor([0, 0, 1, -1]))  # 1, 1/2 and 0
        0.5
    """
    edges = _labelled(pairs, y)
    if not edges.size(1):
        return None
    nodes, among = torch.unique(pairs_to_edge_index(edges), return_inverse=True)
    return float(homophily(among, y[nodes], method="node"))


def class_insensitive_homophily(pairs: Tensor, y: Tensor) -> float | None:
    """Homophily beyond what the sizes of the classes alone would bring (Lim et al., NeurIPS 2021, arXiv 2110.14446).

    .. math::
        \\frac{1}{C - 1} \\sum_{k=1}^{C} \\max \\Big( 0, h_k - \\frac{|\\mathcal{C}_k|}{|\\mathcal{V}|} \\Big), \\qquad
        h_k = \\frac{\\sum_{v \\in \\mathcal{C}_k} |\\{ u \\in \\mathcal{N}(v) : y_u = k \\}|}
                    {\\sum_{v \\in \\mathcal{C}_k} |\\mathcal{N}(v)|}

    with :math:`\\mathcal{V}` the labelled nodes, isolated ones included, and :math:`\\mathcal{C}_k` those of class
    :math:`k`; :math:`C` counts the classes that occur. A class without an edge has :math:`h_k = 0`.

    Args:
        pairs: Edges, :math:`(2, |\\mathcal{E}|)`.
        y: Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`.

    Returns:
        A number in [0, 1], 0 also for heterophily; None without an edge between labelled nodes, or with one class.

    Example:
        Half of all nodes are in each class, and h is 2/3 for either.

        >>> round(class_insensitive_homophily(torch.tensor([[0, 1, 2], [1, 2, 3]]), torch.tensor([0, 0, 1, 1])), 4)
        0.3333
    """
    known = y >= 0
    classes, label = torch.unique(y[known], return_inverse=True)
    edges = _labelled(pairs, y)
    if not edges.size(1) or len(classes) < 2:
        return None
    among = known.cumsum(0) - 1  # a node's place among the labelled ones
    return float(homophily(among[pairs_to_edge_index(edges)], label, method="edge_insensitive"))


def adjusted_homophily(pairs: Tensor, y: Tensor) -> float | None:
    """Edge homophily, less what the degrees of the classes would bring by chance (Platonov et al., NeurIPS 2023).

    .. math::
        h_{adj} = \\frac{h_{edge} - \\sum_k \\bar p(k)^2}{1 - \\sum_k \\bar p(k)^2}, \\qquad
        \\bar p(k) = \\frac{D_k}{2 |\\mathcal{E}|}, \\quad D_k = \\sum_{v : y_v = k} d_v

    (arXiv 2209.06177), with degrees over the edges between labelled nodes: Newman's assortativity coefficient of the
    labels. 0 is what a random graph with the same degrees has on average, so graphs with different classes compare.

    Args:
        pairs: Edges, :math:`(2, |\\mathcal{E}|)`.
        y: Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`.

    Returns:
        A number of at most 1, below 0 for heterophily; None without an edge between labelled nodes, or where they are
        all of one class.

    Example:
        Both classes have half of the degrees: (2/3 - 1/2) / (1 - 1/2).

        >>> round(adjusted_homophily(torch.tensor([[0, 1, 2], [1, 2, 3]]), torch.tensor([0, 0, 1, 1])), 4)
        0.3333
    """
    edges = _labelled(pairs, y)
    share = edge_homophily(edges, y)
    degree = torch.bincount(y[edges].flatten())  # (C,)
    if share is None or int((degree > 0).sum()) < 2:
        return None
    chance = float((degree.cpu().double() / degree.sum().item()).square().sum())
    return (share - chance) / (1 - chance)


def label_informativeness(pairs: Tensor, y: Tensor) -> float | None:
    """How much of a node's label its neighbour's label gives away (Platonov et al., NeurIPS 2023, arXiv 2209.06177).

    The mutual information of the labels at the two ends of an edge drawn at random, by the entropy of one label:

    .. math::
        LI_{edge} = 2 - \\frac{\\sum_{c_1, c_2} p(c_1, c_2) \\log p(c_1, c_2)}{\\sum_c \\bar p(c) \\log \\bar p(c)},

    with :math:`p(c_1, c_2)` the share of directed edges from class :math:`c_1` to :math:`c_2`, and
    :math:`\\bar p(c) = \\sum_{c'} p(c, c')`. Heterophilous graphs can have a high one: it is what a GNN can use.

    Args:
        pairs: Edges, :math:`(2, |\\mathcal{E}|)`.
        y: Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`.

    Returns:
        A share in [0, 1]; None without an edge between labelled nodes, or where they are all of one class.

    Example:
        Every neighbour has the other label, which tells all.

        >>> label_informativeness(torch.tensor([[0, 1, 2], [1, 2, 3]]), torch.tensor([0, 1, 0, 1]))
        1.0
    """
    first, second = y[pairs_to_edge_index(_labelled(pairs, y))]
    single = _entropy(first)
    if not single:
        return None
    both = _entropy(first * (first.max() + 1) + second)
    return max(0.0, 2 - both / single)  # rounding takes independent labels below 0


def _labelled(pairs: Tensor, y: Tensor) -> Tensor:
    """The edges with both ends labelled, (2, E)."""
    return pairs[:, (y[pairs] >= 0).all(dim=0)]


def _entropy(outcome: Tensor) -> float:
    """Entropy of the empirical distribution of integers, in nats; 0 for none."""
    _, counts = torch.unique(outcome, return_counts=True)
    return float(torch.special.entr(counts.cpu().double() / len(outcome)).sum())
