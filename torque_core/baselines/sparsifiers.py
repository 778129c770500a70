"""Sparsifiers: prune the edges that a structural score of NetworKit ranks lowest."""

from abc import abstractmethod
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, from_numpy

from torque_core.baselines.peer import PEERS, Peer
from torque_core.graph.pairs import pairs_to_edge_index
from torque_core.utils.optional import require
from torque_core.utils.validation import check_ranges

__all__ = [
    "ChanceTriangles",
    "LocalDegree",
    "LocalSimilarity",
    "NeighbourhoodJaccard",
    "Sparsifier",
    "StructuralSimilarity",
    "Triangles",
]


class Sparsifier(Peer):
    """Prune the edges of lowest score, computed by NetworKit (Staudt, Sazonovs and Meyerhenke, 2016).

    The scores use the structure of the graph only and ignore the features. ``round(fraction * E)`` edges are pruned,
    ties by index; no edge is added. NetworKit's own sparsifiers search a threshold for about the same fraction, so that
    edges of equal score stay together. With :math:`d_i` the degree of a node, :math:`t_{ij}` is the number of common
    neighbours of the ends of an edge, that is, of triangles with it.

    Args:
        fraction: Fraction of the edges to prune, in [0, 1].

    Raises:
        BadConfig: If the fraction is out of range.
        MissingDependency: If networkit is not installed.
    """

    def __init__(self, *, fraction: float = 0.1) -> None:
        self.fraction = fraction
        check_ranges(self, {"fraction": (0, 1)})

    def rewire(self, pairs: Tensor, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the new edges, see :meth:`Peer.rewire <torque_core.baselines.Peer.rewire>`."""
        pruned = round(self.fraction * pairs.size(1))
        kept = np.sort(np.argsort(self.score(pairs, len(x)), kind="stable")[pruned:])
        return pairs_to_edge_index(pairs[:, from_numpy(kept)]), None

    def score(self, pairs: Tensor, num_nodes: int) -> NDArray[np.float64]:
        """Compute the score of each edge, higher for edges to keep.

        Args:
            pairs: Edges, each once, :math:`i < j`, :math:`(2, |\\mathcal{E}|)`.
            num_nodes: :math:`|\\mathcal{V}|`.

        Returns:
            Scores, :math:`(|\\mathcal{E}|,)`.
        """
        networkit = require("networkit", extra="baselines")
        if not pairs.size(1):
            return np.empty(0)
        low, high = pairs.cpu().numpy()
        graph = networkit.GraphFromCoo((low, high), n=num_nodes, directed=False)
        graph.indexEdges()
        by_edge_id = np.asarray(self._scores(networkit.sparsification, graph), dtype=np.float64)
        return by_edge_id[[graph.edgeId(i, j) for i, j in zip(low.tolist(), high.tolist(), strict=True)]]

    @abstractmethod
    def _scores(self, sparsification: ModuleType, graph: Any) -> Sequence[float]:
        """Return the scores by the edge ids of a NetworKit graph."""


def _triangles(sparsification: ModuleType, graph: Any) -> Sequence[int]:
    return _run(sparsification.TriangleEdgeScore(graph))


def _run(algorithm: Any) -> Sequence[Any]:
    algorithm.run()
    return algorithm.scores()


@PEERS.register("triangles")
class Triangles(Sparsifier):
    """Triangle sparsifier: keep the edges in most triangles, :math:`t_{ij}`.

    See :class:`Sparsifier` for the argument.

    Example:
        >>> Triangles(fraction=0.25)  # call it with a graph
        Triangles(fraction=0.25)
    """

    def _scores(self, sparsification: ModuleType, graph: Any) -> Sequence[float]:
        return _triangles(sparsification, graph)


@PEERS.register("neighbourhood_jaccard")
class NeighbourhoodJaccard(Sparsifier):
    """Jaccard sparsifier (Satuluri et al., SIGMOD 2011): keep the edges whose ends have most neighbours in common.

    .. math::
        \\frac{t_{ij}}{d_i + d_j - t_{ij}}

    In contrast to :class:`~torque_core.baselines.GCNJaccard` it compares neighbourhoods, not features. See
    :class:`Sparsifier` for the argument.
    """

    def _scores(self, sparsification: ModuleType, graph: Any) -> Sequence[float]:
        triangles = _triangles(sparsification, graph)
        return sparsification.JaccardSimilarityAttributizer(graph, triangles).getAttribute()


@PEERS.register("local_similarity")
class LocalSimilarity(Sparsifier):
    """Local similarity sparsifier (Satuluri et al., SIGMOD 2011): keep the most similar neighbours of each node.

    Each node ranks its neighbours by the Jaccard similarity of :class:`NeighbourhoodJaccard`, :math:`r_i(j)` from 1. It
    keeps the first :math:`\\lfloor d_i^e \\rfloor` of them, and an edge is kept if either end keeps it. The score is
    :math:`1 - e` for the smallest exponent :math:`e` that keeps the edge,

    .. math::
        \\max\\Big(1 - \\frac{\\log r_i(j)}{\\log d_i}, \\; 1 - \\frac{\\log r_j(i)}{\\log d_j}\\Big) .

    See :class:`Sparsifier` for the argument.
    """

    def _scores(self, sparsification: ModuleType, graph: Any) -> Sequence[float]:
        return _run(sparsification.LocalSimilarityScore(graph, _triangles(sparsification, graph)))


@PEERS.register("local_degree")
class LocalDegree(Sparsifier):
    """Local degree sparsifier (Hamann et al., 2016): keep the edges of each node to its neighbours of highest degree.

    The score is that of :class:`LocalSimilarity`, with the neighbours ranked by their degree. See :class:`Sparsifier`
    for the argument.
    """

    def _scores(self, sparsification: ModuleType, graph: Any) -> Sequence[float]:
        return _run(sparsification.LocalDegreeScore(graph))


@PEERS.register("chance_triangles")
class ChanceTriangles(Sparsifier):
    """Chance-corrected triangles: keep the edges in most triangles, compared with those expected at random.

    .. math::
        \\frac{t_{ij} \\, (|\\mathcal{V}| - 2)}{(d_i - 1)(d_j - 1)}

    and 1 if an end has degree 1, so that no triangle is possible. See :class:`Sparsifier` for the argument.
    """

    def _scores(self, sparsification: ModuleType, graph: Any) -> Sequence[float]:
        return _run(sparsification.ChanceCorrectedTriangleScore(graph, _triangles(sparsification, graph)))


@PEERS.register("structural_similarity")
class StructuralSimilarity(Sparsifier):
    """SCAN sparsifier (Xu et al., KDD 2007): keep the edges of highest structural similarity.

    .. math::
        \\frac{t_{ij} + 1}{\\sqrt{(d_i + 1)(d_j + 1)}}

    as NetworKit computes it; in the paper the numerator is :math:`t_{ij} + 2`, since both ends belong to both
    neighbourhoods. See :class:`Sparsifier` for the argument.
    """

    def _scores(self, sparsification: ModuleType, graph: Any) -> Sequence[float]:
        return _run(sparsification.SCANStructuralSimilarityScore(graph, _triangles(sparsification, graph)))
