"""Graphs of the benchmark: random graphs, generated without downloads and identical on every machine."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.graph.pairs import pairs_to_edge_index, undirected_pairs

__all__ = ["BENCH_GRAPHS", "BenchGraph"]

_CLASSES = 7
_MEANT = 0.7  # fraction of the edges that join nodes of one class; the others join any
_TAIL = 1.5  # exponent of the heavy tail of the degrees


@dataclass(frozen=True)
class BenchGraph:
    """A random homophilous graph with classes and features that depend on them.

    Attributes:
        nodes: Number of nodes.
        edges: Number of undirected edges; those drawn twice count once.
        features: Number of features.
        words: Number of words per node, for binary bag-of-words features; 0 for Gaussian features.
        heavy_tail: Whether degrees have a heavy tail.
    """

    nodes: int
    edges: int
    features: int
    words: int = 0
    heavy_tail: bool = False

    def make(self, seed: int = 0) -> Data:
        """Sample the graph.

        Example:
            >>> BenchGraph(100, 300, 8).make().x.shape
            torch.Size([100, 8])
        """
        generator = torch.Generator().manual_seed(seed)
        y = torch.randint(_CLASSES, (self.nodes,), generator=generator).sort().values
        weight = torch.ones(self.nodes)
        if self.heavy_tail:
            weight = (1 - torch.rand(self.nodes, generator=generator)).pow(-1 / _TAIL).clamp(max=self.nodes**0.6)
        edge_index = _edges(weight.double(), y, self.edges, generator)
        pairs = undirected_pairs(edge_index, self.nodes)
        return Data(x=self._features(y, generator), edge_index=pairs_to_edge_index(pairs), y=y)

    def _features(self, y: Tensor, generator: torch.Generator) -> Tensor:
        if not self.words:
            centre = torch.randn(_CLASSES, self.features, generator=generator)
            return 0.5 * centre[y] + torch.randn(self.nodes, self.features, generator=generator)
        # half of the words of a node are from the range of its class
        own = self.features // _CLASSES
        word = torch.randint(self.features, (self.nodes, self.words), generator=generator)
        topic = torch.randint(own, (self.nodes, self.words // 2), generator=generator) + own * y[:, None]
        word[:, : self.words // 2] = topic
        return torch.zeros(self.nodes, self.features).scatter_(1, word, 1.0)


def _edges(weight: Tensor, y: Tensor, edges: int, generator: torch.Generator) -> Tensor:
    """Sample edges by node weight, most of them within a class, which is a range of nodes, (2, M)."""
    total = torch.nn.functional.pad(weight.cumsum(0), (1, 0))
    first_of = torch.searchsorted(y, torch.arange(_CLASSES + 1))

    def draw(low: Tensor, high: Tensor) -> Tensor:
        at = total[low] + torch.rand(len(low), generator=generator, dtype=torch.float64) * (total[high] - total[low])
        return torch.minimum((torch.searchsorted(total, at, right=True) - 1).clamp_(min=low), high - 1)

    start, end = torch.zeros(edges, dtype=torch.long), torch.full((edges,), len(weight))
    source = draw(start, end)
    meant = torch.rand(edges, generator=generator) < _MEANT
    start[meant], end[meant] = first_of[y[source[meant]]], first_of[y[source[meant]] + 1]
    return torch.stack([source, draw(start, end)])


BENCH_GRAPHS = {
    "karate": BenchGraph(34, 78, 34),
    "cora": BenchGraph(2_708, 5_278, 1_433, words=18),
    "22k": BenchGraph(22_662, 32_927, 300),
    "169k": BenchGraph(169_343, 1_170_000, 128, heavy_tail=True),
    "169k, twice the edges": BenchGraph(169_343, 2_340_000, 128, heavy_tail=True),
    "1M": BenchGraph(1_000_000, 10_000_000, 64, heavy_tail=True),
}
"""Graphs by name, of the sizes of the karate club, Cora, Roman-empire, ogbn-arxiv, and a million nodes."""
