"""What imported graphs are compared by."""

import io

import networkx as nx
import numpy as np

from torque_core.datasets.importers import ImportedGraph
from torque_core.graph.pairs import undirected_pairs


def node_names(imported: ImportedGraph) -> list[str]:
    return list(imported.names or map(str, range(imported.info.nodes)))


def edges_of(imported: ImportedGraph) -> list[tuple[str, ...]]:
    """Edges by the names of their ends."""
    names, data = node_names(imported), imported.graph.data
    pairs = undirected_pairs(data.edge_index, data.num_nodes)
    return sorted(tuple(sorted((names[i], names[j]))) for i, j in pairs.T.tolist())


def classes_of(imported: ImportedGraph) -> dict[str, str | None]:
    """Class by node."""
    labels = imported.graph.data.y.tolist()
    classes = [imported.classes[label] if label >= 0 else None for label in labels]
    return dict(zip(node_names(imported), classes, strict=True))


def npz(**arrays) -> bytes:
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays)
    return buffer.getvalue()


def edges_in(graph: nx.Graph) -> list[tuple[str, ...]]:
    """Edges of a graph of NetworkX without self-loops, as :func:`edges_of` returns them."""
    return sorted({tuple(sorted((str(a), str(b)))) for a, b, *_ in graph.edges if a != b})
