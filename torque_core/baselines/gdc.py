"""GDC: replace the graph by the result of a diffusion."""

import torch
from torch import Tensor
from torch_geometric import transforms
from torch_geometric.data import Data

from torque_core.baselines.peer import PEERS, Peer
from torque_core.errors import MissingDependency
from torque_core.graph.pairs import pairs_to_edge_index
from torque_core.graph.scipy_graph import adjacency, component_of
from torque_core.utils.optional import require
from torque_core.utils.validation import check_ranges

__all__ = ["EXACT_UP_TO", "GDC"]

EXACT_UP_TO = 8_192
"""Largest number of nodes for which the diffusion is computed exactly, which takes about a gigabyte."""

_EPS = 1e-4  # PyG's recommendation


@PEERS.register("gdc")
class GDC(Peer):
    """GDC, also known as DIGL (Gasteiger, Weissenberger and Guennemann, NeurIPS 2019): graph diffusion convolution.

    With :math:`T` the symmetrically normalised adjacency matrix with self-loops, the adjacency matrix is replaced by
    personalised PageRank,

    .. math::
        S = \\alpha \\big( I - (1 - \\alpha) T \\big)^{-1} ,

    of which only the largest entries are kept; the columns are then normalised to sum to 1. It is computed by
    :class:`torch_geometric.transforms.GDC` with PyG's defaults (self-loops of weight 1, ``sym`` in, ``col`` out): up to
    8,192 nodes exactly, keeping the ``k`` largest entries of each column; for more nodes by PyG's approximation,
    keeping the largest entries of the whole matrix, ``avg_degree`` per column on average. The exact form needs dense
    :math:`|\\mathcal{V}| \\times |\\mathcal{V}|` arrays.

    The result is directed and weighted, and has self-loops. ``GCNConv`` keeps existing self-loops, and since the
    weights of the edges that enter a node sum to 1, its normalisation has no effect. A model that removes self-loops
    would change the method. Entries between different components of the graph, which are 0 up to rounding, are
    removed.

    Args:
        alpha: Teleport probability :math:`\\alpha`, in [0.01, 1]; lower values diffuse farther.
        k: Number of entries to keep per column, exact form.
        avg_degree: Average number of entries to keep per node, approximate form.

    Raises:
        BadConfig: If an option is out of range.
        MissingDependency: If the graph has more than 8,192 nodes and numba, which the approximation needs, is not
            installed.

    Example:
        >>> from torch_geometric.datasets import KarateClub
        >>> diffused = GDC(k=4)(KarateClub()[0])
        >>> diffused.num_edges, diffused.has_self_loops()
        (136, True)
    """

    weighted = True

    def __init__(self, *, alpha: float = 0.15, k: int = 64, avg_degree: int = 64) -> None:
        self.alpha = alpha
        self.k = k
        self.avg_degree = avg_degree
        ranges = {"alpha": (0.01, 1), "k": (1, 65_536), "avg_degree": (1, 65_536)}
        check_ranges(self, ranges, whole=("k", "avg_degree"))

    def rewire(self, pairs: Tensor, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the new edges, see :meth:`Peer.rewire <torque_core.baselines.Peer.rewire>`."""
        num_nodes = len(x)
        exact = num_nodes <= EXACT_UP_TO
        if not exact:
            try:
                require("numba", extra="baselines")
            except MissingDependency as error:
                raise MissingDependency(
                    f"the graph has {num_nodes:,} nodes; the diffusion of more than {EXACT_UP_TO:,} is approximated, "
                    f"which needs numba. {error}"
                ) from error
        diffuse = {"method": "ppr", "alpha": self.alpha}
        keep = (
            {"method": "topk", "k": self.k, "dim": 0}
            if exact
            else {"method": "threshold", "avg_degree": self.avg_degree}
        )
        transform = transforms.GDC(diffusion_kwargs=diffuse | {"eps": _EPS}, sparsification_kwargs=keep, exact=exact)
        diffused = transform(Data(edge_index=pairs_to_edge_index(pairs), num_nodes=num_nodes))
        edge_index, weight = diffused["edge_index"], diffused["edge_attr"]
        source, target = component_of(adjacency(pairs, num_nodes))[edge_index.numpy()]
        within = (weight > 0) & torch.from_numpy(source == target)
        return edge_index[:, within], weight[within]
