"""Attributes of the nodes and edges of an imported graph, by their names in the files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from torque_core.graph.pairs import positions_among, undirected_pairs
from torque_core.utils.text import visible

__all__ = ["Attribute", "GraphAttributes"]

_MAX_LINES, _MAX_VALUES, _MAX_LENGTH = 8, 20_000, 60
Attribute = Sequence[str | float | None]
"""Values by node or by edge; None where missing."""


@dataclass(frozen=True)
class GraphAttributes:
    """Attributes by name; text, numbers, or None where missing.

    Attributes:
        nodes: Node attributes, each of length :math:`|\\mathcal{V}|`.
        edges: Edge attributes, each of length :math:`|\\mathcal{E}|`.
        pairs: The edges, each once, :math:`(2, |\\mathcal{E}|)`.
        feature_names: Names of the features; None if they have none.
        position: Positions of the nodes in a drawing, :math:`(|\\mathcal{V}|, 2)`; None if there is none.

    Example:
        >>> edges = torch.tensor([[0, 1], [1, 2]])
        >>> attributes = GraphAttributes({"age": [31.0, None, 28.0]}, {"since": [1999.0, 2004.0]}, edges)
        >>> attributes.of_edges(torch.tensor([[1, 0], [2, 2]]))
        {'since': [2004.0, None]}
        >>> attributes.subset(torch.tensor([1, 2])).nodes
        {'age': [None, 28.0]}
    """

    nodes: Mapping[str, Attribute] = field(default_factory=dict)
    edges: Mapping[str, Attribute] = field(default_factory=dict)
    pairs: Tensor = field(default_factory=lambda: torch.empty(2, 0, dtype=torch.long))
    feature_names: tuple[str, ...] | None = None
    position: np.ndarray | None = None

    def of_edges(self, pairs: Tensor) -> dict[str, list[str | float | None]]:
        """Return the attributes of edges, None for a pair that is no edge of the files, such as an added one.

        Args:
            pairs: Node pairs in either order, :math:`(2, P)`.
        """
        if not self.edges or not pairs.numel():
            return {name: [None] * pairs.size(1) for name in self.edges}
        size = int(torch.cat([pairs, self.pairs], dim=1).max()) + 1
        places = positions_among(pairs.sort(dim=0).values, self.pairs, size).tolist()
        return {name: [values[i] if i >= 0 else None for i in places] for name, values in self.edges.items()}

    def node_texts(self, nodes: Sequence[int]) -> list[str]:
        """Describe nodes by their first attributes, one line for each; fewer if there are many nodes.

        Example:
            >>> GraphAttributes({"age": [31.0, None], "city": ["Rome", "Oslo"]}).node_texts([0, 1])
            ['age: 31\\ncity: Rome', 'city: Oslo']
        """
        return _texts(self.nodes, nodes)

    def edge_texts(self, pairs: Tensor) -> list[str]:
        """Describe edges by their first attributes, as :meth:`node_texts`; empty for a pair that is no edge."""
        return _texts(self.of_edges(pairs), range(pairs.size(1)))

    def subset(self, nodes: Tensor) -> "GraphAttributes":
        """Return the attributes of the graph that some nodes induce, in their order.

        Args:
            nodes: Indices of the nodes, ascending, :math:`(N,)`.
        """
        size = int(max(nodes.max(), self.pairs.max() if self.pairs.numel() else nodes.max())) + 1
        new = torch.full((size,), -1)
        new[nodes] = torch.arange(len(nodes))
        pairs = new[self.pairs]
        inside = (pairs >= 0).all(dim=0)
        members, kept = nodes.tolist(), inside.nonzero().flatten().tolist()
        return GraphAttributes(
            {name: [values[node] for node in members] for name, values in self.nodes.items()},
            {name: [values[edge] for edge in kept] for name, values in self.edges.items()},
            undirected_pairs(pairs[:, inside], len(nodes)),
            self.feature_names,
            None if self.position is None else self.position[nodes.numpy()],
        )


def _texts(attributes: Mapping[str, Attribute], positions: Sequence[int]) -> list[str]:
    most = max(1, min(_MAX_LINES, _MAX_VALUES // max(len(positions), 1)))
    columns = [(visible(name), values) for name, values in list(attributes.items())[:most]]
    return [
        "\n".join(f"{name}: {_text(value)}" for name, values in columns if (value := values[at]) is not None)
        for at in positions
    ]


def _text(value: str | float) -> str:
    if isinstance(value, str):
        return visible(value if len(value) <= _MAX_LENGTH else f"{value[: _MAX_LENGTH - 1]}…")
    return f"{value:.10g}"
