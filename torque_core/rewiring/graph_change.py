"""The change that a rewiring method makes to the edges of a graph."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from torque_core.graph.pairs import directed_edges, pair_keys

__all__ = ["GraphChange", "part_of_change"]


@dataclass(frozen=True, kw_only=True, repr=False)
class GraphChange:
    """Kept, pruned and added edges: the change that any method makes to a graph. Each undirected edge occurs once.

    Attributes:
        pairs: Edges of the graph before, with :math:`i < j`, sorted, :math:`(2, |\\mathcal{E}|)`.
        pruned_mask: Mask of the pruned edges, bool, :math:`(|\\mathcal{E}|,)`.
        added: Added edges, which are not among ``pairs``, with :math:`i < j`, sorted, :math:`(2, A)`.
        num_nodes: :math:`|\\mathcal{V}|`.

    Example:
        >>> path, mask = torch.tensor([[0, 1, 2], [1, 2, 3]]), torch.tensor([False, True, False])
        >>> change = GraphChange(pairs=path, pruned_mask=mask, added=torch.tensor([[0], [3]]), num_nodes=4)
        >>> change
        GraphChange(num_nodes=4, edges=3, kept=2, pruned=1, added=1)
        >>> change.rewired
        tensor([[0, 0, 2],
                [1, 3, 3]])
    """

    pairs: Tensor
    pruned_mask: Tensor
    added: Tensor
    num_nodes: int

    def __repr__(self) -> str:
        counts = f"kept={self.kept.size(1)}, pruned={self.pruned.size(1)}, added={self.added.size(1)}"
        return f"{type(self).__name__}(num_nodes={self.num_nodes}, edges={self.pairs.size(1)}, {counts})"

    @property
    def weight(self) -> Tensor | None:
        """Weights after the change, of ``pairs`` and then of ``added``, in both directions; None if all are 1.

        Shape :math:`(2, |\\mathcal{E}| + A)`: first from :math:`i` to :math:`j`, then back. The weight of a pruned edge
        is 0, and so is that of a direction in which there is no edge.
        """
        return None

    @property
    def directions(self) -> Tensor | None:
        """Mask of the directions that ``pairs`` and then ``added`` have, bool, :math:`(2, |\\mathcal{E}| + A)`.

        First from :math:`i` to :math:`j`, then back; none of a pruned edge unless they are recorded. None if all edges
        go both ways.
        """
        return None if self.weight is None else self.weight > 0

    @property
    def weighted(self) -> bool:
        """True if the edges have weights after the change."""
        return self.weight is not None

    @cached_property
    def kept(self) -> Tensor:
        """Kept edges, :math:`(2, K)`."""
        return self.pairs[:, ~self.pruned_mask]

    @cached_property
    def pruned(self) -> Tensor:
        """Pruned edges, :math:`(2, |\\mathcal{E}| - K)`."""
        return self.pairs[:, self.pruned_mask]

    @cached_property
    def _order(self) -> Tensor:
        return pair_keys(torch.cat([self.kept, self.added], dim=1), self.num_nodes).argsort()

    @cached_property
    def rewired(self) -> Tensor:
        """The graph after the change: kept and added edges, sorted, :math:`(2, K + A)`."""
        return torch.cat([self.kept, self.added], dim=1)[:, self._order]

    @cached_property
    def rewired_weight(self) -> Tensor | None:
        """Weights of ``rewired`` in both directions, :math:`(2, K + A)`; None if all are 1."""
        if self.weight is None:
            return None
        old, new = self.weight.split([self.pairs.size(1), self.added.size(1)], dim=1)
        return torch.cat([old[:, ~self.pruned_mask], new], dim=1)[:, self._order]

    @cached_property
    def _directed(self) -> tuple[Tensor, Tensor | None]:
        return directed_edges(self.rewired, self.rewired_weight)

    @property
    def edge_index(self) -> Tensor:
        """The graph after the change as PyG's ``edge_index``, with every direction that exists, :math:`(2, M)`."""
        return self._directed[0]

    @property
    def edge_weight(self) -> Tensor | None:
        """Weights of ``edge_index``, :math:`(M,)`; None if all are 1."""
        return self._directed[1]


@dataclass(frozen=True, kw_only=True, repr=False)
class _Part(GraphChange):
    """A part of a change, with the weights of its edges."""

    weight: Tensor | None = None


def part_of_change(change: GraphChange, edges: Tensor, added: Tensor) -> GraphChange:
    """Return a part of a change, such as the neighbourhood of a node.

    Args:
        change: The change of the whole graph.
        edges: Mask of the edges before the change, bool, :math:`(|\\mathcal{E}|,)`.
        added: Mask of the added edges, bool, :math:`(A,)`.

    Example:
        >>> path, mask = torch.tensor([[0, 1, 2], [1, 2, 3]]), torch.tensor([False, True, False])
        >>> change = GraphChange(pairs=path, pruned_mask=mask, added=torch.tensor([[0], [3]]), num_nodes=4)
        >>> part_of_change(change, torch.tensor([False, True, True]), torch.tensor([False]))
        _Part(num_nodes=4, edges=2, kept=1, pruned=1, added=0)
    """
    return _Part(
        pairs=change.pairs[:, edges],
        pruned_mask=change.pruned_mask[edges],
        added=change.added[:, added],
        num_nodes=change.num_nodes,
        weight=None if change.weight is None else change.weight[:, torch.cat([edges, added])],
    )
