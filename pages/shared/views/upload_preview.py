"""The first nodes and edges of an uploaded graph, by the names of their attributes."""

from collections.abc import Sequence

import pandas as pd

from torque_core.datasets.importers import ImportedGraph

__all__ = ["edge_preview", "node_preview"]

_MAX_COLUMNS = 6


def node_preview(own: ImportedGraph, names: Sequence[str], rows: int) -> pd.DataFrame:
    """The first nodes with their class, some features, and some other attributes."""
    data, attributes = own.graph.data, own.attributes
    classes = [own.classes[label] if label >= 0 else None for label in data.y[:rows].tolist()]
    table = pd.DataFrame({"node": names[:rows], "class": classes})
    titles = attributes.feature_names or tuple(f"feature {column}" for column in range(data.x.size(1)))
    for column, title in enumerate(titles[:_MAX_COLUMNS]):
        table[_free_title(title, table)] = data.x[:rows, column].numpy()
    others = [name for name in own.columns.unused if name in attributes.nodes]
    for title in others[:_MAX_COLUMNS]:
        table[_free_title(title, table)] = list(attributes.nodes[title][:rows])
    return table


def edge_preview(own: ImportedGraph, names: Sequence[str], rows: int) -> pd.DataFrame:
    """The first edges with some of their attributes."""
    ends = own.attributes.pairs[:, :rows].T.tolist()
    table = pd.DataFrame([(names[i], names[j]) for i, j in ends], columns=["source", "target"])
    for title, values in list(own.attributes.edges.items())[:_MAX_COLUMNS]:
        table[_free_title(title, table)] = list(values[:rows])
    return table


def _free_title(title: str, table: pd.DataFrame) -> str:
    """A title that the table does not have yet."""
    return title if title not in table else f"{title} (file)"
