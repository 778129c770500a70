"""Smoothness of node representations over the edges, to detect over-smoothing."""

import torch
from torch import Tensor
from torch.nn.functional import normalize

from torque_core.diagnostics._blocks import squared_distances
from torque_core.graph.pairs import pairs_to_edge_index

__all__ = ["dirichlet_energy", "mean_average_distance"]


def dirichlet_energy(x: Tensor, pairs: Tensor) -> float:
    """Compute the Dirichlet energy under the normalised Laplacian with self-loops (Cai & Wang 2020, arXiv 2006.13318).

    .. math::
        E(X) = \\mathrm{tr}(X^\\top \\tilde\\Delta X) = \\frac{1}{2} \\sum_i \\sum_{j \\in \\mathcal{N}(i)}
        \\Big\\lVert \\frac{x_i}{\\sqrt{1 + d_i}} - \\frac{x_j}{\\sqrt{1 + d_j}} \\Big\\rVert^2 .

    The double sum includes every edge twice, so the factor 1/2 leaves one term per undirected edge. The energy grows
    with the number of edges and with the square of the scale of the features. It is 0 if the rows are proportional to
    :math:`\\sqrt{1 + d_i}`, the limit of many GCN layers.

    Args:
        x: Features or a hidden representation, :math:`(|\\mathcal{V}|, F)`.
        pairs: Edges, :math:`(2, |\\mathcal{E}|)`.

    Returns:
        A number of at least 0; 0 if there is no edge.

    Example:
        Both end nodes have degree 1, so the energy is the square of 2 / sqrt(2) - 0.

        >>> round(dirichlet_energy(torch.tensor([[2.0], [0.0]]), torch.tensor([[0], [1]])), 6)
        2.0
    """
    degree = torch.bincount(pairs.flatten(), minlength=len(x))
    # in deep networks representations can vanish so far that their squares would underflow
    unit = x.abs().max().clamp(min=torch.finfo(x.dtype).tiny)
    rows = x / unit / (1 + degree).to(x.dtype).sqrt()[:, None]
    return float(squared_distances(rows, pairs).cpu().double().sum()) * float(unit) ** 2


def mean_average_distance(x: Tensor, pairs: Tensor) -> float | None:
    """Compute the mean average distance (MAD) between neighbours (Chen et al., AAAI 2020, arXiv 1909.03211).

    .. math::
        \\frac{1}{|\\mathcal{V}^+|} \\sum_{i \\in \\mathcal{V}^+} \\frac{1}{d_i} \\sum_{j \\in \\mathcal{N}(i)}
        \\big( 1 - \\cos(x_i, x_j) \\big)

    The paper averages over the node pairs of a mask. Here the mask is the adjacency matrix, and
    :math:`\\mathcal{V}^+` are the nodes that have neighbours. Unlike in the paper, distances of zero are included in
    the mean, because rounding would determine which distances are exactly zero. A zero row has distance 1 from every
    row.

    Args:
        x: Features or a hidden representation, :math:`(|\\mathcal{V}|, F)`.
        pairs: Edges, :math:`(2, |\\mathcal{E}|)`.

    Returns:
        A distance in [0, 2], 0 if all neighbours have the same direction; None if there is no edge.

    Example:
        The end nodes of the path have mean distances 0 and 1, the middle node 1/2.

        >>> mean_average_distance(torch.tensor([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]]), torch.tensor([[0, 1], [1, 2]]))
        0.5
    """
    if not pairs.size(1):
        return None
    # divide by the largest entry first: squares of very small entries would underflow
    unit_rows = normalize(normalize(x, p=torch.inf, eps=torch.finfo(x.dtype).tiny))
    zero = ~x.any(dim=1)
    # half the squared distance of unit rows equals the cosine distance, but is accurate for small distances
    distance = torch.where(zero[pairs].any(dim=0), 1.0, squared_distances(unit_rows, pairs) / 2)  # (E,)
    target = pairs_to_edge_index(pairs)[0].cpu()
    total = torch.zeros(len(x), dtype=torch.double).index_add_(0, target, distance.cpu().double().repeat(2))
    degree = torch.bincount(target, minlength=len(x))
    has_neighbours = degree > 0
    return float((total[has_neighbours] / degree[has_neighbours]).mean())
