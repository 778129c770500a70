"""GCN-Jaccard: drop the edges between nodes that have nothing in common."""

import torch
from torch import Tensor

from torque_core.baselines.peer import PEERS, Peer
from torque_core.graph.pairs import pairs_to_edge_index
from torque_core.utils.sparse import pair_pattern, pair_products
from torque_core.utils.validation import check_ranges

__all__ = ["JaccardPrune", "feature_similarity"]


@PEERS.register("jaccard")
class JaccardPrune(Peer):
    """GCN-Jaccard (Wu et al., IJCAI 2019): drop the edges whose ends have too little in common.

    Binary features are compared by Jaccard similarity, others by cosine, see :func:`feature_similarity`. The paper
    drops edges of similarity 0, which is the default here; DeepRobust's port drops those below 0.01. None is added.

    Args:
        threshold: Edges of at most this similarity go; in [-1, 1].

    Raises:
        BadConfig: The threshold is out of range.

    Example:
        >>> from torch_geometric.data import Data
        >>> x = torch.tensor([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [1.0, 0.0, 0.0]])
        >>> JaccardPrune()(Data(x=x, edge_index=torch.tensor([[0, 1], [1, 2]]))).edge_index
        tensor([[0, 1],
                [1, 0]])
    """

    def __init__(self, *, threshold: float = 0.0) -> None:
        self.threshold = threshold
        check_ranges(self, {"threshold": (-1, 1)})

    def rewire(self, pairs: Tensor, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """See :meth:`Peer.rewire <torque_core.baselines.Peer.rewire>`."""
        return pairs_to_edge_index(pairs[:, self.passes(x, pairs)]), None

    def passes(self, x: Tensor, pairs: Tensor) -> Tensor:
        """Which pairs stay if they are edges, bool, :math:`(P,)`; see :func:`feature_similarity` for the arguments."""
        return feature_similarity(x, pairs) > self.threshold


def feature_similarity(x: Tensor, pairs: Tensor) -> Tensor:
    """How much the two ends of each pair have in common, :math:`(P,)`.

    For features that are all 0 or 1 the Jaccard similarity
    :math:`|x_i \\wedge x_j| \\, / \\, |x_i \\vee x_j|`, else the cosine; 0 where a node has no features at all.

    Args:
        x: Features, :math:`(|\\mathcal{V}|, F)`.
        pairs: Sorted by their first node, :math:`(2, P)`.

    Example:
        >>> x = torch.tensor([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0]])
        >>> feature_similarity(x, torch.tensor([[0], [1]]))
        tensor([0.3333])
    """
    shared = pair_products(x, x, pair_pattern(pairs, x))
    if bool(((x == 0) | (x == 1)).all()):
        own = x.sum(dim=1)
        whole = own[pairs[0]] + own[pairs[1]] - shared
    else:
        own = x.norm(dim=1)
        whole = own[pairs[0]] * own[pairs[1]]
    return torch.where(whole > 0, shared / whole, 0)
