"""Graphs that need no download: generated, or included in PyG, NetworkX or scikit-learn."""

from typing import Any

import torch
from torch import Tensor
from torch_geometric.data import Data
from torch_geometric.utils import to_undirected

from torque_core.datasets.block_model import sample_block_model
from torque_core.datasets.spec import DatasetSpec
from torque_core.utils.optional import require

__all__ = ["built_in_graph", "nearest_pairs"]

NEIGHBOURS = 5


def built_in_graph(spec: DatasetSpec) -> Data:
    """Return the raw graph of a built-in data set: ``x``, ``y``, ``edge_index``, and ``names`` if nodes have them.

    Raises:
        MissingDependency: If the package that includes the data set is not installed.

    Example:
        >>> built_in_graph(DatasetSpec("davis")).names[0]
        'Evelyn Jefferson'
    """
    match spec.name:
        case "karate":
            return _karate()
        case "davis":
            return _davis()
        case "digits":
            return _digits()
        case _:
            return sample_block_model(spec.block_model)


def _karate() -> Data:
    from torch_geometric.datasets import KarateClub

    data: Any = KarateClub()[0]
    return Data(x=data.x, y=data.y, edge_index=data.edge_index)


def _davis() -> Data:
    networkx = require("networkx", extra="app")
    graph = networkx.davis_southern_women_graph()
    names = tuple(graph.nodes)
    is_event = [side for _, side in graph.nodes(data="bipartite")]
    edges = list(networkx.convert_node_labels_to_integers(graph).edges)
    return Data(
        x=torch.eye(len(names)),
        y=torch.tensor(is_event),
        edge_index=to_undirected(torch.tensor(edges).t(), num_nodes=len(names)),
        names=names,
    )


def _digits() -> Data:
    digits = require("sklearn.datasets", extra="baselines").load_digits()
    pixels = torch.from_numpy(digits.data)  # (1797, 64), integers from 0 to 16
    return Data(
        x=pixels.float() / 16,
        y=torch.from_numpy(digits.target),
        edge_index=to_undirected(nearest_pairs(pixels, NEIGHBOURS), num_nodes=len(pixels)),
    )


def nearest_pairs(points: Tensor, neighbours: int) -> Tensor:
    """Connect each point to its nearest neighbours by Euclidean distance; ties go to the lower index.

    Args:
        points: Integers, :math:`(N, F)`, so that distances are exact and ties are resolved alike on every machine
            (in common neighbour search libraries they depend on the number of threads).
        neighbours: Number of neighbours :math:`k < N`.

    Returns:
        Pairs of a point and one of its neighbours, :math:`(2, kN)`.

    Example:
        >>> nearest_pairs(torch.tensor([[0.0], [2.0], [4.0], [5.0]]), 1)
        tensor([[0, 1, 2, 3],
                [1, 0, 3, 2]])
    """
    size = len(points)
    square = points.square().sum(dim=1)
    distance = (square[:, None] + square[None, :] - 2 * points @ points.t()).long()  # (N, N) squared
    key = distance * size + torch.arange(size)
    key.fill_diagonal_(torch.iinfo(torch.long).max)
    nearest = key.topk(neighbours, largest=False).indices  # (N, k)
    return torch.stack([torch.arange(size).repeat_interleave(neighbours), nearest.flatten()])
