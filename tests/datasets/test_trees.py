import re
from itertools import permutations

import pytest
import torch
from torch_geometric.data import Batch

from torque_core.datasets.trees import TreesSpec, sample_trees
from torque_core.errors import BadConfig


def all_trees(spec):
    trees = sample_trees(spec)
    return trees.train + trees.test


def read(tree):
    """A tree's root key, the values of its leaves from the left, and its label, by a walk from the root."""
    children = {}
    for child, parent in tree.edge_index.T.tolist():
        children.setdefault(parent, []).append(child)
    leaves = tree.x.size(1) // 2
    values = {}

    def walk(node, depth):
        if node in children:
            assert len(children[node]) == 2
            assert not node or not tree.x[node].any()
            for child in children[node]:
                walk(child, depth + 1)
        else:
            assert 2**depth == leaves
            key, value = tree.x[node].view(2, leaves).nonzero()[:, 1].tolist()
            values[key] = value

    root = int(tree.root_mask.nonzero())
    walk(root, 0)
    (key,) = tree.x[root].nonzero().flatten().tolist()
    assert list(values) == list(range(leaves))  # every key once, from the left
    return key, tuple(values.values()), int(tree.y)


def test_depth_two_contains_every_tree_once():
    result = [read(tree) for tree in all_trees(TreesSpec(depth=2))]
    expected = {(key, values, values[key]) for key in range(4) for values in permutations(range(4))}
    assert len(result) == len(expected) == 96
    assert set(result) == expected


def test_a_tree_is_hand_computed():
    tree = all_trees(TreesSpec(depth=2))[0]
    assert tree.edge_index.tolist() == [[1, 2, 3, 4, 5, 6], [0, 0, 1, 1, 2, 2]]  # to the root
    assert tree.root_mask.tolist() == [True] + 6 * [False]
    key, values, label = read(tree)
    expected = torch.zeros(7, 8)
    expected[0, key] = 1
    for leaf in range(4):
        expected[3 + leaf, leaf] = expected[3 + leaf, 4 + values[leaf]] = 1
    assert torch.equal(tree.x, expected)
    assert label == values[key]


def test_bidirectional_trees():
    one, other = sample_trees(TreesSpec()).train[0], sample_trees(TreesSpec(bidirectional=True)).train[0]
    assert torch.equal(other.edge_index, torch.cat([one.edge_index, one.edge_index.flip(0)], dim=1))
    assert torch.equal(other.x, one.x)
    assert other.is_undirected()
    assert not one.is_undirected()


@pytest.mark.parametrize(
    ("depth", "assignments", "trees"),
    [(2, 24, 96), (3, 1000, 8000), (4, 1000, 16_000), (5, 1000, 32_000)],  # as in the authors' experiments
)
def test_counts_equal_those_of_the_authors(depth, assignments, trees):
    spec = TreesSpec(depth=depth)
    assert (spec.num_assignments, spec.count) == (assignments, trees)


@pytest.mark.parametrize("depth", [3, 4])  # listed and drawn
def test_trees_are_distinct_and_correctly_labelled(depth):
    result = [read(tree) for tree in all_trees(TreesSpec(depth=depth, assignments=20))]
    assert len(set(result)) == len(result) == 20 * 2**depth
    assert all(values[key] == label for key, values, label in result)
    assert all(sorted(values) == list(range(2**depth)) for _, values, _ in result)


@pytest.mark.parametrize(("fraction", "train"), [(0.8, 16), (0.5, 10), (0.01, 1), (0.99, 19)])
def test_every_label_is_split_equally(fraction, train):
    trees = sample_trees(TreesSpec(depth=3, assignments=20, train_fraction=fraction))
    for part, count in ((trees.train, train), (trees.test, 20 - train)):
        assert torch.cat([tree.y for tree in part]).bincount(minlength=8).tolist() == 8 * [count]


def test_trees_are_deterministic_by_seed():
    def batch(seed):
        trees = sample_trees(TreesSpec(depth=4, assignments=3, seed=seed))
        return Batch.from_data_list(trees.train + trees.test)

    torch.manual_seed(1)
    first, again, other = batch(0), batch(0), batch(1)
    assert torch.equal(first.x, again.x)
    assert torch.equal(first.y, again.y)
    assert not torch.equal(first.x, other.x)


def test_trees_can_be_batched():
    batch = Batch.from_data_list(sample_trees(TreesSpec(depth=2)).test)
    assert batch.x[batch.root_mask].shape == (len(batch.y), 8)
    assert batch.root_mask.nonzero().flatten().tolist() == batch.ptr[:-1].tolist()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"depth": 1}, "depth must be an integer in [2, 8], got 1"),
        ({"depth": 3.0}, "depth must be an integer in [2, 8], got 3.0"),
        ({"assignments": 25}, "assignments must be an integer in [2, 24] or None, got 25"),
        ({"depth": 4, "assignments": 1}, "assignments must be an integer in [2, 16!] or None, got 1"),
        ({"train_fraction": 1.0}, "train_fraction must be greater than 0 and less than 1, got 1.0"),
        ({"seed": -1}, "seed must be an integer from 0"),
        (
            {"depth": 6},
            "32,000 trees of 127 nodes have 520,192,000 features, more than the limit of 268,435,456; lower",
        ),
        ({"depth": 6, "assignments": 259}, "lower depth, or assignments to 258 at most"),
    ],
)
def test_invalid_settings_are_reported(options, message):
    with pytest.raises(BadConfig, match=re.escape(message)):
        TreesSpec(**options)


def test_the_suggested_correction_is_valid():
    assert TreesSpec(depth=6, assignments=258).count == 258 * 64
