"""GCN-Jaccard: remove the edges between dissimilar nodes."""

import torch
from torch import Tensor

from torque_core.baselines.peer import PEERS, Peer
from torque_core.graph.pairs import pairs_to_edge_index
from torque_core.utils.sparse import pair_pattern, pair_products
from torque_core.utils.validation import check_ranges

__all__ = ["GCNJaccard", "feature_similarity"]


@PEERS.register("jaccard")
class GCNJaccard(Peer):
    """GCN-Jaccard (Wu et al., IJCAI 2019): remove the edges whose ends have dissimilar features.

    Binary features are compared by Jaccard similarity, others by cosine similarity, see :func:`feature_similarity`.
    The paper removes edges of similarity 0, which is the default here; DeepRobust's implementation removes those below
    0.01. No edge is added.

    Args:
        threshold: Edges of at most this similarity are removed; in [-1, 1].

    Raises:
        BadConfig: If the threshold is out of range.

    Example:
        >>> from torch_geometric.data import Data
        >>> x = torch.tensor([[1.0, 1.0, 0.0], [0.0, 1.0, 1.0], [1.0, 0.0, 0.0]])
        >>> GCNJaccard()(Data(x=x, edge_index=torch.tensor([[0, 1, 1, 2], [1, 0, 2, 1]]))).edge_index
        tensor([[0, 1],
                [1, 0]])
    """

    def __init__(self, *, threshold: float = 0.0) -> None:
        self.threshold = threshold
        check_ranges(self, {"threshold": (-1, 1)})

    def rewire(self, pairs: Tensor, x: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return the new edges, see :meth:`Peer.rewire <torque_core.baselines.Peer.rewire>`."""
        return pairs_to_edge_index(pairs[:, self.keeps(x, pairs)]), None

    def keeps(self, x: Tensor, pairs: Tensor) -> Tensor:
        """Return the mask of pairs that are kept if they are edges, bool, :math:`(P,)`.

        See :func:`feature_similarity` for the arguments.
        """
        return feature_similarity(x, pairs) > self.threshold


def feature_similarity(x: Tensor, pairs: Tensor) -> Tensor:
    """Compute the similarity of the features of the two ends of each pair.

    If all features are 0 or 1, this is the Jaccard similarity
    :math:`|x_i \\wedge x_j| \\, / \\, |x_i \\vee x_j|`, otherwise the cosine similarity; 0 if a row is zero.

    Args:
        x: Features, :math:`(|\\mathcal{V}|, F)`.
        pairs: Pairs of nodes, sorted by the first node, :math:`(2, P)`.

    Returns:
        Similarities, :math:`(P,)`.

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
