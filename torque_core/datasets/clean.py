"""Bring a raw graph into the one form this package works on, and say what that changed."""

import copy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Data
from torch_geometric.utils import to_scipy_sparse_matrix, to_undirected

from torque_core.errors import BadGraph
from torque_core.graph.pairs import check_graph, undirected_pairs

__all__ = ["Tidied", "count_of", "largest_component", "tidy"]


@dataclass(frozen=True)
class Tidied:
    """A graph in the package's form, and a sentence for each thing that was changed or is peculiar."""

    data: Data
    notes: tuple[str, ...]


def tidy(raw: Data) -> Tidied:
    """Make features dense and float32, labels flat integers, edges undirected, simple and sorted.

    Labels that are NaN or negative become -1. Everything else of ``raw``, such as its masks, is kept.

    Raises:
        BadGraph: The graph is malformed, see :func:`torque_core.graph.pairs.check_graph`, or has no labels.

    Example:
        >>> raw = Data(x=torch.eye(3), y=torch.tensor([[0.0], [1.0], [torch.nan]]),
        ...            edge_index=torch.tensor([[0, 1], [1, 1]]))
        >>> graph = tidy(raw)
        >>> graph.data.y, graph.data.edge_index
        (tensor([ 0,  1, -1]), tensor([[0, 1], [1, 0]]))
        >>> for note in graph.notes: print(note)
        1 one-way link of the source became 1 undirected edge.
        1 self-loop was dropped.
        1 node has no edge.
        1 node has no label and is in no split.
        Features are the one-hot node ids: the set has none of its own.
    """
    data = copy.copy(raw)  # its tensors can be large, and are replaced, not changed
    if data.x is not None and data.x.layout != torch.strided:
        data.x = data.x.to_dense()
    check_graph(data)
    if data.y is None:
        raise BadGraph("the graph has no labels y; give one entry per node, -1 where it is not known")
    x, y, links = data["x"].float(), _labels(data["y"]), data["edge_index"]
    pairs = undirected_pairs(links, len(x))
    data.x, data.y, data.edge_index = x, y, to_undirected(pairs, num_nodes=len(x))
    return Tidied(data, (*_edge_notes(links, pairs, len(x)), *_node_notes(x, y)))


def largest_component(graph: Tidied) -> Tidied:
    """The largest connected component alone, of several the first.

    Example:
        >>> graph = tidy(Data(x=torch.ones(4, 1), y=torch.arange(4), edge_index=torch.tensor([[0, 1], [2, 3]])))
        >>> part = largest_component(graph)
        >>> part.data.y, part.notes[-1]
        (tensor([0, 2]), 'Only the largest component: 2 of 4 nodes.')
    """
    from scipy.sparse.csgraph import connected_components  # only here: it is slow to import

    data = graph.data
    size = int(data.num_nodes or 0)
    _, component = connected_components(to_scipy_sparse_matrix(data["edge_index"], num_nodes=size), directed=False)
    members = torch.from_numpy(component == np.bincount(component).argmax())
    if bool(members.all()):
        return graph
    part = data.subgraph(members)
    if "names" in data:
        part.names = tuple(name for name, inside in zip(data["names"], members.tolist(), strict=True) if inside)
    note = f"Only the largest component: {int(members.sum()):,} of {count_of(size, 'node')}."
    return Tidied(part, (*graph.notes, note))


def count_of(count: int, noun: str, verb: str = "") -> str:
    """``count`` with a regular noun and verb in the right number.

    Example:
        >>> count_of(1, "node", "has"), count_of(1_838, "node", "has")
        ('1 node has', '1,838 nodes have')
    """
    plural = {"has": "have", "was": "were", "is": "are"}.get(verb, verb)
    words = (f"{count:,}", noun if count == 1 else f"{noun}s", verb if count == 1 else plural)
    return " ".join(word for word in words if word)


def _labels(y: Tensor) -> Tensor:
    y = y.flatten()  # (N, 1) or (N,) -> (N,)
    if y.is_floating_point():
        y = y.nan_to_num(nan=-1)
    return y.long().clamp(min=-1)


def _edge_notes(edge_index: Tensor, pairs: Tensor, num_nodes: int) -> list[str]:
    loops = int((edge_index[0] == edge_index[1]).sum())
    links = edge_index[:, edge_index[0] != edge_index[1]]
    distinct = len(torch.unique(links[0] * num_nodes + links[1]))
    isolated = num_nodes - len(torch.unique(pairs))
    notes = []
    if distinct < 2 * pairs.size(1):
        became = count_of(pairs.size(1), "undirected edge")
        notes.append(f"{count_of(distinct, 'one-way link')} of the source became {became}.")
    if links.size(1) > distinct:
        notes.append(f"{count_of(links.size(1) - distinct, 'repeated link', 'was')} dropped.")
    if loops:
        notes.append(f"{count_of(loops, 'self-loop', 'was')} dropped.")
    if isolated:
        notes.append(f"{count_of(isolated, 'node', 'has')} no edge.")
    return notes


def _node_notes(x: Tensor, y: Tensor) -> list[str]:
    unlabelled = int((y < 0).sum())
    notes = []
    if unlabelled:
        notes.append(
            f"{count_of(unlabelled, 'node', 'has')} no label and {'is' if unlabelled == 1 else 'are'} in no split."
        )
    if len(x) == x.size(1) and torch.equal(x, torch.eye(len(x))):
        notes.append("Features are the one-hot node ids: the set has none of its own.")
    return notes
