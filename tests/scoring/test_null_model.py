import torch
from hypothesis import given

from tests.conftest import PATH, STAR, all_pairs, as_set, pair_sets
from torque_core.graph.pairs import undirected_pairs
from torque_core.scoring.null_model import null_model_pairs


def weights(pairs, num_nodes, seed=0):
    chance = null_model_pairs(pairs, num_nodes, torch.Generator().manual_seed(seed))
    return {tuple(pair): weight for pair, weight in zip(chance.pairs.T.tolist(), chance.weight.tolist(), strict=True)}


def test_exact_weights_are_products_of_degrees():
    assert weights(PATH, 4) == {(0, 2): 2, (0, 3): 1, (1, 3): 2}
    assert weights(STAR, 4) == {(1, 2): 1, (1, 3): 1, (2, 3): 1}
    assert weights(torch.tensor([[0, 0, 1], [1, 2, 2]]), 4) == {}  # a triangle and an isolated node


@given(pair_sets())
def test_exact_pairs_are_all_pairs_that_are_not_edges(drawn):
    pairs, num_nodes = drawn
    edges = as_set(pairs)
    degree = [sum(node in edge for edge in edges) for node in range(num_nodes)]
    free = as_set(all_pairs(num_nodes)) - edges
    expected = {(i, j): degree[i] * degree[j] for i, j in free if degree[i] * degree[j]}
    assert weights(pairs, num_nodes, seed=0) == weights(pairs, num_nodes, seed=1) == expected


def ring_with_hub(num_nodes=400):
    """Node 0 has an edge to every fourth node, and all nodes stand in a ring."""
    node = torch.arange(num_nodes)
    ring = torch.stack([node[:-1], node[1:]])
    edges = torch.cat([ring, torch.tensor([[0], [num_nodes - 1]]), torch.stack([node[4::4] * 0, node[4::4]])], dim=1)
    return undirected_pairs(edges, num_nodes)


def test_sampled_pairs_are_not_edges_and_depend_on_the_generator():
    pairs = ring_with_hub()
    sample = null_model_pairs(pairs, 400, torch.Generator().manual_seed(0))
    drawn = set(map(tuple, sample.pairs.T.tolist()))
    assert not drawn & as_set(pairs)
    assert all(i < j for i, j in drawn)
    assert set(sample.weight.tolist()) == {1}
    assert 7_000 < sample.pairs.size(1) < 8_192
    assert torch.equal(sample.pairs, null_model_pairs(pairs, 400, torch.Generator().manual_seed(0)).pairs)
    assert not torch.equal(
        sample.pairs[:, :50], null_model_pairs(pairs, 400, torch.Generator().manual_seed(1)).pairs[:, :50]
    )


def test_sampled_pairs_are_proportional_to_the_degrees():
    pairs = ring_with_hub()
    degree = torch.bincount(pairs.flatten(), minlength=400).double()
    every = all_pairs(400)
    fraction = degree[every[0]] * degree[every[1]]
    key = pairs[0] * 400 + pairs[1]
    fraction[torch.isin(every[0] * 400 + every[1], key)] = 0
    fraction /= fraction.sum()
    sample = null_model_pairs(pairs, 400, torch.Generator().manual_seed(0)).pairs
    size = sample.size(1)
    for inside in (every[0] == 0, degree[every].sum(dim=0) == 4, degree[every].sum(dim=0) == 6):
        expected = float(fraction[inside].sum())
        member = torch.zeros(400 * 400, dtype=torch.bool)
        member[every[0, inside] * 400 + every[1, inside]] = True
        result = float(member[sample[0] * 400 + sample[1]].double().mean())
        assert expected > 0.05
        assert abs(result - expected) < 5 * (expected * (1 - expected) / size) ** 0.5


def test_a_large_graph_without_edges_has_no_null_model_pairs():
    sample = null_model_pairs(torch.empty(2, 0, dtype=torch.long), 400, torch.Generator())
    assert sample.pairs.shape == (2, 0)
    assert sample.weight.shape == (0,)


def test_the_uniform_null_model_is_a_second_sample_beside_the_first():
    pairs, num_nodes = ring_with_hub(), 400
    first = null_model_pairs(pairs, num_nodes, torch.Generator().manual_seed(0))
    both = null_model_pairs(pairs, num_nodes, torch.Generator().manual_seed(0), uniform=True)
    assert first.uniform_weight is None
    assert torch.equal(both.pairs[:, both.weight > 0], first.pairs)  # stored runs stay reproducible
    assert bool(((both.weight > 0) != (both.uniform_weight > 0)).all())
    uniform = both.pairs[:, both.uniform_weight > 0]
    assert uniform.size(1) > 3_900
    ends = torch.bincount(uniform.flatten(), minlength=num_nodes).float()
    assert ends[1:].max() < 3 * ends[1:].mean()  # a node of the ring has two edges or more, and the hub has many
    assert bool((both.pairs[0].diff() >= 0).all())


def test_the_exact_uniform_null_model_weights_all_pairs_alike():
    both = null_model_pairs(STAR, 4, torch.Generator(), uniform=True)
    assert both.uniform_weight.tolist() == [1.0] * both.pairs.size(1)
