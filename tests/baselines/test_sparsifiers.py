import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.data import Data

from tests.conftest import SPARSIFIERS, as_set, pair_sets
from torque_core.baselines import PEERS
from torque_core.graph.pairs import pairs_to_edge_index, undirected_pairs

pytest.importorskip("networkit")


# two triangles that share node 2, which has degree 4, and a tail at 4
PAIRS = torch.tensor([[0, 0, 1, 2, 2, 3, 4], [1, 2, 2, 3, 4, 4, 5]])


def rank_score(rank, degree):
    return 1 - math.log(rank) / math.log(degree) if degree > 1 else 1.0


BY_HAND = {
    "triangles": [1, 1, 1, 1, 1, 1, 0],
    # degrees 2 2 4 2 3 1
    "neighbourhood_jaccard": [1 / 3, 1 / 5, 1 / 5, 1 / 5, 1 / 6, 1 / 4, 0],
    # of an edge, the better of its ranks at both ends; 0 and 1 rank each other last
    "local_degree": [0, 1, 1, 1, 1, rank_score(2, 3), 1],
    "chance_triangles": [4, 4 / 3, 4 / 3, 4 / 3, 4 / 6, 4 / 2, 1],
    "structural_similarity": [
        2 / 3, 2 / 15**0.5, 2 / 15**0.5, 2 / 15**0.5, 2 / 20**0.5, 2 / 12**0.5, 1 / 8**0.5,
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", BY_HAND)
def test_scores_by_hand(name):
    assert PEERS[name]().score(PAIRS, 6).tolist() == pytest.approx(BY_HAND[name])


def slow_local(pairs, num_nodes, value):
    """The range of the score of each edge over all orders of neighbours of equal value."""
    near = {node: set() for node in range(num_nodes)}
    for i, j in pairs.T.tolist():
        near[i].add(j)
        near[j].add(i)

    def of_end(i, j):
        above = sum(value(near, i, other) > value(near, i, j) + 1e-9 for other in near[i])
        equal = sum(abs(value(near, i, other) - value(near, i, j)) <= 1e-9 for other in near[i])
        return rank_score(above + equal, len(near[i])), rank_score(above + 1, len(near[i]))

    ends = [(of_end(i, j), of_end(j, i)) for i, j in pairs.T.tolist()]
    return [(max(a[0], b[0]), max(a[1], b[1])) for a, b in ends]


def jaccard(near, i, j):
    return len(near[i] & near[j]) / len(near[i] | near[j])


@given(pair_sets(max_nodes=9))
@settings(max_examples=40)
def test_local_scores_by_loops(drawn):
    pairs, num_nodes = drawn
    for name, value in (("local_similarity", jaccard), ("local_degree", lambda near, _, j: len(near[j]))):
        score = PEERS[name]().score(pairs, num_nodes).tolist()
        for found, (low, high) in zip(score, slow_local(pairs, num_nodes, value), strict=True):
            assert low - 1e-9 <= found <= high + 1e-9


@given(pair_sets(max_nodes=9))
@settings(max_examples=40)
def test_other_scores_by_loops(drawn):
    pairs, num_nodes = drawn
    near = {node: set() for node in range(num_nodes)}
    for i, j in pairs.T.tolist():
        near[i].add(j)
        near[j].add(i)
    for i, j, *found in zip(
        *pairs.tolist(),
        *(PEERS[name]().score(pairs, num_nodes) for name in ("triangles", "neighbourhood_jaccard", "chance_triangles")),
        PEERS["structural_similarity"]().score(pairs, num_nodes),
        strict=True,
    ):
        common, a, b = len(near[i] & near[j]), len(near[i]), len(near[j])
        by_chance = common * (num_nodes - 2) / ((a - 1) * (b - 1)) if min(a, b) > 1 else 1.0
        expected = [common, common / (a + b - common), by_chance, (common + 1) / math.sqrt((a + 1) * (b + 1))]
        assert found == pytest.approx(expected)


@given(pair_sets(max_nodes=9), st.sampled_from(SPARSIFIERS), st.sampled_from([0.0, 0.1, 0.3, 0.5, 1.0]))
@settings(max_examples=40)
def test_the_lowest_scores_are_pruned(drawn, name, fraction):
    pairs, num_nodes = drawn
    data = Data(x=torch.ones(num_nodes, 1), edge_index=pairs_to_edge_index(pairs))
    peer = PEERS[name](fraction=fraction)
    kept = as_set(undirected_pairs(peer(data).edge_index, num_nodes))
    ranked = sorted(zip(peer.score(pairs, num_nodes).tolist(), map(tuple, pairs.T.tolist()), strict=True))
    assert kept == {pair for _, pair in ranked[round(fraction * pairs.size(1)) :]}


def test_a_graph_without_edges_and_one_with_isolated_nodes():
    for name in SPARSIFIERS:
        assert len(PEERS[name]().score(PAIRS[:, :0], 6)) == 0
        assert PEERS[name]().score(PAIRS[:, :1], 6).shape == (1,)
