import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import PATH, STAR, all_pairs, as_set, pair_sets, unit_rows
from torque_core.candidates import candidate_pairs

TIE = 1e-5


def slow_candidates(rows, edges, neighbours):
    """Pairs that must be proposed, and pairs that may be: the nearest, and those that tie with the last of them."""
    nodes = range(len(rows))
    near = unit_rows(rows.double())
    adjacent = [{i + j - node for i, j in edges if node in (i, j)} for node in nodes]
    must, may = set(), set()
    for node in nodes:
        two_hops = {end for middle in adjacent[node] if len(adjacent[middle]) <= 32 for end in adjacent[middle]}
        for pool in (set(nodes), two_hops):
            free = pool - adjacent[node] - {node}
            similarity = {other: float(near[node] @ near[other]) for other in free}
            for other, value in similarity.items():
                pair = (min(node, other), max(node, other))
                if sum(v > value + TIE for v in similarity.values()) < neighbours:
                    may.add(pair)
                if sum(v >= value - TIE for v in similarity.values()) <= neighbours:
                    must.add(pair)
    return must, may


small_numbers = st.integers(-1, 1).map(float)


@given(pair_sets(max_nodes=9), st.integers(1, 10), st.integers(1, 64), st.data())
@settings(max_examples=60)
def test_fast_is_naive(drawn, neighbours, width, data):
    pairs, num_nodes = drawn
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 2**31)))
    rows = torch.randn(num_nodes, width, generator=generator)
    if data.draw(st.booleans(), label="few values, so that there are ties and zero rows"):
        rows = rows.round().clamp(-1, 1)
    found = as_set(candidate_pairs(rows, pairs, neighbours=neighbours))
    must, may = slow_candidates(rows, as_set(pairs), neighbours)
    assert must <= found <= may


@given(pair_sets(), st.integers(0, 12), st.sampled_from([1, 3, 64, 65, 100]), st.integers(0, 99))
@settings(max_examples=60)
def test_candidates_are_new_pairs_each_once_and_sorted(drawn, neighbours, width, seed):
    pairs, num_nodes = drawn
    rows = torch.randn(num_nodes, width, generator=torch.Generator().manual_seed(seed))
    found = candidate_pairs(rows, pairs, neighbours=neighbours, seed=seed)
    assert as_set(found) <= as_set(all_pairs(num_nodes)) - as_set(pairs)
    assert found.T.tolist() == sorted(found.T.tolist())
    if neighbours >= num_nodes:
        assert as_set(found) == as_set(all_pairs(num_nodes)) - as_set(pairs)


def test_nearest_by_hand():
    rows = torch.tensor([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 1.0]])
    none = torch.empty(2, 0, dtype=torch.long)
    assert candidate_pairs(rows, none, neighbours=1).tolist() == [[0, 2], [1, 3]]


def test_two_hops_by_hand():
    # a path of six whose nodes are alike three steps apart; two hops apart are 0, 2 and 1, 3 and 2, 4 and 3, 5
    path = torch.stack([torch.arange(5), torch.arange(1, 6)])
    alike, two_hops = {(0, 3), (1, 4), (2, 5)}, {(0, 2), (1, 3), (2, 4), (3, 5)}
    assert as_set(candidate_pairs(torch.eye(3).repeat(2, 1), path, neighbours=1)) == alike | two_hops


def test_an_edge_takes_no_place_among_the_nearest():
    # node 0 has edges with its three nearest; of the others 4 is the nearest, and 5 is nearest to 4
    rows = torch.tensor([[1.0, 0.0], [1.0, 0.0], [1.0, 0.1], [1.0, 0.2], [1.0, 1.0], [0.0, 1.0]])
    clique = all_pairs(4)
    assert as_set(candidate_pairs(rows, clique, neighbours=1)) == {(0, 4), (1, 4), (2, 4), (3, 4), (4, 5)}
    # and a node that has an edge with all others proposes none
    assert candidate_pairs(rows[:4], clique, neighbours=1).shape == (2, 0)


@pytest.mark.parametrize(("leaves", "through_the_middle"), [(32, True), (33, False)])
def test_no_two_hops_through_a_wide_middle(leaves, through_the_middle):
    star = torch.stack([torch.zeros(leaves, dtype=torch.long), torch.arange(1, leaves + 1)])
    one_hot = torch.eye(leaves + 1)
    rows = torch.cat([one_hot, one_hot[1:]])  # each leaf has a twin without edges, its nearest by far
    found = as_set(candidate_pairs(rows, star, neighbours=1))
    assert {(leaf, leaf + leaves) for leaf in range(1, leaves + 1)} <= found
    assert any(0 < i < j <= leaves for i, j in found) == through_the_middle


def test_a_star_through_its_middle():
    rows = torch.tensor([[1.0, 1.0], [1.0, 0.0], [1.0, 0.1], [0.0, 1.0]])
    assert as_set(candidate_pairs(rows, STAR, neighbours=1)) == {(1, 2), (2, 3)}


def test_more_nodes_than_a_block():
    generator = torch.Generator().manual_seed(0)
    rows = torch.randn(600, 4, generator=generator)
    similarity = unit_rows(rows) @ unit_rows(rows).T
    nearest = (similarity - 2 * torch.eye(600)).argmax(dim=1)
    node = torch.arange(600)
    expected = as_set(torch.unique(torch.stack([node, nearest]).sort(dim=0).values, dim=1))
    assert as_set(candidate_pairs(rows, torch.empty(2, 0, dtype=torch.long), neighbours=1)) == expected


def test_wide_rows_are_projected_by_the_seed():
    generator = torch.Generator().manual_seed(0)
    centre = torch.randn(20, 500, generator=generator)
    rows = centre.repeat_interleave(2, dim=0) + 0.1 * torch.randn(40, 500, generator=generator)
    none = torch.empty(2, 0, dtype=torch.long)
    # near nodes stay near: the two of a centre find each other
    twins = {(node, node + 1) for node in range(0, 40, 2)}
    assert as_set(candidate_pairs(rows, none, neighbours=1)) == twins
    first, again, other = (candidate_pairs(rows, none, neighbours=3, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_global_random_state_is_neither_used_nor_changed():
    state = torch.get_rng_state()
    candidate_pairs(torch.ones(4, 100), PATH)
    assert torch.equal(torch.get_rng_state(), state)
