"""Undirected pairs: every edge of a graph once, without self-loops.

PyTorch Geometric stores an undirected edge twice, as :math:`(i, j)` and :math:`(j, i)`. Torque is one
number per undirected edge, so this package represents edges as **pairs**: a tensor of shape
:math:`(2, |\\mathcal{E}|)` with :math:`i < j` in every column, sorted and without duplicates. The column index of a
pair is its edge id.
"""

import copy

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Batch, Data

from torque_core.errors import BadGraph
from torque_core.graph.features import check_range, dense_features

__all__ = [
    "ascending",
    "check_graph",
    "directed_edges",
    "direction_weights",
    "input_graph",
    "is_among",
    "mean_direction_weight",
    "pair_keys",
    "pairs_to_edge_index",
    "positions_among",
    "sorted_edges",
    "undirected_pairs",
]


def undirected_pairs(edge_index: Tensor, num_nodes: int) -> Tensor:
    """Return the undirected edges of ``edge_index``, sorted, without self-loops or duplicates.

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
    return _undirected_pairs(*_keys_by_direction(edge_index, num_nodes), num_nodes)


def _keys_by_direction(edge_index: Tensor, num_nodes: int) -> tuple[Tensor, Tensor]:
    """Sorted keys of the pairs :math:`i < j` with an edge from i to j, and of those with an edge from j to i."""
    source, target = edge_index.long()
    forth, back = source < target, source > target
    keys = source[forth] * num_nodes + target[forth], target[back] * num_nodes + source[back]
    return ascending(keys[0]).unique_consecutive(), ascending(keys[1]).unique_consecutive()


def _undirected_pairs(forth: Tensor, back: Tensor, num_nodes: int) -> Tensor:
    keys = forth if torch.equal(forth, back) else ascending(torch.cat([forth, back])).unique_consecutive()
    return torch.stack([keys // num_nodes, keys % num_nodes])


def sorted_edges(edge_index: Tensor, num_nodes: int) -> Tensor:
    """Return each directed edge once, sorted; much faster on a CPU than :func:`torch_geometric.utils.coalesce`.

    Args:
        edge_index: Edges, :math:`(2, M)`.
        num_nodes: :math:`|\\mathcal{V}|`.

    Returns:
        The distinct edges, :math:`(2, |\\mathcal{E}|)`.

    Example:
        >>> sorted_edges(torch.tensor([[2, 1, 2], [0, 2, 0]]), 3)
        tensor([[1, 2],
                [2, 0]])
    """
    keys = ascending(pair_keys(edge_index.long(), num_nodes)).unique_consecutive()
    return torch.stack([keys // num_nodes, keys % num_nodes])


def ascending(values: Tensor) -> Tensor:
    """Sort values in ascending order; on a CPU with numpy, which is many times faster there than torch.

    Example:
        >>> ascending(torch.tensor([3, 1, 2]))
        tensor([1, 2, 3])
    """
    if values.device.type != "cpu":
        return values.sort().values
    if bool((values[1:] >= values[:-1]).all()):  # often so, and quicker to see than to sort
        return values.detach()
    return torch.from_numpy(np.sort(values.detach().numpy()))


def pairs_to_edge_index(pairs: Tensor) -> Tensor:
    """Return both directions of every pair, as the layers of PyG expect, :math:`(2, 2|\\mathcal{E}|)`.

    Example:
        >>> pairs_to_edge_index(torch.tensor([[0], [2]]))
        tensor([[0, 2],
                [2, 0]])
    """
    return torch.cat([pairs, pairs.flip(0)], dim=1)


def pair_keys(pairs: Tensor, num_nodes: int) -> Tensor:
    """Encode each pair as the integer :math:`i |\\mathcal{V}| + j`, for set operations, :math:`(|\\mathcal{E}|,)`.

    Example:
        >>> pair_keys(torch.tensor([[0, 1], [2, 2]]), 3)
        tensor([2, 5])
    """
    return (pairs[0] * num_nodes).add_(pairs[1])


def positions_among(pairs: Tensor, edges: Tensor, num_nodes: int) -> Tensor:
    """Return the column of each pair in the sorted ``edges``, -1 for pairs that are not edges, :math:`(P,)`.

    Example:
        >>> positions_among(torch.tensor([[0, 1], [1, 3]]), torch.tensor([[0, 1], [2, 3]]), 4)
        tensor([-1,  1])
    """
    keys, sorted_keys = pair_keys(pairs, num_nodes), pair_keys(edges, num_nodes)
    if not len(sorted_keys):
        return torch.full_like(keys, -1)
    position = torch.searchsorted(sorted_keys, keys).clamp_(max=len(sorted_keys) - 1)
    return torch.where(sorted_keys[position] == keys, position, -1)


def is_among(pairs: Tensor, edges: Tensor, num_nodes: int) -> Tensor:
    """Mask of the pairs that are in the sorted ``edges``, bool, :math:`(P,)`."""
    return positions_among(pairs, edges, num_nodes) >= 0


def direction_weights(data: Data, pairs: Tensor) -> Tensor | None:
    """Weights of each pair in both directions, :math:`i` to :math:`j` first, :math:`(2, |\\mathcal{E}|)`.

    A direction without an edge has weight 0. Weights of repeated edges are added. The result is None if the graph has
    no weights and every edge is present in both directions.

    Args:
        data: The graph, optionally with ``edge_weight`` :math:`(M,)`.
        pairs: Its undirected pairs, see :func:`undirected_pairs`.

    Example:
        >>> data = Data(edge_index=torch.tensor([[0, 2, 1], [1, 1, 2]]), num_nodes=3)  # 0 to 1 only
        >>> direction_weights(data, torch.tensor([[0, 1], [1, 2]]))
        tensor([[1., 1.],
                [0., 1.]])
    """
    num_nodes = int(data.num_nodes or 0)
    if data.get("edge_weight") is None and torch.equal(*_keys_by_direction(data["edge_index"], num_nodes)):
        return None
    return _sums_by_direction(data, pairs)


def _sums_by_direction(data: Data, pairs: Tensor) -> Tensor:
    """Sum of the weights of each pair in both directions, 1 for each direction that exists without weights."""
    source, target = data["edge_index"].long()
    weight, num_nodes = data.get("edge_weight"), int(data.num_nodes or 0)
    ends = torch.stack([torch.minimum(source, target), torch.maximum(source, target)])
    position = positions_among(ends, pairs, num_nodes)
    is_pair = position >= 0  # neither a self-loop nor of weight zero
    position = (position + pairs.size(1) * (source > target))[is_pair]
    total = torch.zeros(2 * pairs.size(1), dtype=torch.float32, device=pairs.device)
    if weight is not None:
        total = total.index_add(0, position, weight[is_pair].float())
    else:
        total[position] = 1.0
    return total.view(2, -1)


def input_graph(data: Data) -> tuple[Tensor, Tensor | None]:
    """Undirected pairs of a graph, :math:`(2, |\\mathcal{E}|)`, and their weights, see :func:`direction_weights`.

    Edges of weight 0 are ignored.

    Example:
        >>> weight = torch.tensor([2.0, 0.0])
        >>> input_graph(Data(edge_index=torch.tensor([[0, 1], [1, 2]]), edge_weight=weight, num_nodes=3))
        (tensor([[0],
                [1]]), tensor([[2.],
                [0.]]))
    """
    edge_index, weight, num_nodes = data["edge_index"], data.get("edge_weight"), int(data.num_nodes or 0)
    if weight is None:
        forth, back = _keys_by_direction(edge_index, num_nodes)
        pairs = _undirected_pairs(forth, back, num_nodes)
        return pairs, None if torch.equal(forth, back) else _sums_by_direction(data, pairs)
    pairs = undirected_pairs(edge_index[:, weight > 0], num_nodes)
    return pairs, _sums_by_direction(data, pairs)


def mean_direction_weight(direction_weight: Tensor | None) -> Tensor | None:
    """Mean weight of each pair over the directions that exist, :math:`(|\\mathcal{E}|,)`; None if all are 1.

    Args:
        direction_weight: See :func:`direction_weights`.

    Example:
        >>> mean_direction_weight(torch.tensor([[1.0, 3.0], [0.0, 1.0]]))
        tensor([1., 2.])
    """
    if direction_weight is None:
        return None
    return direction_weight.sum(dim=0) / (direction_weight > 0).sum(dim=0).clamp(min=1)


def directed_edges(pairs: Tensor, weight: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """Convert pairs to ``edge_index`` :math:`(2, M)` and ``edge_weight`` :math:`(M,)`, None if all weights are 1.

    Args:
        pairs: :math:`(2, |\\mathcal{E}|)`.
        weight: See :func:`direction_weights`.
    """
    both = pairs_to_edge_index(pairs)
    if weight is None:
        return both, None
    present = weight.flatten() > 0
    weights = weight.flatten()[present]
    return both[:, present], None if bool((weights == 1).all()) else weights


def check_graph(data: Data, *, edge_attr: bool = False) -> Data:
    """Return ``data``, with dense features, if it is a valid input of rewiring.

    Args:
        data: A graph with ``x`` :math:`(|\\mathcal{V}|, F)` and ``edge_index`` :math:`(2, M)`; ``y``
            is optional and must have one row per node.
        edge_attr: Whether the graph may have ``edge_attr``, because the caller does not change its edges or carries it.

    Returns:
        ``data`` itself, or a copy with dense ``x`` if its ``x`` is sparse.

    Raises:
        BadGraph: If the graph is invalid, or float32 cannot represent its features or edge weights; the message gives
            the reason and the correction.

    Example:
        >>> check_graph(Data(x=torch.ones(2, 1), edge_index=torch.tensor([[0], [5]])))
        Traceback (most recent call last):
        ...
        torque_core.errors.BadGraph: edge_index contains node 5, but the graph has 2 nodes (0 to 1)
    """
    if not isinstance(data, Data):
        raise BadGraph(
            f"data must be a torch_geometric Data, got {type(data).__name__}; HeteroData.to_homogeneous() converts one"
        )
    if isinstance(data, Batch):
        raise BadGraph("a Batch holds several graphs, which must not be connected; rewire each graph of to_data_list()")
    x, edge_index, y = data.x, data.edge_index, data.y
    if x is None:
        raise BadGraph("the graph has no node features x; give each node a row (an identity matrix is sufficient)")
    if edge_index is None:
        raise BadGraph("the graph has no edge_index; give a (2, M) tensor of node indices, M may be 0")
    if x.dim() != 2 or x.size(1) == 0:
        raise BadGraph(f"x must have shape (nodes, features) with features >= 1, got {tuple(x.shape)}")
    num_nodes = x.size(0)
    if num_nodes < 2:
        raise BadGraph(f"the graph has {num_nodes} node(s); rewiring needs at least 2")
    if "num_nodes" in data and data.num_nodes != num_nodes:
        raise BadGraph(f"x has {num_nodes} rows, but num_nodes is {data.num_nodes}; they must agree")
    if edge_index.dim() != 2 or edge_index.size(0) != 2:
        raise BadGraph(f"edge_index must have shape (2, M), got {tuple(edge_index.shape)}")
    if edge_index.is_floating_point() or edge_index.dtype == torch.bool:
        raise BadGraph(f"edge_index must hold integers, got {edge_index.dtype}")
    if data.get("edge_attr") is not None and not edge_attr:
        raise BadGraph("edge_attr is not supported: added edges would have none; delete it, or use edge_weight instead")
    weight = data.get("edge_weight")
    if weight is not None and weight.shape != edge_index.shape[1:]:
        raise BadGraph(f"edge_weight must have shape ({edge_index.size(1)},), got {tuple(weight.shape)}")
    if weight is not None and not bool((torch.isfinite(weight) & (weight >= 0)).all()):
        raise BadGraph("edge_weight contains a negative number, NaN or infinity; weights must be finite and at least 0")
    if weight is not None:
        check_range(weight, "edge_weight")
        if bool(((weight > 0) & (weight.float() == 0)).any()):
            raise BadGraph("edge_weight contains positive numbers that float32 rounds to 0; rescale edge_weight")
    if edge_index.numel() and (bad := int(edge_index.max())) >= num_nodes:
        raise BadGraph(f"edge_index contains node {bad}, but the graph has {num_nodes} nodes (0 to {num_nodes - 1})")
    if edge_index.numel() and (bad := int(edge_index.min())) < 0:
        raise BadGraph(f"edge_index contains node {bad}; node indices start at 0")
    if x.layout != torch.strided:
        data = copy.copy(data)
        data.x = x = dense_features(x)
    if x.is_complex():
        raise BadGraph(f"x must hold real numbers, got {x.dtype}")
    if not torch.isfinite(x.sum()) and not torch.isfinite(x).all():  # a sum of finite numbers may overflow
        row = int((~torch.isfinite(x)).any(dim=1).nonzero()[0])
        raise BadGraph(f"x contains NaN or infinity, first in row {row}; replace or remove such values")
    check_range(x, "x")
    if isinstance(y, Tensor) and (y.dim() == 0 or len(y) != num_nodes):
        labels = len(y) if y.dim() else 0
        raise BadGraph(f"y has {labels} labels for {num_nodes} nodes; use -1 for unknown labels")
    return data
