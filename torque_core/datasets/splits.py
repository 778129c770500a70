"""Splits of the nodes into training, validation and test nodes."""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.errors import BadConfig
from torque_core.graph.labels import class_labels

__all__ = ["PerClass", "Split", "fixed_split", "stratified_split"]


@dataclass(frozen=True)
class Split:
    """Three disjoint boolean node masks, each :math:`(|\\mathcal{V}|,)`."""

    train: Tensor
    val: Tensor
    test: Tensor


class PerClass(NamedTuple):
    """Number of training nodes per class, as an alternative to the three fractions of a split."""

    train: int
    """Training nodes per class; of a class with fewer than twice as many nodes, half are used, at least one."""
    val: int
    """Validation nodes of any class; a tenth of the labelled nodes if this number exceeds a quarter of them."""
    test: float
    """Approximate fraction of labelled nodes that remain for testing."""

    @classmethod
    def of(cls, train: int, val: int, *, nodes: int, classes: int) -> "PerClass":
        """Return the plan for a number of labelled nodes; ``test`` is computed for classes of equal size.

        Example:
            >>> PerClass.of(20, 500, nodes=2_708, classes=7)
            PerClass(train=20, val=500, test=0.763...)
        """
        selected = classes * _num_train(nodes // classes, train) + _num_validation(nodes, val)
        return cls(train, val, 1 - selected / nodes)


def stratified_split(y: Tensor, fractions: tuple[float, float, float], *, seed: int) -> Split:
    """Split the nodes of each class by the same fractions, or use the same number of training nodes per class.

    Of a class of :math:`n` nodes, ``round(n * train)`` are training nodes, ``round(n * val)`` validation nodes (halves
    are rounded up) and the others test nodes. If the class has at least three nodes, each part contains at least one.
    Of two nodes, one is a training node and one a test node; a single node is a training node.

    With :class:`PerClass`, each class has ``train`` training nodes; a class with fewer than twice as many nodes has
    half of its nodes, rounded down, and at least one. Among the other nodes, of any class, ``val`` are validation
    nodes, or a tenth of all labelled nodes if ``val`` exceeds a quarter of them, and the others are test nodes.

    Args:
        y: Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`; unlabelled nodes are in no part.
        fractions: Fractions of training, validation and test nodes, each greater than 0, with the sum 1; or
            :class:`PerClass`.
        seed: Random seed; independent of the global random state.

    Raises:
        BadConfig: If the fractions are not positive or do not sum to 1.

    Example:
        >>> split = stratified_split(torch.tensor([0] * 10 + [1, -1]), (0.5, 0.3, 0.2), seed=0)
        >>> int(split.train.sum()), int(split.val.sum()), int(split.test.sum())
        (6, 3, 2)
        >>> few = stratified_split(torch.tensor([0] * 10 + [1] * 3), PerClass(4, 1, 0.5), seed=0)
        >>> int(few.train.sum()), int(few.val.sum()), int(few.test.sum())
        (5, 1, 7)
    """
    y = class_labels(y)
    if isinstance(fractions, PerClass):
        return _per_class_split(y, fractions, seed)
    if min(fractions) <= 0 or abs(sum(fractions) - 1) > 1e-6:
        raise BadConfig(f"fractions must each be greater than 0 and sum to 1, got {fractions}")
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
    """Numbers of training and validation nodes of a class of ``size`` nodes."""
    if size < 3:
        return 1, 0
    train = min(max(int(size * fractions[0] + 0.5), 1), size - 2)
    val = min(max(int(size * fractions[1] + 0.5), 1), size - train - 1)
    return train, val


def _per_class_split(y: Tensor, plan: PerClass, seed: int) -> Split:
    generator = torch.Generator().manual_seed(seed)
    labelled = y >= 0
    train = torch.zeros_like(labelled)
    for label in torch.unique(y[labelled]):
        members = (y == label).nonzero().flatten()
        members = members[torch.randperm(len(members), generator=generator)]
        train[members[: _num_train(len(members), plan.train)]] = True
    others = (labelled & ~train).nonzero().flatten()
    others = others[torch.randperm(len(others), generator=generator)]
    val = torch.zeros_like(labelled)
    val[others[: _num_validation(int(labelled.sum()), plan.val)]] = True
    return Split(train, val, labelled & ~train & ~val)


def _num_train(size: int, train: int) -> int:
    """Number of training nodes of a class of ``size`` nodes."""
    return min(train, max(size // 2, 1))


def _num_validation(labelled: int, val: int) -> int:
    """Number of validation nodes among the labelled nodes."""
    return val if 4 * val <= labelled else labelled // 10


def fixed_split(data: Data, index: int) -> Split:
    """Return column ``index`` of the stored masks :math:`(|\\mathcal{V}|, S)`, without unlabelled nodes.

    A mask with a single column belongs to all splits.

    Example:
        >>> mask = torch.tensor([[1, 0], [0, 1]], dtype=torch.uint8)
        >>> data = Data(y=torch.tensor([0, -1]), train_mask=mask, val_mask=1 - mask, test_mask=0 * mask)
        >>> fixed_split(data, 0).train
        tensor([ True, False])
    """
    labelled = class_labels(data["y"]) >= 0
    masks = [data[f"{part}_mask"].bool().view(len(labelled), -1) for part in ("train", "val", "test")]
    return Split(*(mask[:, index if mask.size(1) > 1 else 0] & labelled for mask in masks))
