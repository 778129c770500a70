"""GDC: replace the edges by those of a diffusion."""

from importlib.util import find_spec

import torch
from torch import Tensor
from torch_geometric.data import Data
from torch_geometric.transforms import GDC

from torque_core.baselines.peer import PEERS, Peer
from torque_core.errors import BadConfig
from torque_core.graph.pairs import pairs_to_edge_index
from torque_core.graph.scipy_graph import adjacency, component_of
from torque_core.utils.validation import check_ranges

__all__ = ["EXACT_UP_TO", "Diffusion"]

EXACT_UP_TO = 8_192
"""Nodes up to which the diffusion is computed exactly, which takes about a gigabyte there."""

_EPS = 1e-4  # PyG's recommendation


@PEERS.register("gdc")
class Diffusion(Peer):
    """GDC, also known as DIGL (Gasteiger, Weissenberger and Guennemann, NeurIPS 2019): graph diffusion convolution.

    With :math:`T` the symmetrically normalised adjacency with self-loops, the graph becomes that of personalised
    PageRank,

    .. math::
        S = \\alpha \\big( I - (1 - \\alpha) T \\big)^{-1} ,

    of which the largest entries stay, and whose columns are then scaled to the sum 1. It is computed by PyG's ``GDC``
    with PyG's defaults (self-loops of weight 1, ``sym`` in, ``col`` out): exactly up to 8,192 nodes, with the ``k``
    largest entries of each column; beyond by PyG's approximation, which keeps the largest entries of the whole matrix,
    ``avg_degree`` a column in the mean. The exact form takes arrays of :math:`|\\mathcal{V}|^2`.

    The result is directed and weighted, and has self-loops: how much of itself a node keeps. ``GCNConv`` leaves such
    loops as they are, and as the weights that enter a node sum to 1, its own normalisation changes nothing. A model
    that drops the loops would drop a part of the method. Entries between two components of the graph, which are 0 but
    for rounding, are left out.

    Args:
        alpha: Teleport probability :math:`\\alpha`, in [0.01, 1]; the lower, the farther it diffuses.
        k: Entries to keep in each column, exact form.
        avg_degree: Entries to keep for each node in the mean, approximate form.

    Raises:
        BadConfig: An option is out of range; or the approximation is needed and numba is not installed.

    Example:
        >>> from torch_geometric.datasets import KarateClub
        >>> diffused = Diffusion(k=4)(KarateClub()[0])
        >>> diffused.num_edges, diffused.has_self_loops()
        (136, True)
    """

    def __init__(self, *, alpha: float = 0.15, k: int = 64, avg_degree: int = 64) -> None:
        self.alpha = alpha
        self.k = k
        self.avg_degree = avg_degree
        ranges = {"alpha": (0.01, 1), "k": (1, 65_536), "avg_degree": (1, 65_536)}
        check_ranges(self, ranges, whole=("k", "avg_degree"))

    def rewire(self, pairs: Tensor, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """See :meth:`Peer.rewire <torque_core.baselines.Peer.rewire>`."""
        num_nodes = len(x)
        exact = num_nodes <= EXACT_UP_TO
        if not exact and find_spec("numba") is None:
            raise BadConfig(
                f"the graph has {num_nodes:,} nodes; beyond {EXACT_UP_TO:,} the diffusion is approximated, which needs "
                "numba: pip install numba"
            )
        diffuse = {"method": "ppr", "alpha": self.alpha}
        keep = (
            {"method": "topk", "k": self.k, "dim": 0}
            if exact
            else {"method": "threshold", "avg_degree": self.avg_degree}
        )
        transform = GDC(diffusion_kwargs=diffuse | {"eps": _EPS}, sparsification_kwargs=keep, exact=exact)
        diffused = transform(Data(edge_index=pairs_to_edge_index(pairs), num_nodes=num_nodes))
        edge_index, weight = diffused["edge_index"], diffused["edge_attr"]
        source, target = component_of(adjacency(pairs, num_nodes))[edge_index.numpy()]
        genuine = (weight > 0) & torch.from_numpy(source == target)
        return edge_index[:, genuine], weight[genuine]
