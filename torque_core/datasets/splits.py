"""Which nodes are for training, validation and test."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.errors import BadConfig

__all__ = ["PerClass", "Split", "fixed_split", "stratified_split"]


@dataclass(frozen=True)
class Split:
    """Three disjoint node masks, bool, each :math:`(|\\mathcal{V}|,)`."""

    train: Tensor
    val: Tensor
    test: Tensor


class PerClass(NamedTuple):
    """A number of training nodes of each class, in place of the three shares of a split."""

    train: int
    """Training nodes of each class; a class of fewer than twice as many nodes gives half of them, at least one."""
    val: int
    """Validation nodes, of whatever class; a tenth of the labelled nodes where so many are over a quarter of them."""
    test: float
    """About what share of the labelled nodes is left for testing."""

    @classmethod
    def of(cls, train: int, val: int, *, nodes: int, classes: int) -> "PerClass":
        """The plan for so many labelled nodes; as for the share that is left, classes are taken to be of one size.

        Example:
            >>> PerClass.of(20, 500, nodes=2_708, classes=7)
            PerClass(train=20, val=500, test=0.763...)
        """
        chosen = classes * _of_class(nodes // classes, train) + _validation(nodes, val)
        return cls(train, val, 1 - chosen / nodes)


def stratified_split(y: Tensor, fractions: tuple[float, float, float], *, seed: int) -> Split:
    """Split the nodes of each class by the same fractions, or take as many of each class for training.

    Of a class of :math:`n` nodes, ``round(n * train)`` go to training and ``round(n * val)`` to
    validation (a half rounds up) and the rest to test, except that from three nodes on each part gets
    at least one. Of two nodes, one goes to training and one to test; a single one goes to training.

    With :class:`PerClass`, so many nodes of each class go to training; a class of fewer than twice as many gives half
    of its nodes, rounded down, and at least one. Of the others, whatever their class, so many go to validation, or a
    tenth of all labelled nodes where so many are over a quarter of them, and the rest to test.

    Args:
        y: Labels, :math:`(|\\mathcal{V}|,)`; nodes with -1 are in no part.
        fractions: Train, validation and test shares, each over 0, with the sum 1; or :class:`PerClass`.
        seed: A seed gives one split, whatever the global random state.

    Raises:
        BadConfig: The fractions are not positive or do not sum to 1.

    Example:
        >>> split = stratified_split(torch.tensor([0] * 10 + [1, -1]), (0.5, 0.3, 0.2), seed=0)
        >>> int(split.train.sum()), int(split.val.sum()), int(split.test.sum())
        (6, 3, 2)
        >>> few = stratified_split(torch.tensor([0] * 10 + [1] * 3), PerClass(4, 1, 0.5), seed=0)
        >>> int(few.train.sum()), int(few.val.sum()), int(few.test.sum())
        (5, 1, 7)
    """
    if isinstance(fractions, PerClass):
        return _per_class_split(y, fractions, seed)
    if min(fractions) <= 0 or abs(sum(fractions) - 1) > 1e-6:
        raise BadConfig(f"fractions must each be over 0 and sum to 1, got {fractions}")
    generator = torch.Generator().manual_seed(seed)
    part = torch.full((len(y),), -1)  # (N,) 0 train, 1 validation, 2 test
    for label in torch.unique(y[y >= 0]):
        members = (y == label).nonzero().flatten()
        members = members[torch.randperm(len(members), generator=generator)]
        train, val = _counts(len(members), fractions)
        part[members] = 2
        part[members[: train + val]] = 1
        part[members[:train]] = 0
    return Split(part == 0, part == 1, part == 2)


def _counts(size: int, fractions: tuple[float, float, float]) -> tuple[int, int]:
    """How many nodes of a class of ``size`` go to training and to validation."""
    if size < 3:
        return 1, 0
    train = min(max(int(size * fractions[0] + 0.5), 1), size - 2)
    val = min(max(int(size * fractions[1] + 0.5), 1), size - train - 1)
    return train, val


def _per_class_split(y: Tensor, plan: PerClass, seed: int) -> Split:
    generator = torch.Generator().manual_seed(seed)
    labelled = y >= 0
    chosen = torch.zeros_like(labelled)
    for label in torch.unique(y[labelled]):
        members = (y == label).nonzero().flatten()
        members = members[torch.randperm(len(members), generator=generator)]
        chosen[members[: _of_class(len(members), plan.train)]] = True
    others = (labelled & ~chosen).nonzero().flatten()
    others = others[torch.randperm(len(others), generator=generator)]
    val = torch.zeros_like(labelled)
    val[others[: _validation(int(labelled.sum()), plan.val)]] = True
    return Split(chosen, val, labelled & ~chosen & ~val)


def _of_class(size: int, train: int) -> int:
    """How many nodes of a class of ``size`` are for training."""
    return min(train, max(size // 2, 1))


def _validation(labelled: int, wanted: int) -> int:
    """How many of the labelled nodes are for validation."""
    return wanted if 4 * wanted <= labelled else labelled // 10


def fixed_split(data: Data, index: int) -> Split:
    """Column ``index`` of the masks :math:`(|\\mathcal{V}|, S)` that come with a set; unlabelled nodes left out.

    Example:
        >>> mask = torch.tensor([[1, 0], [0, 1]], dtype=torch.uint8)
        >>> data = Data(y=torch.tensor([0, -1]), train_mask=mask, val_mask=1 - mask, test_mask=0 * mask)
        >>> fixed_split(data, 0).train
        tensor([ True, False])
    """
    labelled: Tensor = data["y"] >= 0
    train, val, test = (
        data[f"{part}_mask"].bool().view(len(labelled), -1)[:, index] & labelled for part in ("train", "val", "test")
    )
    return Split(train, val, test)
