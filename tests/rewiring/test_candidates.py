import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import PATH, STAR, all_pairs, as_set, pair_sets, unit_rows
from torque_core.graph.pairs import undirected_pairs
from torque_core.rewiring import candidates
from torque_core.rewiring.candidates import candidate_pairs
from torque_core.utils import nearest

TIE = 1e-5
NO_EDGES = torch.empty(2, 0, dtype=torch.long)


def slow_nearest(rows, neighbours):
    """Pairs that must be proposed, and pairs that may be: those that tie with the last of the nearest."""
    near = unit_rows(rows.double())
    must, may = set(), set()
    for node in range(len(rows)):
        similarity = {other: float(near[node] @ near[other]) for other in range(len(rows)) if other != node}
        for other, value in similarity.items():
            pair = (min(node, other), max(node, other))
            if sum(v > value + TIE for v in similarity.values()) < neighbours:
                may.add(pair)
            if sum(v >= value - TIE for v in similarity.values()) <= neighbours:
                must.add(pair)
    return must, may


def slow_walks(pairs, num_nodes, hops):
    """Pairs that a walk of 2 to ``hops`` steps joins, some of which have an edge."""
    adjacency = torch.zeros(num_nodes, num_nodes)
    adjacency[pairs[0], pairs[1]] = adjacency[pairs[1], pairs[0]] = 1
    reached = sum(torch.linalg.matrix_power(adjacency, steps) for steps in range(2, hops + 1))
    return as_set(torch.triu(reached, diagonal=1).nonzero().T)


@given(pair_sets(max_nodes=9), st.integers(1, 10), st.integers(2, 4), st.integers(1, 64), st.data())
@settings(max_examples=60)
def test_fast_is_naive(drawn, neighbours, hops, width, data):
    pairs, num_nodes = drawn
    generator = torch.Generator().manual_seed(data.draw(st.integers(0, 2**31)))
    rows = torch.randn(num_nodes, width, generator=generator)
    if data.draw(st.booleans(), label="few values, so that there are ties and zero rows"):
        rows = rows.round().clamp(-1, 1)
    result = as_set(candidate_pairs(rows, pairs, neighbours=neighbours, hops=hops))
    must, may = slow_nearest(rows, neighbours)
    walks, edges = slow_walks(pairs, num_nodes, hops), as_set(pairs)
    assert (must | walks) - edges <= result <= (may | walks) - edges


@given(pair_sets(), st.integers(0, 12), st.sampled_from([1, 3, 64, 65, 100]), st.integers(0, 99))
@settings(max_examples=60)
def test_candidates_are_new_distinct_sorted_pairs(drawn, neighbours, width, seed):
    pairs, num_nodes = drawn
    rows = torch.randn(num_nodes, width, generator=torch.Generator().manual_seed(seed))
    result = candidate_pairs(rows, pairs, neighbours=neighbours, seed=seed)
    free = as_set(all_pairs(num_nodes)) - as_set(pairs)
    assert as_set(result) <= free
    assert result.T.tolist() == sorted(result.T.tolist())
    if neighbours >= num_nodes:
        assert as_set(result) == free


@given(pair_sets(min_nodes=3), st.integers(0, 20), st.integers(0, 99))
def test_most_keeps_the_nearest(drawn, most, seed):
    pairs, num_nodes = drawn
    rows = torch.randn(num_nodes, 5, generator=torch.Generator().manual_seed(seed))
    near = unit_rows(rows.double())
    every = as_set(candidate_pairs(rows, pairs, neighbours=2))
    result = candidate_pairs(rows, pairs, neighbours=2, most=most)
    assert as_set(result) == set(sorted(every, key=lambda pair: -float(near[pair[0]] @ near[pair[1]]))[:most])
    assert result.T.tolist() == sorted(result.T.tolist())


def test_nearest_by_hand():
    rows = torch.tensor([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 1.0]])
    assert candidate_pairs(rows, NO_EDGES, neighbours=1).tolist() == [[0, 2], [1, 3]]


def test_walks_by_hand():
    # a path of six; without neighbours only its walks are left
    path, rows = torch.stack([torch.arange(5), torch.arange(1, 6)]), torch.eye(6)
    two, three, four = {(0, 2), (1, 3), (2, 4), (3, 5)}, {(0, 3), (1, 4), (2, 5)}, {(0, 4), (1, 5)}
    for hops, expected in ((2, two), (3, two | three), (4, two | three | four)):
        assert as_set(candidate_pairs(rows, path, neighbours=0, hops=hops)) == expected


def test_edges_count_among_the_nearest():
    # 0 to 3 are all alike and have all edges among them; only 4 and 5, who are none's first choice, propose
    rows = torch.tensor([[1.0, 0.0], [1.0, 0.01], [1.0, 0.02], [1.0, 0.03], [1.0, 1.0], [0.0, 1.0]])
    assert as_set(candidate_pairs(rows, all_pairs(4), neighbours=1)) == {(3, 4), (4, 5)}


@pytest.mark.parametrize("nodes", [2, 5])
def test_a_complete_graph_has_no_candidates(nodes):
    assert candidate_pairs(torch.eye(nodes), all_pairs(nodes), hops=4).shape == (2, 0)


def test_leaves_of_a_star_are_candidates():
    rows = torch.eye(4)
    assert as_set(candidate_pairs(rows, STAR, neighbours=0)) == {(1, 2), (1, 3), (2, 3)}


@pytest.mark.timeout(60)
def test_paths_through_a_hub_are_sampled():
    leaves = 20_000  # 400 million walks of two steps go through the middle
    star = torch.stack([torch.zeros(leaves, dtype=torch.long), torch.arange(1, leaves + 1)])
    rows = torch.randn(leaves + 1, 8, generator=torch.Generator().manual_seed(0))
    result = candidate_pairs(rows, star, hops=4)
    assert leaves < result.size(1) <= 3 * candidates._FEWEST_WALKS + 8 * (leaves + 1)
    assert int(result[0].min()) > 0  # the middle has an edge to all


@pytest.fixture
def random_graph():
    generator = torch.Generator().manual_seed(0)
    pairs = undirected_pairs(torch.randint(60, (2, 150), generator=generator), 60)
    return pairs, torch.randn(60, 8, generator=generator)


@pytest.mark.parametrize("hops", [2, 3, 4])
def test_sampled_walks_exist(random_graph, monkeypatch, hops):
    pairs, rows = random_graph
    every = as_set(candidate_pairs(rows, pairs, neighbours=0, hops=hops))
    monkeypatch.setattr(candidates, "_FEWEST_WALKS", 40)
    monkeypatch.setattr(candidates, "_WALKS_PER_NODE", 1)
    first, again, other = (
        as_set(candidate_pairs(rows, pairs, neighbours=0, hops=hops, seed=seed)) for seed in (0, 0, 1)
    )
    assert first < every
    assert 0 < len(first) <= 60 * (hops - 1)  # one walk of each length for each node
    assert first == again != other


@pytest.fixture
def clustered():
    generator = torch.Generator().manual_seed(0)
    centre = torch.randn(40, 16, generator=generator)
    return centre.repeat_interleave(50, dim=0) + 0.3 * torch.randn(2_000, 16, generator=generator)


def test_the_inverted_file_finds_nearly_all(clustered, monkeypatch):
    exact = as_set(candidate_pairs(clustered, NO_EDGES))
    monkeypatch.setattr(nearest, "_EXACT_UP_TO", 100)
    first, again = (candidate_pairs(clustered, NO_EDGES) for _ in range(2))
    assert torch.equal(first, again)
    assert len(as_set(first) & exact) >= 0.8 * len(exact)


def test_the_inverted_file_accepts_zero_rows(monkeypatch):
    monkeypatch.setattr(nearest, "_EXACT_UP_TO", 100)
    result = candidate_pairs(torch.zeros(200, 8), NO_EDGES, neighbours=2)
    assert as_set(result) <= as_set(all_pairs(200))


def test_nearest_candidates_of_many():
    generator = torch.Generator().manual_seed(0)
    rows = torch.randn(600, 4, generator=generator)
    similarity = unit_rows(rows) @ unit_rows(rows).T
    nearest = (similarity - 2 * torch.eye(600)).argmax(dim=1)
    expected = as_set(undirected_pairs(torch.stack([torch.arange(600), nearest]), 600))
    assert as_set(candidate_pairs(rows, NO_EDGES, neighbours=1)) == expected


def test_projection_of_wide_rows_depends_on_the_seed():
    generator = torch.Generator().manual_seed(0)
    centre = torch.randn(20, 500, generator=generator)
    rows = centre.repeat_interleave(2, dim=0) + 0.1 * torch.randn(40, 500, generator=generator)
    # near nodes stay near: the two of a centre find each other
    twins = {(node, node + 1) for node in range(0, 40, 2)}
    assert as_set(candidate_pairs(rows, NO_EDGES, neighbours=1)) == twins
    first, again, other = (candidate_pairs(rows, NO_EDGES, neighbours=3, seed=seed) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_global_random_state_is_neither_used_nor_changed():
    state = torch.get_rng_state()
    candidate_pairs(torch.ones(4, 100), PATH)
    assert torch.equal(torch.get_rng_state(), state)
