import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from torque_core.datasets.splits import PerClass, stratified_split
from torque_core.errors import BadConfig

labels = st.lists(st.integers(-1, 4), min_size=1, max_size=80).map(torch.tensor)
fractions = st.sampled_from([(0.48, 0.32, 0.2), (0.1, 0.1, 0.8), (0.98, 0.01, 0.01), (0.01, 0.98, 0.01)])
seeds = st.integers(0, 999)


@given(labels, fractions, seeds)
def test_every_labelled_node_is_in_one_set(y, shares, seed):
    split = stratified_split(y, shares, seed=seed)
    parts = split.train.int() + split.val.int() + split.test.int()
    assert torch.equal(parts, (y >= 0).int())


@given(labels, fractions, seeds)
def test_every_class_of_three_nodes_is_in_every_set(y, shares, seed):
    split = stratified_split(y, shares, seed=seed)
    for label in range(5):
        members = y == label
        counts = [int((mask & members).sum()) for mask in (split.train, split.val, split.test)]
        size = int(members.sum())
        assert sum(counts) == size
        if size >= 3:
            assert min(counts) >= 1
        elif size:
            assert counts == [1, 0, size - 1]


@given(labels, fractions, seeds)
def test_splits_depend_on_the_seed_only(y, shares, seed):
    torch.manual_seed(1)
    first = stratified_split(y, shares, seed=seed)
    torch.manual_seed(2)
    state = torch.get_rng_state()
    second = stratified_split(y, shares, seed=seed)
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(first.train, second.train)
    assert torch.equal(first.val, second.val)


def test_counts_are_as_documented():
    y = torch.tensor([0] * 100 + [1] * 25 + [2] * 3)
    split = stratified_split(y, (0.48, 0.32, 0.2), seed=0)
    counts = [[int(mask[y == label].sum()) for label in range(3)] for mask in (split.train, split.val, split.test)]
    assert counts == [[48, 12, 1], [32, 8, 1], [20, 5, 1]]


def test_seeds_differ():
    y = torch.zeros(100, dtype=torch.long)
    first, second = (stratified_split(y, (0.48, 0.32, 0.2), seed=seed) for seed in (0, 1))
    assert not torch.equal(first.train, second.train)


@pytest.mark.parametrize("bad", [(0.5, 0.5, 0.0), (0.5, 0.4, 0.4), (1.2, -0.1, -0.1)])
def test_bad_fractions(bad):
    with pytest.raises(BadConfig, match="fractions must each be greater than 0 and sum to 1"):
        stratified_split(torch.zeros(3), bad, seed=0)


@given(labels, st.integers(1, 12), seeds)
def test_per_class_samples_equally_but_at_most_half_of_a_class(y, train, seed):
    split = stratified_split(y, PerClass(train, 500, 0.5), seed=seed)
    parts = split.train.int() + split.val.int() + split.test.int()
    assert torch.equal(parts, (y >= 0).int())
    for label in range(5):
        size = int((y == label).sum())
        assert int((split.train & (y == label)).sum()) == (min(train, max(size // 2, 1)) if size else 0)
    assert int(split.val.sum()) == min(int((y >= 0).sum()) // 10, int((~split.train & (y >= 0)).sum()))
    again = stratified_split(y, PerClass(train, 500, 0.5), seed=seed)
    assert torch.equal(again.train, split.train)
    assert torch.equal(again.val, split.val)


def test_number_of_validation_nodes_is_limited():
    for labelled, val in ((1_999, 199), (2_000, 500), (3_000, 500)):
        y = torch.cat([torch.arange(labelled) % 3, torch.full((50,), -1)])
        split = stratified_split(y, PerClass(20, 500, 0.8), seed=0)
        assert [int(mask.sum()) for mask in (split.train, split.val, split.test)] == [60, val, labelled - 60 - val]


def test_per_class_seeds_differ():
    y = torch.zeros(100, dtype=torch.long)
    first, second = (stratified_split(y, PerClass(5, 10, 0.8), seed=seed) for seed in (0, 1))
    assert not torch.equal(first.train, second.train)
    assert not torch.equal(first.val, second.val)


def test_fraction_for_testing_is_that_of_equally_sized_classes():
    y = torch.arange(3_000) % 3
    plan = PerClass.of(20, 500, nodes=3_000, classes=3)
    assert plan.test == pytest.approx(float(stratified_split(y, plan, seed=0).test.double().mean()))
    assert PerClass.of(40, 500, nodes=100, classes=5) == (40, 500, pytest.approx(0.4))  # half of each class of 20
