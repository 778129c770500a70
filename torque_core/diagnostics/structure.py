"""Structural measures of a graph."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from torque_core.diagnostics.homophily import (
    adjusted_homophily,
    class_insensitive_homophily,
    edge_homophily,
    label_informativeness,
    node_homophily,
)

__all__ = ["Structure", "components", "structure"]


@dataclass(frozen=True)
class Structure:
    """Measures of a graph; those that depend on labels are None without labels or if undefined.

    Attributes:
        edges: Number of undirected edges.
        edge_homophily: See :func:`~torque_core.diagnostics.edge_homophily`.
        mean_degree: Mean number of neighbours of a node.
        isolated: Number of isolated nodes.
        components: Number of connected components, including isolated nodes.
        node_homophily: See :func:`~torque_core.diagnostics.node_homophily`.
        class_insensitive_homophily: See :func:`~torque_core.diagnostics.class_insensitive_homophily`.
        adjusted_homophily: See :func:`~torque_core.diagnostics.adjusted_homophily`.
        label_informativeness: See :func:`~torque_core.diagnostics.label_informativeness`.
    """

    edges: int
    edge_homophily: float | None
    mean_degree: float
    isolated: int
    components: int
    node_homophily: float | None
    class_insensitive_homophily: float | None
    adjusted_homophily: float | None
    label_informativeness: float | None


def components(pairs: Tensor, num_nodes: int) -> int:
    """Count the connected components, including isolated nodes.

    Example:
        >>> components(torch.tensor([[0], [1]]), 4)
        3
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components  # slow to import

    row, col = pairs.cpu().numpy()
    # each edge once is enough, as the directions are ignored
    graph = coo_array((np.ones(len(row), np.int8), (row, col)), shape=(num_nodes, num_nodes)).tocsr()
    return int(connected_components(graph, directed=False, return_labels=False))


def structure(pairs: Tensor, num_nodes: int, y: Tensor | None = None) -> Structure:
    """Compute the measures of a graph given by its undirected edges, each once.

    Args:
        pairs: Edges, :math:`(2, |\\mathcal{E}|)`.
        num_nodes: :math:`|\\mathcal{V}|`.
        y: Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`.

    Example:
        >>> graph = structure(torch.tensor([[0, 1], [1, 2]]), 4, torch.tensor([0, 0, 1, 1]))
        >>> graph.edges, graph.edge_homophily, graph.mean_degree, graph.isolated, graph.components
        (2, 0.5, 1.0, 1, 2)
    """
    y = torch.full((num_nodes,), -1, device=pairs.device) if y is None else y
    degree = torch.bincount(pairs.flatten(), minlength=num_nodes)
    return Structure(
        edges=pairs.size(1),
        edge_homophily=edge_homophily(pairs, y),
        mean_degree=2 * pairs.size(1) / num_nodes,
        isolated=int((degree == 0).sum()),
        components=components(pairs, num_nodes),
        node_homophily=node_homophily(pairs, y),
        class_insensitive_homophily=class_insensitive_homophily(pairs, y),
        adjusted_homophily=adjusted_homophily(pairs, y),
        label_informativeness=label_informativeness(pairs, y),
    )
