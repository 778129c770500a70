"""Edge-level fields of a graph, such as ``edge_attr``, and their values after a change of the edges."""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Data
from torch_geometric.utils import is_sparse

from torque_core.errors import BadConfig, BadGraph

__all__ = ["Fill", "carry_edge_fields", "edge_fields"]

Fill: TypeAlias = float | Tensor | Mapping[str, float | Tensor]
"""Values of the edge-level fields of added edges: one for all fields, or by the name of the field."""

_DEFAULT_FILL = {"e_id": -1}  # the number of an edge in another graph, which an added edge does not have
_STRUCTURE = ("edge_index", "edge_weight", "num_nodes", "x")  # of the graph itself


def edge_fields(data: Data, fill: Fill = 0) -> dict[str, Tensor]:
    """Return the edge-level fields of a graph by name, except for ``edge_index`` and ``edge_weight``.

    A tensor with one entry per edge is an edge-level field, by the rules of PyG: if there are as many edges as nodes,
    or a single edge, its name must contain ``edge``. Names in ``fill`` are edge-level fields in any case. Node pairs,
    such as ``edge_label_index``, and their labels are not, because the numbers of the nodes do not change.

    Args:
        data: A graph with ``edge_index``, :math:`(2, M)`.
        fill: See :func:`carry_edge_fields`.

    Raises:
        BadGraph: If a field describes the edges and cannot follow them: a list or an array, an adjacency matrix,
            labels ``y`` of edges without a value in ``fill``, or an ``edge_...`` field of another length.

    Example:
        >>> data = Data(edge_index=torch.tensor([[0, 1], [1, 2]]), edge_type=torch.tensor([4, 5]), num_nodes=3)
        >>> edge_fields(data)
        {'edge_type': tensor([4, 5])}
    """
    declared = set(fill) if isinstance(fill, Mapping) else set()
    if missing := sorted(declared - set(data.keys())):
        raise BadGraph(f"fill names {missing[0]!r}, which the graph does not have")
    return {
        key: value
        for key, value in data.to_dict().items()
        if key not in _STRUCTURE and _is_edge_level(data, key, value, declared=key in declared)
    }


def _is_edge_level(data: Data, key: str, value: object, *, declared: bool) -> bool:
    """Return whether a field has one entry per edge, or raise BadGraph if it has but cannot follow the edges."""
    num_edges, num_nodes = data["edge_index"].size(1), data.num_nodes
    if key in ("adj", "adj_t") or (is_sparse(value) and tuple(getattr(value, "shape", ())) == (num_nodes, num_nodes)):
        raise BadGraph(f"{key} holds the edges as a matrix, which would not match the rewired edges; delete it")
    dim = data.__cat_dim__(key, value) if isinstance(value, Tensor) else 0
    length = _length(value, dim)
    if length is None or ("index" in key and isinstance(value, Tensor) and value.dim() > 1):
        return False
    if key.endswith(("_batch", "_ptr")) or (f"{key}_index" in data and key != "edge"):  # labels of node pairs
        return False
    if declared:
        if length != num_edges:
            raise BadGraph(f"fill names {key!r}, which has {length} entries for {num_edges} edges")
    elif length != num_edges:
        if key.startswith("edge_") and isinstance(value, Tensor) and length not in (1, num_nodes):
            raise BadGraph(f"{key} has {length} entries for {num_edges} edges; correct or delete it")
        return False
    elif num_edges in (1, num_nodes) and "edge" not in key:  # of the graph, or of the nodes
        return False
    if not isinstance(value, Tensor):
        raise BadGraph(f"{key} has one entry per edge, but is a {type(value).__name__}; make it a tensor, or delete it")
    if key == "y" and not declared:
        raise BadGraph(
            'y has one label per edge, and added edges have no label; give a value for them, such as fill={"y": -1}'
        )
    return True


def _length(value: object, dim: object) -> int | None:
    """The number of entries of a field along its dimension of concatenation; None if it has none."""
    if isinstance(value, Tensor | np.ndarray):
        return value.shape[dim] if value.ndim and isinstance(dim, int) else None
    return len(value) if isinstance(value, list | tuple) else None


def carry_edge_fields(data: Data, edge_index: Tensor, *, fill: Fill = 0) -> dict[str, Tensor]:
    """Return the edge-level fields of a graph for new edges.

    An edge of the graph keeps its values. Edges that the graph does not have get ``fill``.

    Args:
        data: The graph before, with ``edge_index`` :math:`(2, M)`.
        edge_index: The new edges, :math:`(2, M')`.
        fill: Values for added edges: a number for all fields, or a number or a tensor (of the shape of one entry) by
            the name of the field. Fields without a value get 0 (False), and ``e_id`` gets -1.

    Returns:
        The values by name, each with :math:`M'` entries.

    Raises:
        BadGraph: If a field cannot follow its edges, see :func:`edge_fields`; if repeated edges have different values;
            or if a new edge reverses an edge that goes one way, so that it has no value.
        BadConfig: If the fill does not have the data type or the shape of the field.

    Example:
        Edge 0 - 2 is added to a graph, and edge 1 - 2 is pruned.

        >>> data = Data(edge_index=torch.tensor([[0, 1], [1, 2]]), edge_type=torch.tensor([4, 5]), num_nodes=3)
        >>> carry_edge_fields(data, torch.tensor([[0, 0], [1, 2]]), fill={"edge_type": 9})
        {'edge_type': tensor([4, 9])}
    """
    fields = edge_fields(data, fill)
    if not fields:
        return {}
    old, num_nodes = data["edge_index"].long(), int(data.num_nodes or 0)
    weight = data.get("edge_weight")
    exists = (old[0] != old[1]) | _any_loops(edge_index)
    if weight is not None:
        exists = exists & (weight > 0)  # an edge of weight 0 is no edge
    columns = exists.nonzero().flatten()
    keys, order = (old[0] * num_nodes + old[1])[columns].sort(stable=True)
    columns = columns[order]
    repeats = keys[1:] == keys[:-1]
    at = _positions(edge_index[0] * num_nodes + edge_index[1], keys)
    back = _positions(edge_index[1] * num_nodes + edge_index[0], keys)
    one_way = (at < 0) & (back >= 0)
    carried = {}
    for key, value in fields.items():
        dim = data.__cat_dim__(key, value)
        rows = value.movedim(dim, 0)
        first, second = rows[columns[:-1]][repeats], rows[columns[1:]][repeats]
        if not bool(((first == second) | ((first != first) & (second != second))).all()):
            raise BadGraph(
                f"{key} has different values for repeated edges, which are merged; merge them first, see "
                "torch_geometric.utils.coalesce"
            )
        if bool(one_way.any()):
            source, target = edge_index[:, one_way][:, 0].tolist()
            raise BadGraph(
                f"{key} has a value for edge {target} -> {source}, but none for {source} -> {target}, and the rewired "
                "graph is undirected; add it, see torch_geometric.transforms.ToUndirected"
            )
        new = rows.new_empty((edge_index.size(1), *rows.shape[1:]))
        new[:] = _fill_of(fill, key, rows)
        known = at >= 0
        carried[key] = new.index_put((known,), rows[columns[at[known]]]).movedim(0, dim)
    return carried


def _any_loops(edge_index: Tensor) -> Tensor:
    """Whether the new edges have self-loops, in which case those of the graph before keep their values."""
    return (edge_index[0] == edge_index[1]).any()


def _positions(keys: Tensor, sorted_keys: Tensor) -> Tensor:
    """The first position of each key among the sorted keys; -1 if it is not among them."""
    if not len(sorted_keys):
        return torch.full_like(keys, -1)
    at = torch.searchsorted(sorted_keys, keys).clamp_(max=len(sorted_keys) - 1)
    return torch.where(sorted_keys[at] == keys, at, -1)


def _fill_of(fill: Fill, key: str, rows: Tensor) -> Tensor:
    """The value of an added edge, of the data type of the field."""
    default = _DEFAULT_FILL.get(key, 0)
    if isinstance(fill, Mapping):
        entry = fill.get(key, default)
    else:
        entry = default if not isinstance(fill, Tensor) and fill == 0 else fill
    exact = torch.as_tensor(entry, device=rows.device)
    row = exact.to(rows.dtype)
    if not (rows.is_floating_point() or rows.is_complex()) and not bool((row == exact).all()):
        raise BadConfig(f"fill is {entry} for {key}, which holds {rows.dtype}; give a value of that type")
    try:
        return row.expand(rows.shape[1:])
    except RuntimeError as error:
        raise BadConfig(
            f"fill has shape {tuple(row.shape)} for {key}, of which an entry has shape {tuple(rows.shape[1:])}"
        ) from error
