import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.attacks.test_metattack import pairs_of, tiny
from tests.conftest import as_set, pair_sets
from torque_core.attacks import flip_pairs, nettack
from torque_core.attacks.degree_test import DegreeTest
from torque_core.attacks.nettack import logits_after_flips
from torque_core.attacks.surrogate import symmetric_operator
from torque_core.datasets import BlockModel, sample_block_model
from torque_core.errors import BadConfig, BadGraph


def propagated(scores, pairs):
    operator, _ = symmetric_operator(pairs, len(scores), scores.dtype)
    return operator.to_dense() @ operator.to_dense() @ scores


@given(pair_sets(min_nodes=3, max_nodes=9), st.data())
@settings(max_examples=25)
def test_logits_after_flips_equal_those_of_the_flipped_graph(graph, draw):
    pairs, nodes = graph
    scores = torch.randn(nodes, 3, generator=torch.Generator().manual_seed(nodes), dtype=torch.double)
    target = draw.draw(st.integers(0, nodes - 1))
    after, now = logits_after_flips(scores, pairs, target)
    torch.testing.assert_close(now, propagated(scores, pairs)[target])
    for other in set(range(nodes)) - {target}:
        flip = torch.tensor([[min(target, other)], [max(target, other)]])
        torch.testing.assert_close(after[other], propagated(scores, flip_pairs(pairs, flip, nodes))[target])


@pytest.fixture(scope="module")
def data():
    data = sample_block_model(BlockModel(nodes=150, homophily=0.8))
    data.train_mask = torch.arange(150) % 5 == 0
    return data


def test_flips_are_at_the_target_and_keep_the_constraints(data):
    targets, pairs = torch.tensor([7, 3, 21]), pairs_of(data)
    flips = list(nettack(data, targets))
    degree = torch.bincount(pairs.flatten(), minlength=150)
    for target, found in zip(targets.tolist(), flips, strict=True):
        assert 0 < found.size(1) <= int(degree[target]) + 2
        assert bool((found == target).any(dim=0).all())
    every = torch.cat(flips, dim=1)
    assert len(as_set(every)) == every.size(1)
    changed = torch.bincount(flip_pairs(pairs, every, 150).flatten(), minlength=150)
    assert float(DegreeTest(degree).statistic(changed)) < 0.004
    assert bool((changed[degree > 0] > 0).all())


def test_targets_change_their_class_in_the_surrogate(data):
    """In a graph that a node's neighbours classify, most targets are misclassified after degree + 2 flips."""
    targets = torch.arange(1, 150, 10)
    flips = torch.cat(list(nettack(data, targets)), dim=1)
    before, after = pairs_of(data), flip_pairs(pairs_of(data), flips, 150)
    one_hot = torch.nn.functional.one_hot(data.y).double()
    agree = [(propagated(one_hot, pairs).argmax(dim=1) == data.y)[targets].double().mean() for pairs in (before, after)]
    assert agree[1] < agree[0] - 0.3


def test_a_seed_gives_one_attack(data):
    first, again = (torch.cat(list(nettack(data, torch.tensor([7]), seed=2)), dim=1) for _ in range(2))
    assert torch.equal(first, again)


def test_a_mask_names_the_targets(data):
    mask = torch.zeros(150, dtype=torch.bool)
    mask[[3, 7]] = True
    by_mask, by_index = list(nettack(data, mask, flips=1)), list(nettack(data, torch.tensor([3, 7]), flips=1))
    assert len(by_mask) == 2
    assert all(map(torch.equal, by_mask, by_index))


def test_invalid_input_is_refused_before_the_first_step():
    with pytest.raises(BadConfig, match="flips must be at least 1, got 0"):
        nettack(tiny(), torch.tensor([1]), flips=0)
    with pytest.raises(BadGraph, match="targets holds node indices from 9 to 9"):
        nettack(tiny(), torch.tensor([9]))
    with pytest.raises(BadGraph, match="needs labels y and a train_mask"):
        nettack(tiny(y=None), torch.tensor([1]))
