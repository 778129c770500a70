"""SDRF: add edges around those of the most negative curvature, the bottlenecks."""

import math

import numpy as np
import torch
from torch import Tensor

from torque_core.baselines.forman import FormanGraph
from torque_core.baselines.peer import PEERS, Peer
from torque_core.graph.pairs import pairs_to_edge_index, undirected_pairs
from torque_core.utils.random import check_seed
from torque_core.utils.validation import check_ranges

__all__ = ["SDRF"]


@PEERS.register("sdrf")
class SDRF(Peer):
    """SDRF (Topping et al., ICLR 2022): stochastic discrete Ricci flow.

    Each iteration selects the edge :math:`(i, j)` of lowest balanced Forman curvature, see
    :class:`~torque_core.baselines.forman.FormanGraph`, and adds an edge from :math:`i` or one of its neighbours to
    :math:`j` or one of its neighbours, sampled with probability proportional to :math:`e^{\\tau x}`, where :math:`x`
    is the increase of the curvature of :math:`(i, j)`. Then it removes the edge of highest curvature if this exceeds
    :math:`C^+`. Ties are broken by the lower pair. The method stops early if an iteration changes nothing.

    Args:
        iterations: Maximum number of iterations.
        temperature: :math:`\\tau`; the higher, the more likely is the edge of the largest increase.
        removal_bound: :math:`C^+`; None to remove no edges.
        seed: Random seed for the sampling.

    Raises:
        BadConfig: If an option is out of range.

    Example:
        Two triangles connected by an edge, the bottleneck, around which a triangle is closed.

        >>> from torch_geometric.data import Data
        >>> from torch_geometric.utils import to_undirected
        >>> edges = torch.tensor([[0, 0, 1, 2, 3, 3, 4], [1, 2, 2, 3, 4, 5, 5]])
        >>> rewired = SDRF(iterations=1, temperature=1000.0)(Data(x=torch.eye(6), edge_index=to_undirected(edges)))
        >>> rewired.num_edges // 2
        8
    """

    def __init__(
        self,
        *,
        iterations: int = 100,
        temperature: float = 100.0,
        removal_bound: float | None = None,
        seed: int = 0,
    ) -> None:
        self.iterations = iterations
        self.temperature = temperature
        self.removal_bound = removal_bound
        self.seed = seed
        ranges = {"iterations": (0, 1_000_000), "temperature": (0, 1e9), "removal_bound": (-2, math.inf)}
        check_ranges(self, ranges, whole=("iterations",), optional="removal_bound")
        check_seed(seed)

    def rewire(self, pairs: Tensor, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the new edges, see :meth:`Peer.rewire <torque_core.baselines.Peer.rewire>`."""
        graph, generator = FormanGraph(pairs.numpy(), len(x)), np.random.default_rng(self.seed)
        for _ in range(self.iterations):
            if not (self._add(graph, generator) | self._remove(graph)):
                break
        edges = torch.tensor(list(graph.curvature), dtype=torch.long).view(-1, 2)
        return pairs_to_edge_index(undirected_pairs(edges.T, len(x))), None

    def _add(self, graph: FormanGraph, generator: np.random.Generator) -> bool:
        """Add an edge around the edge of lowest curvature; return False if none can be added."""
        if not graph.curvature:
            return False
        gains = graph.gains(*min(graph.curvature, key=lambda pair: (graph.curvature[pair], pair)))
        free = np.flatnonzero(gains.values > -math.inf)
        if not len(free):
            return False
        gain = gains.values.ravel()[free]
        likelihood = np.exp(self.temperature * (gain - gain.max()))
        sampled = generator.choice(free, p=likelihood / likelihood.sum())
        row, column = divmod(int(sampled), len(gains.second))
        graph.add(int(gains.first[row]), int(gains.second[column]))
        return True

    def _remove(self, graph: FormanGraph) -> bool:
        """Remove the edge of highest curvature; return False if it does not exceed the bound."""
        if self.removal_bound is None or not graph.curvature:
            return False
        highest = min(graph.curvature, key=lambda pair: (-graph.curvature[pair], pair))
        if graph.curvature[highest] <= self.removal_bound:
            return False
        graph.remove(*highest)
        return True
