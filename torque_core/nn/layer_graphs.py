"""The graph of each layer of a model, from arguments that hold one graph for all layers or one per layer."""

from collections.abc import Sequence
from typing import TypeVar

from torch import Tensor
from torch_geometric.utils import is_sparse, to_edge_index

from torque_core.errors import BadConfig

__all__ = ["Graph", "graphs_of_layers", "one_per_layer", "without_last_edges"]

Graph = tuple[Tensor, Tensor | None]
"""``edge_index`` and ``edge_weight``."""

_T = TypeVar("_T")


def one_per_layer(value: _T | Sequence[_T], num_layers: int, name: str) -> list[_T]:
    """Return the values of the layers: those of a list or tuple, or else the same value for every layer.

    Raises:
        BadConfig: If there is another number of values than of layers.

    Example:
        >>> one_per_layer("a", 2, "names"), one_per_layer(["a", "b"], 2, "names")
        (['a', 'a'], ['a', 'b'])
    """
    if not isinstance(value, list | tuple):
        return [value] * num_layers  # type: ignore[list-item]  # not a sequence
    if len(value) != num_layers:
        raise BadConfig(f"{len(value)} {name} for {num_layers} layers; give one per layer, or a single one")
    return list(value)


def graphs_of_layers(
    edge_index: Tensor | Sequence[Tensor],
    edge_weight: Tensor | Sequence[Tensor | None] | None,
    num_layers: int,
) -> list[Graph]:
    """Return edges and edge weights of each layer.

    Args:
        edge_index: Edges, :math:`(2, M)`, or PyG's transposed sparse adjacency matrix ``adj_t``, with the edge weights
            as its values; one for all layers, or a list with one per layer.
        edge_weight: Edge weights, :math:`(M,)`, or a list with one per layer. None for 1 everywhere.
        num_layers: Number of layers :math:`L`.

    Raises:
        BadConfig: If the numbers or the shapes do not fit.

    Example:
        >>> import torch
        >>> path, star = torch.tensor([[0, 1], [1, 2]]), torch.tensor([[0, 0], [1, 2]])
        >>> [edges.tolist() for edges, _ in graphs_of_layers([path, star], None, 2)]
        [[[0, 1], [1, 2]], [[0, 0], [1, 2]]]
        >>> graphs_of_layers(path, torch.ones(3), 2)
        Traceback (most recent call last):
        ...
        torque_core.errors.BadConfig: edge_weight of layer 0 has shape (3,), but edge_index has 2 columns
    """
    if isinstance(edge_index, list | tuple) and isinstance(edge_weight, Tensor):
        raise BadConfig("edge_weight is one tensor, but edge_index is a list of graphs; give a list of edge weights")
    edges = one_per_layer(edge_index, num_layers, "graphs")
    weights = one_per_layer(edge_weight, num_layers, "edge weights")
    return [_checked(layer, *graph) for layer, graph in enumerate(zip(edges, weights, strict=True))]


def without_last_edges(graph: Graph, edge_attr: Tensor | None, count: int) -> tuple[Graph, Tensor | None]:
    """Return a graph without its last ``count`` edges, and the features of the others."""
    edge_index, weight = graph
    kept = edge_index.size(1) - count
    weight, edge_attr = (None if value is None else value[:kept] for value in (weight, edge_attr))
    return (edge_index[:, :kept], weight), edge_attr


def _checked(layer: int, edge_index: Tensor, weight: Tensor | None) -> Graph:
    if is_sparse(edge_index):
        if weight is not None:
            raise BadConfig("edge_weight is given, but edge_index is a sparse matrix, whose values are the weights")
        edge_index, weight = to_edge_index(edge_index)
        return edge_index.flip(0), None if bool((weight == 1).all()) else weight  # its rows are the targets
    if edge_index.dim() != 2 or edge_index.size(0) != 2 or edge_index.is_floating_point():
        raise BadConfig(
            f"edge_index of layer {layer} must hold integers and have shape (2, M), got {edge_index.dtype} of shape "
            f"{tuple(edge_index.shape)}"
        )
    if weight is not None and weight.shape != edge_index.shape[1:]:
        raise BadConfig(
            f"edge_weight of layer {layer} has shape {tuple(weight.shape)}, but edge_index has {edge_index.size(1)} "
            "columns"
        )
    return edge_index, weight
