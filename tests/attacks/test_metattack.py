import copy
import re
from dataclasses import replace

import pytest
import torch
from torch_geometric.data import Data

from tests.conftest import as_set
from torque_core.attacks import MetattackSpec, flip_pairs, metattack
from torque_core.attacks.degree_test import DegreeTest
from torque_core.attacks.surrogate import LinearSurrogate
from torque_core.datasets import BlockModel, sample_block_model
from torque_core.errors import BadConfig, BadGraph
from torque_core.graph.pairs import pairs_to_edge_index, undirected_pairs
from torque_core.training import TrainSpec, train

QUICK = MetattackSpec(budget=0.1, steps=30)


@pytest.fixture(scope="module")
def data():
    data = sample_block_model(BlockModel(nodes=150, homophily=0.8))
    node = torch.arange(150)
    data.train_mask, data.val_mask, data.test_mask = node % 5 == 0, node % 5 == 1, node % 5 > 1
    return data


def flips_of(data, spec, **options):
    return torch.cat(list(metattack(data, spec, **options)), dim=1)


@pytest.fixture(scope="module")
def flips(data):
    return flips_of(data, QUICK)


def pairs_of(data):
    return undirected_pairs(data.edge_index, len(data.x))


def accuracy(data, pairs):
    changed = copy.copy(data)
    changed.edge_index = pairs_to_edge_index(pairs)
    *_, end = train(changed, TrainSpec(epochs=60, patience=30), device="cpu")
    return end.test


def test_models_that_are_trained_on_the_poisoned_graph_fail(data, flips):
    pairs = pairs_of(data)
    generator = torch.Generator().manual_seed(0)
    drawn = torch.randint(150, (2, flips.size(1)), generator=generator)
    random = undirected_pairs(torch.cat([pairs, drawn], dim=1), 150)
    poisoned = accuracy(data, flip_pairs(pairs, flips, 150))
    assert poisoned < accuracy(data, pairs) - 0.1
    assert poisoned < accuracy(data, random) - 0.05


def test_flips_keep_the_constraints(data, flips):
    pairs = pairs_of(data)
    assert flips.size(1) == round(0.1 * pairs.size(1))
    assert bool((flips[0] < flips[1]).all())
    assert len(as_set(flips)) == flips.size(1)
    original = torch.bincount(pairs.flatten(), minlength=150)
    test = DegreeTest(original)
    for count in range(1, flips.size(1) + 1, 5):
        changed = flip_pairs(pairs, flips[:, :count], 150)
        degree = torch.bincount(changed.flatten(), minlength=150)
        assert float(test.statistic(degree)) < 0.004
        assert bool((degree[original > 0] > 0).all())


def test_a_smaller_budget_is_the_beginning(data, flips):
    few = flips_of(data, replace(QUICK, budget=0.02))
    assert torch.equal(few, flips[:, : few.size(1)])


def test_an_interrupted_attack_continues(data, flips):
    steps = metattack(data, QUICK)
    first = torch.cat([next(steps) for _ in range(5)], dim=1)
    rest = flips_of(data, QUICK, done=first)
    assert torch.equal(torch.cat([first, rest], dim=1), flips)


def test_a_seed_gives_one_attack_and_leaves_the_graph_alone(data, flips):
    before, state = copy.deepcopy(data), torch.get_rng_state()
    assert torch.equal(flips_of(data, QUICK), flips)
    assert not torch.equal(flips_of(data, replace(QUICK, seed=1)), flips)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(data[key], value) for key, value in before)


def tiny(**more):
    """Two triangles joined by an edge, with a labelled node in each."""
    edges = torch.tensor([[0, 0, 1, 2, 3, 3, 4], [1, 2, 2, 3, 4, 5, 5]])
    train_mask = torch.tensor([True, False, False, False, False, True])
    data = Data(x=torch.eye(6), edge_index=pairs_to_edge_index(edges), y=torch.tensor([0, 0, 0, 1, 1, 1]))
    data.train_mask = train_mask
    data.update(more)
    return data


def test_the_first_flip_is_that_of_the_largest_gradient():
    data, spec = tiny(), MetattackSpec(budget=1 / 7, steps=5, degree_threshold=100.0)
    surrogate = LinearSurrogate(data.x, torch.tensor([0, -1, -1, -1, -1, 1]), spec)
    weights = surrogate.initial_weights(torch.Generator().manual_seed(0))
    surrogate.label_all_nodes(pairs_of(data), weights)
    gradient = surrogate.gradient(pairs_of(data), weights)
    sign = torch.ones(6, 6)
    sign[data.edge_index[0], data.edge_index[1]] = -1
    score = (sign * gradient).masked_fill(torch.ones(6, 6, dtype=torch.bool).tril(), -torch.inf)
    assert tuple(flips_of(data, spec).flatten().tolist()) == divmod(int(score.argmax()), 6)


def test_several_flips_per_gradient_keep_the_constraints(data):
    flips = flips_of(data, replace(QUICK, flips_per_gradient=7))
    pairs = pairs_of(data)
    assert len(as_set(flips)) == round(0.1 * pairs.size(1))
    degree = torch.bincount(flip_pairs(pairs, flips, 150).flatten(), minlength=150)
    assert float(DegreeTest(torch.bincount(pairs.flatten(), minlength=150)).statistic(degree)) < 0.004


def test_an_attack_without_an_allowed_flip_ends():
    assert list(metattack(tiny(), MetattackSpec(budget=0.5, degree_threshold=0.0))) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"budget": 0}, "budget must be greater than 0, got 0"),
        ({"budget": -0.1}, "budget must be greater than 0, got -0.1"),
        ({"objective": "test"}, "objective must be one of self, train, both; got 'test'"),
        ({"gradient": "second"}, "gradient must be one of exact, first_order; got 'second'"),
        ({"flips_per_gradient": 0}, "flips_per_gradient must be an integer in [1, 1000000], got 0"),
        ({"seed": -1}, "seed must be an integer from 0"),
    ],
)
def test_invalid_specifications_are_refused(options, message):
    with pytest.raises(BadConfig, match=re.escape(message)):
        MetattackSpec(**options)


@pytest.mark.parametrize(
    ("budget", "message"),
    [
        (0.01, "a budget of 0.01 of 7 edges is not a single flip; raise budget"),
        (3.0, "a budget of 21 flips exceeds the 15 pairs of 6 nodes; lower budget"),
    ],
)
def test_budgets_that_do_not_fit_the_graph_are_refused_before_the_first_step(budget, message):
    with pytest.raises(BadConfig, match=re.escape(message)):
        metattack(tiny(), MetattackSpec(budget=budget))


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"y": None}, "needs labels y and a train_mask"),
        ({"train_mask": None}, "needs labels y and a train_mask"),
        ({"y": torch.full((6,), -1)}, "at least one labelled node"),
        ({"train_mask": torch.ones(6, dtype=torch.bool)}, "contains all nodes"),
        ({"edge_weight": torch.full((14,), 2.0)}, "directions or edge weights"),
    ],
)
def test_graphs_that_cannot_be_attacked_are_refused(more, message):
    with pytest.raises(BadGraph, match=message):
        metattack(tiny(**more), MetattackSpec(budget=0.5))


def test_an_attack_beyond_the_memory_is_refused_before_anything_is_allocated():
    nodes = 300_000
    node = torch.arange(nodes)
    data = Data(x=torch.ones(nodes, 1), y=node % 2, edge_index=torch.stack([node[:-1], node[1:]]))
    data.train_mask = node < 10
    data.edge_index = pairs_to_edge_index(data.edge_index)
    with pytest.raises(BadConfig, match=r"an attack on 300,000 nodes needs about 1,\d\d\d.\d GB of memory, but only"):
        metattack(data, MetattackSpec(budget=0.001))
