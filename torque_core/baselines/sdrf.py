"""SDRF: relieve the bottlenecks, that is the edges of the most negative curvature."""

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

    Each iteration takes the edge :math:`(i, j)` of the lowest balanced Forman curvature, see
    :class:`~torque_core.baselines.forman.FormanGraph`, and adds a link from :math:`i` or a neighbour of it to :math:`j`
    or a neighbour of it, drawn with a probability in proportion to :math:`e^{\\tau x}`, with :math:`x` what the
    curvature of :math:`(i, j)` gains by the link. Then the edge of the highest curvature goes, if that is above
    :math:`C^+`. Ties go to the lower pair. It ends early if an iteration finds nothing to do.

    Args:
        iterations: At most so many.
        temperature: :math:`\\tau`; the higher, the surer is the link of the highest gain.
        removal_bound: :math:`C^+`; None removes nothing.
        seed: Of the draws.

    Raises:
        BadConfig: An option is out of range.

    Example:
        Two triangles that an edge joins; it is the bottleneck, and gets a triangle of its own.

        >>> from torch_geometric.data import Data
        >>> edges = torch.tensor([[0, 0, 1, 2, 3, 3, 4], [1, 2, 2, 3, 4, 5, 5]])
        >>> rewired = SDRF(iterations=1, temperature=1000.0)(Data(x=torch.eye(6), edge_index=edges))
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
        """See :meth:`Peer.rewire <torque_core.baselines.Peer.rewire>`."""
        graph, generator = FormanGraph(pairs.numpy(), len(x)), np.random.default_rng(self.seed)
        for _ in range(self.iterations):
            if not (self._add(graph, generator) | self._remove(graph)):
                break
        edges = torch.tensor(list(graph.curvature), dtype=torch.long).view(-1, 2)
        return pairs_to_edge_index(undirected_pairs(edges.T, len(x))), None

    def _add(self, graph: FormanGraph, generator: np.random.Generator) -> bool:
        """Whether there was a link to be added around the edge of the lowest curvature."""
        if not graph.curvature:
            return False
        gains = graph.gains(*min(graph.curvature, key=lambda pair: (graph.curvature[pair], pair)))
        free = np.flatnonzero(gains.values > -math.inf)
        if not len(free):
            return False
        gain = gains.values.ravel()[free]
        likelihood = np.exp(self.temperature * (gain - gain.max()))
        drawn = generator.choice(free, p=likelihood / likelihood.sum())
        row, column = divmod(int(drawn), len(gains.second))
        graph.add(int(gains.first[row]), int(gains.second[column]))
        return True

    def _remove(self, graph: FormanGraph) -> bool:
        """Whether there was an edge of too high a curvature."""
        if self.removal_bound is None or not graph.curvature:
            return False
        highest = min(graph.curvature, key=lambda pair: (-graph.curvature[pair], pair))
        if graph.curvature[highest] <= self.removal_bound:
            return False
        graph.remove(*highest)
        return True
