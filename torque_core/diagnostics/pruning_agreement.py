"""Agreement of two methods on the edges that they prune."""

from dataclasses import dataclass

import torch
from torch import Tensor

from torque_core.errors import BadGraph
from torque_core.rewiring.graph_change import GraphChange, part_of_change

__all__ = ["PruningAgreement", "pruning_agreement"]


@dataclass(frozen=True)
class PruningAgreement:
    """Edges that two methods prune, as masks of the edges before, bool, :math:`(|\\mathcal{E}|,)`.

    Attributes:
        first_only: Pruned by the first method alone.
        second_only: Pruned by the second method alone.
        both: Pruned by both.
        added_first_only: Mask of the edges that the first method adds and the second does not, :math:`(A_1,)`.
        added_second_only: Mask of the edges that the second method adds and the first does not, :math:`(A_2,)`.
    """

    first_only: Tensor
    second_only: Tensor
    both: Tensor
    added_first_only: Tensor
    added_second_only: Tensor

    def disagreement(self, first: GraphChange, second: GraphChange) -> tuple[GraphChange, GraphChange]:
        """Return the parts of both changes on whose edges the methods disagree."""
        differ = self.first_only | self.second_only
        return (
            part_of_change(first, differ, self.added_first_only),
            part_of_change(second, differ, self.added_second_only),
        )


def pruning_agreement(first: GraphChange, second: GraphChange) -> PruningAgreement:
    """Compare the edges that two methods prune and add in the same graph.

    Args:
        first: Change that the first method makes.
        second: Change that the second method makes.

    Raises:
        BadGraph: If the methods did not start from the same graph.

    Example:
        >>> pairs, none = torch.tensor([[0, 1, 2], [1, 2, 3]]), torch.empty(2, 0, dtype=torch.long)
        >>> def change(*pruned):
        ...     return GraphChange(pairs=pairs, pruned_mask=torch.tensor(pruned), added=none, num_nodes=4)
        >>> agreement = pruning_agreement(change(True, True, False), change(False, True, False))
        >>> agreement.first_only.tolist(), agreement.both.tolist()
        ([True, False, False], [False, True, False])
    """
    if not torch.equal(first.pairs, second.pairs):
        raise BadGraph("the two methods did not start from the same graph; compare changes of one graph")
    one, other = first.pruned_mask, second.pruned_mask
    return PruningAgreement(
        one & ~other, other & ~one, one & other, ~_among(first.added, second.added), ~_among(second.added, first.added)
    )


def _among(pairs: Tensor, others: Tensor) -> Tensor:
    """Mask of those pairs that are among others."""
    known = set(zip(*others.tolist(), strict=True))
    return torch.tensor([pair in known for pair in zip(*pairs.tolist(), strict=True)], dtype=torch.bool)
