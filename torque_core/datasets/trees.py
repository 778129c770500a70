"""Trees-NeighborsMatch, a synthetic data set that measures over-squashing."""

from dataclasses import dataclass
from itertools import permutations
from math import factorial

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.errors import BadConfig
from torque_core.utils.random import check_seed

__all__ = ["Trees", "TreesSpec", "sample_trees"]

_MAX_ASSIGNMENTS = 1_000
_MAX_TREES = 32_000
_MAX_FEATURES = 1 << 28  # features of all trees: 1 GiB
_ENUMERATED_UP_TO = 3  # depth: 40,320 assignments; for deeper trees random ones hardly ever repeat


@dataclass(frozen=True, kw_only=True)
class TreesSpec:
    """Settings of Trees-NeighborsMatch.

    Attributes:
        depth: Depth :math:`d`, 2 to 8; a tree has :math:`2^d` leaves.
        assignments: Number of assignments of values to leaves, each used with every key, at least 2 and at most
            :math:`(2^d)!`. None for the authors' number: 1,000, or fewer if fewer exist or if there would be more than
            32,000 trees.
        train_fraction: Fraction of training trees, greater than 0 and less than 1; either part contains at least one
            tree of each label.
        bidirectional: Whether there are also edges from parents to children.
        seed: Random seed for the assignments and the split.

    Raises:
        BadConfig: If a value is out of range, or there are more than :math:`2^{28}` features.

    Example:
        >>> spec = TreesSpec(depth=3)
        >>> spec.leaves, spec.nodes, spec.count
        (8, 15, 8000)
    """

    depth: int = 2
    assignments: int | None = None
    train_fraction: float = 0.8
    bidirectional: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        """Validate every field."""
        if type(self.depth) is not int or not 2 <= self.depth <= 8:
            raise BadConfig(f"depth must be an integer in [2, 8], got {self.depth!r}")
        if self.assignments is not None:
            most = factorial(self.leaves)
            if type(self.assignments) is not int or not 2 <= self.assignments <= most:
                shown = f"{most:,}" if self.depth <= _ENUMERATED_UP_TO else f"{self.leaves}!"
                raise BadConfig(f"assignments must be an integer in [2, {shown}] or None, got {self.assignments!r}")
        if not 0 < self.train_fraction < 1:
            raise BadConfig(f"train_fraction must be greater than 0 and less than 1, got {self.train_fraction}")
        check_seed(self.seed)
        if (numbers := self.count * self.nodes * 2 * self.leaves) > _MAX_FEATURES:
            most = _MAX_FEATURES * self.num_assignments // numbers
            raise BadConfig(
                f"{self.count:,} trees of {self.nodes} nodes have {numbers:,} features, more than the limit of "
                f"{_MAX_FEATURES:,}; lower depth, or assignments to {most:,} at most"
            )

    @property
    def leaves(self) -> int:
        """Number of leaves, :math:`2^d`, which is also the number of keys, of values and of labels."""
        return 2**self.depth

    @property
    def nodes(self) -> int:
        """Number of nodes, :math:`2^{d + 1} - 1`."""
        return 2 * self.leaves - 1

    @property
    def num_assignments(self) -> int:
        """Number of assignments."""
        if self.assignments is not None:
            return self.assignments
        return min(_MAX_ASSIGNMENTS, factorial(self.leaves), _MAX_TREES // self.leaves)

    @property
    def count(self) -> int:
        """Number of trees."""
        return self.num_assignments * self.leaves


@dataclass(frozen=True)
class Trees:
    """Training and test trees, ready for PyG's ``DataLoader``.

    Each tree has ``x`` :math:`(2^{d + 1} - 1, 2^{d + 1})`, ``edge_index``, its label ``y`` :math:`(1,)` in
    :math:`0, \\ldots, 2^d - 1`, and ``root_mask``, true at the root alone.
    """

    train: list[Data]
    test: list[Data]


def sample_trees(spec: TreesSpec | None = None) -> Trees:
    """Sample the trees of Trees-NeighborsMatch (Alon and Yahav, ICLR 2021, arXiv 2006.05205).

    Each sample is a complete binary tree of depth :math:`d`. Every leaf has a key, its number from the left, and a
    value; the values are a permutation. The root has a key, and its label is the value of the leaf with that key,
    :math:`d` hops away, so the information of all :math:`2^d` leaves must pass through the two children of the root.
    The paper describes the key as a number of blue neighbours; like the authors' code, this one encodes it as a number.

    The root is node 0, the children of node :math:`v` are :math:`2v + 1` and :math:`2v + 2`, and the leaves are the
    last nodes. Features are the one-hot key followed by the one-hot value; the root has no value, and inner nodes have
    neither. Edges are directed from child to parent, as in the authors' code, which also adds self-loops; here they
    are left to the convolution. Every assignment of values occurs with every key, and labels are balanced in both
    parts.

    Args:
        spec: The settings; by default trees of depth 2.

    Example:
        >>> trees = sample_trees(TreesSpec(depth=2))
        >>> len(trees.train), len(trees.test), trees.train[0]
        (76, 20, Data(x=[7, 8], edge_index=[2, 6], y=[1], root_mask=[7]))
    """
    spec = spec or TreesSpec()
    generator = torch.Generator().manual_seed(spec.seed)
    values = _assignments(spec, generator)  # (A, L)
    leaves, nodes = spec.leaves, spec.nodes
    key = torch.arange(leaves).repeat(spec.num_assignments)  # (T,)
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
    train = _train_mask(label.flatten(), spec, generator).tolist()
    return Trees(
        train=[tree for tree, chosen in zip(trees, train, strict=True) if chosen],
        test=[tree for tree, chosen in zip(trees, train, strict=True) if not chosen],
    )


def _assignments(spec: TreesSpec, generator: torch.Generator) -> Tensor:
    """Distinct permutations of the values if they can be enumerated, else random ones, (A, L)."""
    if spec.depth <= _ENUMERATED_UP_TO:
        every = torch.tensor(list(permutations(range(spec.leaves))))
        return every[torch.randperm(len(every), generator=generator)[: spec.num_assignments]]
    return torch.rand(spec.num_assignments, spec.leaves, generator=generator).argsort(dim=1)


def _train_mask(label: Tensor, spec: TreesSpec, generator: torch.Generator) -> Tensor:
    """Mask of the training trees, (T,), with equally many of each label."""
    train = min(max(round(spec.train_fraction * spec.num_assignments), 1), spec.num_assignments - 1)
    shuffled = torch.randperm(spec.count, generator=generator)
    by_label = shuffled[label[shuffled].argsort(stable=True)].view(spec.leaves, spec.num_assignments)
    chosen = torch.zeros(spec.count, dtype=torch.bool)
    chosen[by_label[:, :train].flatten()] = True
    return chosen
