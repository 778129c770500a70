"""Trees-NeighborsMatch: trees whose root must hear of every leaf, to measure over-squashing with."""

from dataclasses import dataclass
from itertools import permutations
from math import factorial

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.errors import BadConfig
from torque_core.utils.random import check_seed

__all__ = ["Trees", "TreesSpec", "sample_trees"]

_MOST_ASSIGNMENTS = 1_000
_MOST_TREES = 32_000
_MOST_NUMBERS = 1 << 28  # features of all trees: 1 GiB
_ALL_LISTED_UP_TO = 3  # depth: 40,320 assignments; deeper ones hardly ever repeat when drawn


@dataclass(frozen=True, kw_only=True)
class TreesSpec:
    """Settings of Trees-NeighborsMatch.

    Attributes:
        depth: :math:`d`, 2 to 8; a tree has :math:`2^d` leaves.
        assignments: How many assignments of values to leaves, each used with every key, at least 2 and at most
            :math:`(2^d)!`; None for the authors' number: 1,000, or fewer if there are no more or the trees would be
            over 32,000.
        train_share: Share of the trees for training, over 0 and below 1; at least one tree of each label is in either
            part.
        bidirectional: Whether edges also lead away from the root.
        seed: Of the assignments and the split.

    Raises:
        BadConfig: A value that cannot be, or more than :math:`2^{28}` features.

    Example:
        >>> spec = TreesSpec(depth=3)
        >>> spec.leaves, spec.nodes, spec.count
        (8, 15, 8000)
    """

    depth: int = 2
    assignments: int | None = None
    train_share: float = 0.8
    bidirectional: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        """Raise :class:`BadConfig` for a value that cannot be."""
        if type(self.depth) is not int or not 2 <= self.depth <= 8:
            raise BadConfig(f"depth must be an integer in [2, 8], got {self.depth!r}")
        if self.assignments is not None:
            most = factorial(self.leaves)
            if type(self.assignments) is not int or not 2 <= self.assignments <= most:
                shown = f"{most:,}" if self.depth <= _ALL_LISTED_UP_TO else f"{self.leaves}!"
                raise BadConfig(f"assignments must be an integer in [2, {shown}] or None, got {self.assignments!r}")
        if not 0 < self.train_share < 1:
            raise BadConfig(f"train_share must be over 0 and below 1, got {self.train_share}")
        check_seed(self.seed)
        if (numbers := self.count * self.nodes * 2 * self.leaves) > _MOST_NUMBERS:
            most = _MOST_NUMBERS * self.drawn // numbers
            raise BadConfig(
                f"{self.count:,} trees of {self.nodes} nodes have {numbers:,} features, over the limit of "
                f"{_MOST_NUMBERS:,}; lower depth, or assignments to {most:,} at most"
            )

    @property
    def leaves(self) -> int:
        """Leaves of a tree, :math:`2^d`: as many keys, values and labels are there."""
        return 2**self.depth

    @property
    def nodes(self) -> int:
        """Nodes of a tree, :math:`2^{d + 1} - 1`."""
        return 2 * self.leaves - 1

    @property
    def drawn(self) -> int:
        """Number of assignments."""
        if self.assignments is not None:
            return self.assignments
        return min(_MOST_ASSIGNMENTS, factorial(self.leaves), _MOST_TREES // self.leaves)

    @property
    def count(self) -> int:
        """Number of trees."""
        return self.drawn * self.leaves


@dataclass(frozen=True)
class Trees:
    """Trees for training and for test, ready for PyG's ``DataLoader``.

    Each has ``x`` :math:`(2^{d + 1} - 1, 2^{d + 1})`, ``edge_index``, its label ``y`` :math:`(1,)` in
    :math:`0, \\ldots, 2^d - 1`, and ``root_mask``, true at the root alone.
    """

    train: list[Data]
    test: list[Data]


def sample_trees(spec: TreesSpec | None = None) -> Trees:
    """Draw the trees of Trees-NeighborsMatch (Alon and Yahav, ICLR 2021, arXiv 2006.05205).

    A complete binary tree of depth :math:`d`. Every leaf has a key, its number from the left, and a value; the values
    are a permutation. The root has a key: its label is the value of the leaf of that key, :math:`d` hops away, so what
    :math:`2^d` leaves say must pass through the two children of the root. The paper calls the key the number of blue
    neighbours, and its authors' code gives it as a number, as is done here.

    The root is node 0, the children of node :math:`v` are :math:`2v + 1` and :math:`2v + 2`, and the leaves come last.
    Features are the one-hot key beside the one-hot value; the root has no value, inner nodes have neither. Edges lead
    from child to parent, as in the authors' code; that code also gives each node a self-loop, which is left to the
    convolution here. Every assignment of values appears with every key, and both parts have the labels in equal shares.

    Example:
        >>> trees = sample_trees(TreesSpec(depth=2))
        >>> len(trees.train), len(trees.test), trees.train[0]
        (76, 20, Data(x=[7, 8], edge_index=[2, 6], y=[1], root_mask=[7]))
    """
    spec = spec or TreesSpec()
    generator = torch.Generator().manual_seed(spec.seed)
    values = _assignments(spec, generator)  # (A, L)
    leaves, nodes = spec.leaves, spec.nodes
    key = torch.arange(leaves).repeat(spec.drawn)  # (T,)
    values = values.repeat_interleave(leaves, dim=0)  # (T, L)
    label = values.gather(1, key[:, None])  # (T, 1)

    x = torch.zeros(spec.count, nodes, 2 * leaves)
    x[torch.arange(spec.count), 0, key] = 1
    first = nodes - leaves
    x[:, first:, :leaves] = torch.eye(leaves)
    x[:, first:, leaves:].scatter_(2, values[:, :, None], 1.0)

    child = torch.arange(1, nodes)
    edge_index = torch.stack([child, (child - 1) // 2])
    if spec.bidirectional:
        edge_index = torch.cat([edge_index, edge_index.flip(0)], dim=1)
    root_mask = torch.arange(nodes) == 0

    trees = [Data(x=x[t], edge_index=edge_index, y=label[t], root_mask=root_mask) for t in range(spec.count)]
    train = _training(label.flatten(), spec, generator).tolist()
    return Trees(
        train=[tree for tree, chosen in zip(trees, train, strict=True) if chosen],
        test=[tree for tree, chosen in zip(trees, train, strict=True) if not chosen],
    )


def _assignments(spec: TreesSpec, generator: torch.Generator) -> Tensor:
    """Distinct permutations of the values where they can be listed, else random ones, (A, L)."""
    if spec.depth <= _ALL_LISTED_UP_TO:
        every = torch.tensor(list(permutations(range(spec.leaves))))
        return every[torch.randperm(len(every), generator=generator)[: spec.drawn]]
    return torch.rand(spec.drawn, spec.leaves, generator=generator).argsort(dim=1)


def _training(label: Tensor, spec: TreesSpec, generator: torch.Generator) -> Tensor:
    """Which trees are for training, bool, (T,): of each label, which has a tree in every assignment, as many."""
    train = min(max(round(spec.train_share * spec.drawn), 1), spec.drawn - 1)
    shuffled = torch.randperm(spec.count, generator=generator)
    by_label = shuffled[label[shuffled].argsort(stable=True)].view(spec.leaves, spec.drawn)
    chosen = torch.zeros(spec.count, dtype=torch.bool)
    chosen[by_label[:, :train].flatten()] = True
    return chosen
