"""Homophily measures from the literature.

All of them consider only edges with two labelled ends, and are None if they are undefined.
"""

import torch
from torch import Tensor
from torch_geometric.utils import homophily

from torque_core.graph.labels import class_labels
from torque_core.graph.pairs import ascending, pairs_to_edge_index

__all__ = [
    "adjusted_homophily",
    "class_insensitive_homophily",
    "edge_homophily",
    "label_informativeness",
    "node_homophily",
]


def edge_homophily(pairs: Tensor, y: Tensor) -> float | None:
    """Compute the fraction of edges whose ends have the same label (Zhu et al., NeurIPS 2020).

    Args:
        pairs: Edges, :math:`(2, |\\mathcal{E}|)`.
        y: Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`.

    Returns:
        A fraction in [0, 1]; None if no edge connects labelled nodes.

    Example:
        >>> edge_homophily(torch.tensor([[0, 1, 2], [1, 2, 3]]), torch.tensor([0, 0, 1, -1]))
        0.5
    """
    y = class_labels(y)
    edges = _labelled(pairs, y)
    return float(homophily(edges, y, method="edge")) if edges.size(1) else None


def node_homophily(pairs: Tensor, y: Tensor) -> float | None:
    """Compute the mean fraction of the neighbours of a node that have its label (Pei et al., ICLR 2020).

    .. math::
        \\frac{1}{|\\mathcal{V}|} \\sum_{v \\in \\mathcal{V}}
        \\frac{|\\{ u \\in \\mathcal{N}(v) : y_u = y_v \\}|}{|\\mathcal{N}(v)|}

    with :math:`\\mathcal{V}` the labelled nodes that have a labelled neighbour. For other nodes the fraction is
    undefined; counting them as zero would make a pruned graph look heterophilous.

    Args:
        pairs: Edges, :math:`(2, |\\mathcal{E}|)`.
        y: Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`.

    Returns:
        A fraction in [0, 1]; None if no edge connects labelled nodes.

    Example:
        >>> node_homophily(torch.tensor([[0, 1, 2], [1, 2, 3]]), torch.tensor([0, 0, 1, -1]))  # 1, 1/2 and 0
        0.5
    """
    y = class_labels(y)
    edges = _labelled(pairs, y)
    if not edges.size(1):
        return None
    has_edge = torch.bincount(edges.flatten(), minlength=len(y)) > 0
    among = has_edge.cumsum(0) - 1  # index of each node among those with an edge
    return float(homophily(among[pairs_to_edge_index(edges)], y[has_edge], method="node"))


def class_insensitive_homophily(pairs: Tensor, y: Tensor) -> float | None:
    """Compute the homophily in excess of what the class sizes imply (Lim et al., NeurIPS 2021, arXiv 2110.14446).

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
        A number in [0, 1], 0 also for heterophily; None if no edge connects labelled nodes, or for a single class.

    Example:
        Each class contains half of the nodes, and h is 2/3 for both.

        >>> round(class_insensitive_homophily(torch.tensor([[0, 1, 2], [1, 2, 3]]), torch.tensor([0, 0, 1, 1])), 4)
        0.3333
    """
    y = class_labels(y)
    known = y >= 0
    classes, label = torch.unique(y[known], return_inverse=True)
    edges = _labelled(pairs, y)
    if not edges.size(1) or len(classes) < 2:
        return None
    among = known.cumsum(0) - 1  # index of each node among the labelled ones
    return float(homophily(among[pairs_to_edge_index(edges)], label, method="edge_insensitive"))


def adjusted_homophily(pairs: Tensor, y: Tensor) -> float | None:
    """Compute the edge homophily corrected for its expected value given the degrees (Platonov et al., NeurIPS 2023).

    .. math::
        h_{adj} = \\frac{h_{edge} - \\sum_k \\bar p(k)^2}{1 - \\sum_k \\bar p(k)^2}, \\qquad
        \\bar p(k) = \\frac{D_k}{2 |\\mathcal{E}|}, \\quad D_k = \\sum_{v : y_v = k} d_v

    (arXiv 2209.06177), with degrees over the edges between labelled nodes: Newman's assortativity coefficient of the
    labels. It is 0 on average for a random graph with the same degrees, so it is comparable between graphs with
    different classes.

    Args:
        pairs: Edges, :math:`(2, |\\mathcal{E}|)`.
        y: Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`.

    Returns:
        A number of at most 1, negative for heterophily; None if no edge connects labelled nodes, or if these nodes are
        all of one class.

    Example:
        Each class has half of the total degree: (2/3 - 1/2) / (1 - 1/2).

        >>> round(adjusted_homophily(torch.tensor([[0, 1, 2], [1, 2, 3]]), torch.tensor([0, 0, 1, 1])), 4)
        0.3333
    """
    y = class_labels(y)
    edges = _labelled(pairs, y)
    fraction = edge_homophily(edges, y)
    degree = torch.bincount(y[edges].flatten())  # (C,)
    if fraction is None or int((degree > 0).sum()) < 2:
        return None
    expected = float((degree.cpu().double() / degree.sum().item()).square().sum())
    return (fraction - expected) / (1 - expected)


def label_informativeness(pairs: Tensor, y: Tensor) -> float | None:
    """Compute how informative the label of a neighbour is about the label of a node.

    The label informativeness (Platonov et al., NeurIPS 2023, arXiv 2209.06177) is the mutual information of the labels
    at the two ends of a random edge, divided by the entropy of one label:

    .. math::
        LI_{edge} = 2 - \\frac{\\sum_{c_1, c_2} p(c_1, c_2) \\log p(c_1, c_2)}{\\sum_c \\bar p(c) \\log \\bar p(c)},

    with :math:`p(c_1, c_2)` the fraction of directed edges from class :math:`c_1` to :math:`c_2`, and
    :math:`\\bar p(c) = \\sum_{c'} p(c, c')`. It can be high for heterophilous graphs, which a GNN can then exploit.

    Args:
        pairs: Edges, :math:`(2, |\\mathcal{E}|)`.
        y: Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`.

    Returns:
        A fraction in [0, 1]; None if no edge connects labelled nodes, or if these nodes are all of one class.

    Example:
        Every neighbour has the other label, which determines the label of the node.

        >>> label_informativeness(torch.tensor([[0, 1, 2], [1, 2, 3]]), torch.tensor([0, 1, 0, 1]))
        1.0
    """
    y = class_labels(y)
    first, second = y[pairs_to_edge_index(_labelled(pairs, y))]
    single = _entropy(first)
    if not single:
        return None
    both = _entropy(first * (first.max() + 1) + second)
    return max(0.0, 2 - both / single)  # rounding takes independent labels below 0


def _labelled(pairs: Tensor, y: Tensor) -> Tensor:
    """The edges with both ends labelled, (2, E)."""
    if bool((y >= 0).all()):
        return pairs
    return pairs[:, (y[pairs] >= 0).all(dim=0)]


def _entropy(outcome: Tensor) -> float:
    """Entropy of the empirical distribution of integers, in nats; 0 for none."""
    if len(outcome) and int(outcome.max()) < len(outcome):
        counts = torch.bincount(outcome)  # faster than sorting, but as long as the largest number
        counts = counts[counts > 0]
    else:
        _, counts = ascending(outcome).unique_consecutive(return_counts=True)
    return float(torch.special.entr(counts.cpu().double() / len(outcome)).sum())
