"""Convert a raw graph to the form that the package works on, with notes on what was changed."""

import copy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch_geometric.data import Data
from torch_geometric.utils import remove_self_loops, to_scipy_sparse_matrix

from torque_core.errors import BadGraph
from torque_core.graph.labels import class_labels
from torque_core.graph.pairs import check_graph, pairs_to_edge_index, sorted_edges, undirected_pairs

__all__ = ["CleanedGraph", "clean_graph", "format_count", "largest_component"]


@dataclass(frozen=True)
class CleanedGraph:
    """A graph in the package's form.

    Attributes:
        data: The graph.
        notes: One sentence for each change and each peculiarity.
    """

    data: Data
    notes: tuple[str, ...]


def clean_graph(raw: Data, *, directed: bool = False) -> CleanedGraph:
    """Make features dense and float32, labels a flat integer tensor, and edges undirected, unique and sorted.

    Labels that are NaN or negative become -1. Self-loops are removed. Everything else in ``raw``, such as masks, is
    kept. ``raw`` itself is not modified.

    Args:
        raw: The graph.
        directed: Whether to keep the direction of the edges instead of adding the opposite direction of each.

    Raises:
        BadGraph: If the graph is malformed, see :func:`torque_core.graph.pairs.check_graph`, or has no labels.

    Example:
        >>> raw = Data(x=torch.eye(3), y=torch.tensor([[0.0], [1.0], [torch.nan]]),
        ...            edge_index=torch.tensor([[0, 1], [1, 1]]))
        >>> graph = clean_graph(raw)
        >>> graph.data.y, graph.data.edge_index
        (tensor([ 0,  1, -1]), tensor([[0, 1], [1, 0]]))
        >>> for note in graph.notes: print(note)
        1 directed edge was merged into 1 undirected edge.
        1 self-loop was removed.
        1 node is isolated.
        1 node has no label and is in no split.
        The data set has no features; one-hot node ids are used instead.
    """
    data = check_graph(copy.copy(raw))  # shallow: its tensors can be large, and are replaced, not modified
    if data.y is None:
        raise BadGraph("the graph has no labels y; pass one entry per node, -1 where the label is unknown")
    x, y, edge_index = data["x"].float(), class_labels(data["y"]), data["edge_index"]
    pairs = undirected_pairs(edge_index, len(x))
    one_way = sorted_edges(remove_self_loops(edge_index)[0], len(x))
    both_ways = one_way if one_way.size(1) == 2 * pairs.size(1) else sorted_edges(pairs_to_edge_index(pairs), len(x))
    data.x, data.y, data.edge_index = x, y, one_way if directed else both_ways
    return CleanedGraph(
        data, (*_edge_notes(edge_index, one_way, pairs, directed), *_isolation_notes(pairs, len(x)), *_node_notes(x, y))
    )


def largest_component(graph: CleanedGraph) -> CleanedGraph:
    """Return the largest connected component of a graph; the first one if several have that size.

    Example:
        >>> two_edges = torch.tensor([[0, 1], [2, 3]])
        >>> graph = clean_graph(Data(x=torch.ones(4, 1), y=torch.arange(4), edge_index=two_edges))
        >>> component = largest_component(graph)
        >>> component.data.y, component.notes[-1]
        (tensor([0, 2]), 'Only the largest connected component is used: 2 of 4 nodes.')
    """
    from scipy.sparse.csgraph import connected_components  # slow to import

    data = graph.data
    num_nodes = int(data.num_nodes or 0)
    adjacency = to_scipy_sparse_matrix(data["edge_index"], num_nodes=num_nodes)
    _, component = connected_components(adjacency, directed=False)
    members = torch.from_numpy(component == np.bincount(component).argmax())
    if bool(members.all()):
        return graph
    part = data.subgraph(members)
    if "names" in data:
        part.names = tuple(name for name, is_member in zip(data["names"], members.tolist(), strict=True) if is_member)
    total = format_count(num_nodes, "node")
    note = f"Only the largest connected component is used: {int(members.sum()):,} of {total}."
    return CleanedGraph(part, (*graph.notes, note))


def format_count(count: int, noun: str, verb: str = "") -> str:
    """Write a count with a regular noun and a verb, both in the right number.

    Example:
        >>> format_count(1, "node", "has"), format_count(1_838, "node", "has")
        ('1 node has', '1,838 nodes have')
    """
    plural = {"has": "have", "was": "were", "is": "are"}.get(verb, verb)
    words = (f"{count:,}", noun if count == 1 else f"{noun}s", verb if count == 1 else plural)
    return " ".join(word for word in words if word)


def _edge_notes(edge_index: Tensor, one_way: Tensor, pairs: Tensor, directed: bool) -> list[str]:
    """Describe what happened to the edges; ``one_way`` has every direction once, ``pairs`` every edge once."""
    self_loops = int((edge_index[0] == edge_index[1]).sum())
    repeated = edge_index.size(1) - self_loops - one_way.size(1)
    notes = []
    if directed:
        both_ways = format_count(one_way.size(1) - pairs.size(1), "pair", "is")
        notes.append(
            f"Edges keep their direction: {format_count(one_way.size(1), 'directed edge')} between "
            f"{format_count(pairs.size(1), 'pair')} of nodes, of which {both_ways} joined in both directions."
        )
    elif one_way.size(1) < 2 * pairs.size(1):
        undirected = format_count(pairs.size(1), "undirected edge")
        notes.append(f"{format_count(one_way.size(1), 'directed edge', 'was')} merged into {undirected}.")
    if repeated:
        notes.append(f"{format_count(repeated, 'repeated edge', 'was')} removed.")
    if self_loops:
        notes.append(f"{format_count(self_loops, 'self-loop', 'was')} removed.")
    return notes


def _isolation_notes(pairs: Tensor, num_nodes: int) -> list[str]:
    isolated = int((torch.bincount(pairs.flatten(), minlength=num_nodes) == 0).sum())
    return [f"{format_count(isolated, 'node', 'is')} isolated."] if isolated else []


def _node_notes(x: Tensor, y: Tensor) -> list[str]:
    unlabelled = int((y < 0).sum())
    notes = []
    if unlabelled:
        are = "is" if unlabelled == 1 else "are"
        notes.append(f"{format_count(unlabelled, 'node', 'has')} no label and {are} in no split.")
    if len(x) == x.size(1) and torch.equal(x, torch.eye(len(x))):
        notes.append("The data set has no features; one-hot node ids are used instead.")
    return notes
