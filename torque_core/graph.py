"""The graph as torque sees it: simple, undirected, each edge once.

PyTorch Geometric stores an undirected edge twice, as :math:`(i, j)` and :math:`(j, i)`. Torque is one
number per undirected edge, so everything in this package works on **pairs**: a tensor of shape
:math:`(2, |\\mathcal{E}|)` with :math:`i < j` in every column, sorted and without repeats. A pair's column is
its edge id.
"""

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.errors import BadGraph

__all__ = ["check_graph", "pair_keys", "pairs_to_edge_index", "undirected_pairs"]


def undirected_pairs(edge_index: Tensor, num_nodes: int) -> Tensor:
    """Each undirected edge of ``edge_index`` once: no self-loops, no repeats, sorted.

    Args:
        edge_index: Edges in either or both directions, :math:`(2, M)`.
        num_nodes: :math:`|\\mathcal{V}|`.

    Returns:
        Pairs with :math:`i < j`, shape :math:`(2, |\\mathcal{E}|)`.

    Example:
        >>> undirected_pairs(torch.tensor([[1, 0, 2, 2], [0, 1, 2, 1]]), 3)
        tensor([[0, 1],
                [1, 2]])
    """
    low, high = edge_index.long().aminmax(dim=0)
    keys = torch.unique((low * num_nodes + high)[low != high])
    return torch.stack([keys // num_nodes, keys % num_nodes])


def pairs_to_edge_index(pairs: Tensor) -> Tensor:
    """Both directions of every pair, the form PyG's layers expect: :math:`(2, 2|\\mathcal{E}|)`.

    Example:
        >>> pairs_to_edge_index(torch.tensor([[0], [2]]))
        tensor([[0, 2],
                [2, 0]])
    """
    return torch.cat([pairs, pairs.flip(0)], dim=1)


def pair_keys(pairs: Tensor, num_nodes: int) -> Tensor:
    """One integer per pair, :math:`i |\\mathcal{V}| + j`, shape :math:`(|\\mathcal{E}|,)`: for set operations.

    Example:
        >>> pair_keys(torch.tensor([[0, 1], [2, 2]]), 3)
        tensor([2, 5])
    """
    return pairs[0] * num_nodes + pairs[1]


def check_graph(data: Data) -> Data:
    """Return ``data`` if it can be rewired, or raise :class:`BadGraph` saying what is wrong.

    Args:
        data: A graph with ``x`` :math:`(|\\mathcal{V}|, F)` and ``edge_index`` :math:`(2, M)`; ``y``
            :math:`(|\\mathcal{V}|,)`, if there, must have one entry per node.

    Example:
        >>> check_graph(Data(x=torch.ones(2, 1), edge_index=torch.tensor([[0], [5]])))
        Traceback (most recent call last):
        ...
        torque_core.errors.BadGraph: edge_index names node 5, but the graph has 2 nodes (0 to 1)
    """
    x, edge_index, y = data.x, data.edge_index, data.y
    if x is None:
        raise BadGraph("the graph has no node features x; give each node a row (an identity matrix will do)")
    if edge_index is None:
        raise BadGraph("the graph has no edge_index; give a (2, M) tensor of node indices, M may be 0")
    if x.dim() != 2 or x.size(1) == 0:
        raise BadGraph(f"x must have shape (nodes, features) with features >= 1, got {tuple(x.shape)}")
    num_nodes = len(x)
    if num_nodes < 2:
        raise BadGraph(f"the graph has {num_nodes} node(s); rewiring needs at least 2")
    if "num_nodes" in data and data.num_nodes != num_nodes:
        raise BadGraph(f"x has {num_nodes} rows, but num_nodes says {data.num_nodes}; they must agree")
    if edge_index.dim() != 2 or edge_index.size(0) != 2:
        raise BadGraph(f"edge_index must have shape (2, M), got {tuple(edge_index.shape)}")
    if edge_index.is_floating_point() or edge_index.dtype == torch.bool:
        raise BadGraph(f"edge_index must hold integers, got {edge_index.dtype}")
    for name in ("edge_weight", "edge_attr"):
        if data.get(name) is not None:
            raise BadGraph(f"{name} has no say in torque yet and would be lost without a word; delete it first")
    if edge_index.numel() and (bad := int(edge_index.max())) >= num_nodes:
        raise BadGraph(f"edge_index names node {bad}, but the graph has {num_nodes} nodes (0 to {num_nodes - 1})")
    if edge_index.numel() and (bad := int(edge_index.min())) < 0:
        raise BadGraph(f"edge_index names node {bad}; node indices start at 0")
    if not torch.isfinite(x).all():
        row = int((~torch.isfinite(x)).any(dim=1).nonzero()[0])
        raise BadGraph(f"x holds NaN or infinity, first in row {row}; replace or drop such values")
    if isinstance(y, Tensor) and (y.dim() == 0 or len(y) != num_nodes):
        labels = len(y) if y.dim() else 0
        raise BadGraph(f"y has {labels} labels for {num_nodes} nodes; use -1 where a label is unknown")
    return data
