"""Which nodes are for training, validation and test."""

from dataclasses import dataclass

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.errors import BadConfig

__all__ = ["Split", "fixed_split", "stratified_split"]


@dataclass(frozen=True)
class Split:
    """Three disjoint node masks, bool, each :math:`(|\\mathcal{V}|,)`."""

    train: Tensor
    val: Tensor
    test: Tensor


def stratified_split(y: Tensor, fractions: tuple[float, float, float], *, seed: int) -> Split:
    """Split the nodes of each class by the same fractions.

    Of a class of :math:`n` nodes, ``round(n * train)`` go to training and ``round(n * val)`` to
    validation (a half rounds up) and the rest to test, except that from three nodes on each part gets
    at least one. Of two nodes, one goes to training and one to test; a single one goes to training.

    Args:
        y: Labels, :math:`(|\\mathcal{V}|,)`; nodes with -1 are in no part.
        fractions: Train, validation and test shares, each over 0, with the sum 1.
        seed: A seed gives one split, whatever the global random state.

    Raises:
        BadConfig: The fractions are not positive or do not sum to 1.

    Example:
        >>> split = stratified_split(torch.tensor([0] * 10 + [1, -1]), (0.5, 0.3, 0.2), seed=0)
        >>> int(split.train.sum()), int(split.val.sum()), int(split.test.sum())
        (6, 3, 2)
    """
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
