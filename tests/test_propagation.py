import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import PATH, STAR, all_pairs, as_set, pair_sets, unit_rows
from torque_core import propagation as module
from torque_core.propagation import MAX_DEPTH, Propagation, centred_unit


def slow_mean(x, edges, depth):
    """``depth`` propagations by loops over nodes; rows are lists of floats."""
    for _ in range(depth):
        rows = []
        for node in range(len(x)):
            group = [node] + [i + j - node for i, j in edges if node in (i, j)]
            rows.append([sum(x[k][column] for k in group) / len(group) for column in range(len(x[0]))])
        x = rows
    return x


def slow_distance(x, edges, pair, depth):
    """Delete the edge, propagate, take the cosine: the distance, and the length of the shorter row.

    A zero row has distance 1 from all.
    """
    h = slow_mean(x.double().tolist(), edges - {pair}, depth)
    left, right = h[pair[0]], h[pair[1]]
    lengths = math.hypot(*left), math.hypot(*right)
    if min(lengths) < 1e-6:  # all that rounding leaves of a zero row
        return 1.0, 0.0
    return 1 - sum(a * b for a, b in zip(left, right, strict=True)) / math.prod(lengths), min(lengths)


def assert_fast_is_naive(x, pairs, depth, rounding):
    every = all_pairs(len(x))  # edges, with the edge left out, and pairs that are none
    fast = Propagation(x, pairs).cosine_distance(every, depth=depth)
    naive = [slow_distance(x, as_set(pairs), tuple(pair), depth) for pair in every.T.tolist()]
    distance, shortest = torch.tensor(naive, dtype=torch.double).T
    # rounding turns a short row further than a long one; below 1e-5 a row counts as zero
    assert bool(((fast - distance).abs() < rounding / shortest.clamp(min=1e-5)).all())


small_rows = st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=3, max_size=3)


@st.composite
def unit_graphs(draw):
    """A small graph with unit rows: any direction, or few of them, so that zero and equal rows occur."""
    pairs, num_nodes = draw(pair_sets())
    if draw(st.booleans()):
        generator = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
        x = torch.randn(num_nodes, draw(st.integers(2, 6)), generator=generator)
    else:
        x = torch.tensor(draw(st.lists(small_rows, min_size=num_nodes, max_size=num_nodes)))
    return unit_rows(x), pairs


def test_means_on_a_path_are_hand_computed():
    propagation = Propagation(torch.tensor([[6.0], [0.0], [0.0], [12.0]]), PATH)
    assert propagation.degree.tolist() == [1, 2, 2, 1]
    assert propagation.mean1.flatten().tolist() == [3, 2, 4, 6]
    torch.testing.assert_close(propagation.mean2.flatten(), torch.tensor([2.5, 3, 4, 5]))


def test_means_on_a_star_are_hand_computed():
    propagation = Propagation(torch.tensor([[0.0], [4.0], [8.0], [12.0]]), STAR)
    assert propagation.mean1.flatten().tolist() == [6, 2, 4, 6]
    assert propagation.mean2.flatten().tolist() == [4.5, 4, 5, 6]


def test_isolated_nodes_keep_their_own_row():
    x = torch.eye(3)
    propagation = Propagation(x, torch.empty(2, 0, dtype=torch.long))
    assert torch.equal(propagation.mean1, x)
    assert torch.equal(propagation.mean2, x)
    for depth in range(3):
        assert propagation.cosine_distance(all_pairs(3), depth=depth).tolist() == [1, 1, 1]


def test_leaves_are_left_with_themselves():
    # without 0 - 1 the leaf 1 has its own row at every depth; the middle has the rows 0, 2 and 3
    x = unit_rows(torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]))
    propagation = Propagation(x, STAR)
    edge = torch.tensor([[0], [1]])
    assert propagation.cosine_distance(edge, depth=0).item() == pytest.approx(0, abs=1e-6)
    assert propagation.cosine_distance(edge, depth=1).item() == pytest.approx(1 - 1 / 5**0.5)
    # depth two: the middle is (1, 2)/3, its leaves (1, 1)/2 each, so the sum is (4, 5)/3
    assert propagation.cosine_distance(edge, depth=2).item() == pytest.approx(1 - 4 / 41**0.5)


def test_alike_and_zero_rows():
    alike = Propagation(torch.tensor([[1.0, 0.0]]).repeat(4, 1), PATH)
    nothing = Propagation(torch.zeros(4, 2), PATH)
    for depth in range(3):
        torch.testing.assert_close(alike.cosine_distance(all_pairs(4), depth=depth), torch.zeros(6))
        assert nothing.cosine_distance(all_pairs(4), depth=depth).tolist() == [1.0] * 6


@given(unit_graphs(), st.sampled_from([0, 1, 2]))
@settings(max_examples=200)
def test_distance_is_that_of_a_graph_without_the_edge(graph, depth):
    x, pairs = graph
    assert_fast_is_naive(x, pairs, depth, rounding=2e-6)
    assert_fast_is_naive(unit_rows(x.double()), pairs, depth, rounding=1e-12)


@given(unit_graphs())
def test_is_edge(graph):
    x, pairs = graph
    found = all_pairs(len(x))[:, Propagation(x, pairs).is_edge(all_pairs(len(x)))]
    assert as_set(found) == as_set(pairs)


def test_deeper_than_the_most_is_the_most():
    propagation = Propagation(unit_rows(torch.randn(4, 3, generator=torch.Generator().manual_seed(0))), PATH)
    deepest = propagation.cosine_distance(all_pairs(4), depth=MAX_DEPTH)
    assert torch.equal(propagation.cosine_distance(all_pairs(4), depth=7), deepest)
    assert not torch.equal(propagation.cosine_distance(all_pairs(4), depth=MAX_DEPTH - 1), deepest)


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_block_size_does_not_matter(monkeypatch, depth):
    generator = torch.Generator().manual_seed(0)
    every = all_pairs(40)  # 780 pairs: 25 blocks of the smallest size
    edges = every[:, torch.rand(every.size(1), generator=generator) < 0.2]
    propagation = Propagation(unit_rows(torch.randn(40, 5, generator=generator)), edges)
    whole = propagation.cosine_distance(every, depth=depth)
    monkeypatch.setattr(module, "_BLOCK_ELEMENTS", 1)
    torch.testing.assert_close(propagation.cosine_distance(every, depth=depth), whole, atol=1e-6, rtol=0)


def test_no_pairs():
    assert Propagation(torch.eye(4), PATH).cosine_distance(PATH[:, :0], depth=2).shape == (0,)


@given(st.integers(2, 8), st.integers(3, 6), st.integers(0, 2**31), st.sampled_from([1e-3, 1.0, 1e3]))
def test_centred_unit_rows_have_length_one(nodes, width, seed, scale):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(nodes, width, generator=generator) * scale
    rows = centred_unit(x)
    torch.testing.assert_close(rows.norm(dim=1), torch.ones(nodes))
    direction = x - x.mean(dim=0)
    assert bool(((rows * direction).sum(dim=1) > 0).all())
    torch.testing.assert_close(centred_unit(10 * x), rows, atol=1e-4, rtol=0)  # units do not matter


def test_centred_unit_ignores_what_all_nodes_share():
    x = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    torch.testing.assert_close(centred_unit(x + 5), centred_unit(x), atol=1e-5, rtol=0)


@pytest.mark.parametrize("value", [0.0, 1.0, 0.1, -1e6, 1e-8])
def test_constant_features_are_zero_rows(value):
    assert not centred_unit(torch.full((7, 3), value)).any()


@pytest.mark.parametrize("degree", [1_000, 20_000])
def test_a_hub_whose_neighbourhood_cancels_is_unrelated(degree):
    # the hub has no feature of its own and its neighbours come in opposite pairs: without the edge to the last node,
    # only rounding is left of it, more of it the more terms there were
    generator = torch.Generator().manual_seed(0)
    half = unit_rows(torch.randn(degree // 2, 16, generator=generator))
    x = torch.cat([torch.zeros(1, 16), half, -half, unit_rows(torch.randn(1, 16, generator=generator))])
    spokes = torch.stack([torch.zeros(len(x) - 1, dtype=torch.long), torch.arange(1, len(x))])
    distance = Propagation(x, spokes).cosine_distance(spokes[:, -1:], depth=1)
    assert distance.item() == 1.0
