"""Structure: numbers that say what a graph is like, before and after rewiring."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.utils import homophily

from torque_core.graph import pairs_to_edge_index

__all__ = ["Structure", "components", "edge_homophily", "structure"]


@dataclass(frozen=True)
class Structure:
    """A graph in numbers.

    Attributes:
        edges: Undirected edges.
        edge_homophily: See :func:`edge_homophily`; None without labels.
        mean_degree: Edges per node, times two.
        isolated: Nodes without an edge.
        components: Connected components, isolated nodes included.
    """

    edges: int
    edge_homophily: float | None
    mean_degree: float
    isolated: int
    components: int


def edge_homophily(pairs: Tensor, y: Tensor) -> float | None:
    """Share of the edges whose ends have the same label, over edges with both ends labelled; None if there are none.

    Args:
        pairs: Edges, :math:`(2, |\\mathcal{E}|)`.
        y: Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`.

    Example:
        >>> edge_homophily(torch.tensor([[0, 1, 2], [1, 2, 3]]), torch.tensor([0, 0, 1, -1]))
        0.5
    """
    labelled = (y[pairs[0]] >= 0) & (y[pairs[1]] >= 0)
    if not bool(labelled.any()):
        return None
    return float(homophily(pairs[:, labelled], y, method="edge"))


def components(pairs: Tensor, num_nodes: int) -> int:
    """Number of connected components; an isolated node is one.

    Example:
        >>> components(torch.tensor([[0], [1]]), 4)
        3
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    row, col = pairs.cpu().numpy()
    adjacency = coo_array((torch.ones(len(row)).numpy(), (row, col)), shape=(num_nodes, num_nodes))
    return int(connected_components(adjacency, directed=False, return_labels=False))


def structure(pairs: Tensor, num_nodes: int, y: Tensor | None = None) -> Structure:
    """Describe a graph given by its undirected edges, each once.

    Example:
        >>> structure(torch.tensor([[0, 1], [1, 2]]), 4, torch.tensor([0, 0, 1, 1]))
        Structure(edges=2, edge_homophily=0.5, mean_degree=1.0, isolated=1, components=2)
    """
    degree = torch.bincount(pairs_to_edge_index(pairs)[0], minlength=num_nodes)
    return Structure(
        edges=pairs.size(1),
        edge_homophily=None if y is None else edge_homophily(pairs, y),
        mean_degree=2 * pairs.size(1) / num_nodes,
        isolated=int((degree == 0).sum()),
        components=components(pairs, num_nodes),
    )
