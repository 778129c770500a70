import gc
import math
import weakref

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch.autograd import gradcheck

from tests.conftest import PATH, STAR, all_pairs, as_weights, edge_weights, pair_sets, slow_means, unit_rows
from torque_core.errors import BadGraph
from torque_core.graph.propagation import Propagation
from torque_core.scoring import pair_features as module
from torque_core.scoring.class_probabilities import ClassProbabilities
from torque_core.scoring.pair_features import MAX_DEPTH, PairFeatures, root

DEPTHS = pytest.mark.parametrize("depth", [0, 1, 2])
SHORTEST = 1e-5  # below it a row counts as zero


def slow_distance(x, weights, pair, depth):
    """Delete the edge, propagate, take the cosine: the distance, and the length of the shorter row.

    A zero row has distance 1 from all.
    """
    h = slow_means(x, {edge: weight for edge, weight in weights.items() if edge != pair}, depth)
    left, right = h[pair[0]], h[pair[1]]
    shortest = float(min(left.norm(), right.norm()))
    if shortest < SHORTEST / 10:  # all that rounding leaves of a zero row
        return 1.0, 0.0
    return float(1 - left @ right / (left.norm() * right.norm())), shortest


def assert_fast_is_naive(x, pairs, weight, depth, rounding):
    every = all_pairs(len(x))  # edges, with the edge left out, and pairs that are none
    fast = PairFeatures(Propagation(x, pairs, weight), every).cosine_distance(depth)
    weights = as_weights(pairs, weight)
    naive = [slow_distance(x, weights, tuple(pair), depth) for pair in every.T.tolist()]
    distance, shortest = torch.tensor(naive, dtype=torch.double).T
    # rounding turns a short row further than a long one
    assert bool(((fast - distance).abs() < rounding / shortest.clamp(min=SHORTEST)).all())


small_rows = st.lists(st.sampled_from([-1.0, 0.0, 1.0]), min_size=3, max_size=3)


@st.composite
def layers(draw):
    """A small graph, perhaps with weights; unit rows of any direction, or of few, so that zero and equal rows occur."""
    pairs, num_nodes = draw(pair_sets())
    if draw(st.booleans()):
        generator = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
        x = torch.randn(num_nodes, draw(st.integers(2, 6)), generator=generator)
    else:
        x = torch.tensor(draw(st.lists(small_rows, min_size=num_nodes, max_size=num_nodes)))
    return unit_rows(x), pairs, draw(st.none() | edge_weights(pairs.size(1)))


def random_layer(nodes=40, width=5, dtype=torch.double, weighted=True):
    generator = torch.Generator().manual_seed(0)
    every = all_pairs(nodes)
    edges = every[:, torch.rand(every.size(1), generator=generator) < 0.2]
    weight = torch.rand(edges.size(1), generator=generator).to(dtype) + 0.5 if weighted else None
    return unit_rows(torch.randn(nodes, width, generator=generator).to(dtype)), edges, weight


@given(layers(), st.sampled_from([0, 1, 2]))
@settings(max_examples=200)
def test_distance_equals_that_of_the_graph_without_the_edge(layer, depth):
    x, pairs, weight = layer
    assert_fast_is_naive(x, pairs, weight, depth, rounding=2e-6 if weight is None else 2e-5)
    exact = None if weight is None else weight.double()
    assert_fast_is_naive(unit_rows(x.double()), pairs, exact, depth, rounding=1e-12)


def test_a_leaf_without_its_edge_has_only_its_own_row():
    # without 0 - 1 the leaf 1 has its own row at every depth; the middle has the rows 0, 2 and 3
    x = unit_rows(torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]))
    links = PairFeatures(Propagation(x, STAR), torch.tensor([[0], [1]]))
    assert links.cosine_distance(0).item() == pytest.approx(0, abs=1e-6)
    assert links.cosine_distance(1).item() == pytest.approx(1 - 1 / 5**0.5)
    # depth two: the middle is (1, 2)/3, its leaves (1, 1)/2 each, so the sum is (4, 5)/3
    assert links.cosine_distance(2).item() == pytest.approx(1 - 4 / 41**0.5)


def test_edge_weights_scale_the_messages():
    # path 0 - 1 - 2 without 0 - 1: node 0 is left with (1, 0), node 1 with (1, 0) + 3 (0, 1), whatever 0 - 1 weighed
    x = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    for weight in (0.5, 8.0):
        layer = Propagation(x, PATH[:, :2], torch.tensor([weight, 3.0]))
        links = PairFeatures(layer, torch.tensor([[0], [1]]))
        assert links.weight.tolist() == [weight]
        assert links.cosine_distance(1).item() == pytest.approx(1 - 1 / 10**0.5, rel=1e-5)


def test_equal_zero_and_isolated_rows():
    every = all_pairs(4)
    alike = PairFeatures(Propagation(torch.tensor([[1.0, 0.0]]).repeat(4, 1), PATH), every)
    nothing = PairFeatures(Propagation(torch.zeros(4, 2), PATH), every)
    alone = PairFeatures(Propagation(torch.eye(4), PATH[:, :0]), every)
    for depth in range(3):
        torch.testing.assert_close(alike.cosine_distance(depth), torch.zeros(6))
        assert nothing.cosine_distance(depth).tolist() == [1] * 6
        assert alone.cosine_distance(depth).tolist() == [1] * 6


def test_depth_is_limited():
    x, edges, weight = random_layer()
    links = PairFeatures(Propagation(x, edges, weight), all_pairs(40))
    deepest = links.cosine_distance(MAX_DEPTH)
    assert torch.equal(links.cosine_distance(7), deepest)
    assert not torch.equal(links.cosine_distance(MAX_DEPTH - 1), deepest)


def test_no_pairs():
    links = PairFeatures(Propagation(torch.eye(4), PATH), PATH[:, :0])
    for depth in range(3):
        assert links.cosine_distance(depth).shape == (0,)


def test_unsorted_pairs_raise():
    with pytest.raises(BadGraph, match=r"not sorted by their first node; undirected_pairs\(\) sorts them"):
        PairFeatures(Propagation(torch.eye(4), PATH), PATH.flip(1))


def test_class_probabilities_are_requested_once_and_only_on_use():
    calls = []

    def believe():
        calls.append(1)
        return ClassProbabilities(torch.zeros(4, 2), torch.full((4,), -1))

    layer = Propagation(torch.eye(4), PATH)
    links = PairFeatures(layer, PATH, class_probabilities=believe)
    assert not calls
    assert links.class_probabilities is links.class_probabilities
    assert len(calls) == 1
    with pytest.raises(BadGraph, match="needs class probabilities; give y and train_mask, or class_probabilities"):
        PairFeatures(layer, PATH).class_probabilities  # noqa: B018


@DEPTHS
def test_products_are_hand_computed(depth):
    # path 0 - 1 - 2 without 1 - 2, up to a factor: depth one (1, 1) and (0, 0, 1); depth two twice the mean of both
    x = torch.eye(3)
    result = PairFeatures(Propagation(x, PATH[:, :2]), torch.tensor([[0, 1], [2, 2]])).products(depth)
    expected = [
        # (0, 2), no edge: each x; then x_0 + x_1 against x_1 + x_2; then, with D = 2, 3, 2 and
        # h_1 = (1, 1, 1)/3: D h2 = (5, 5, 2)/6 against (2, 5, 5)/6
        ((0, 1, 1), (1, 2, 2), (45 / 36, 54 / 36, 54 / 36)),
        # (1, 2) left out: x; then x_0 + x_1 against x_2; then (1, 1)/2 + (1, 1)/2 against x_2
        ((0, 1, 1), (0, 2, 1), (0, 2, 1)),
    ]
    for row, answer in enumerate(expected):
        values = [float(part[row]) for part in (result.dot, result.first, result.second)]
        assert values == pytest.approx(answer[depth], abs=1e-6)


@DEPTHS
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_subtracted_rows_and_sums_of_products_agree(monkeypatch, depth, dtype):
    x, edges, weight = random_layer(dtype=dtype)
    links = {}
    for cancelled in (0.0, module._CANCELLED, math.inf):  # all by sums, as it is, all by subtraction
        monkeypatch.setattr(module, "_CANCELLED", cancelled)
        links[cancelled] = PairFeatures(Propagation(x, edges, weight), all_pairs(40)).cosine_distance(depth)
    sums, mixed, subtracted = links.values()
    tolerance = 1e-5 if dtype == torch.float32 else 1e-12
    torch.testing.assert_close(sums, subtracted, atol=tolerance, rtol=0)
    torch.testing.assert_close(mixed, subtracted, atol=tolerance, rtol=0)


@DEPTHS
def test_block_size_does_not_matter(monkeypatch, depth):
    x, edges, weight = random_layer(dtype=torch.float32)
    monkeypatch.setattr(module, "_CANCELLED", math.inf)
    unsplit = PairFeatures(Propagation(x, edges, weight), all_pairs(40)).cosine_distance(depth)
    monkeypatch.setattr(module, "_BLOCK_ELEMENTS", 1)  # 780 blocks of one pair
    blocks = PairFeatures(Propagation(x, edges, weight), all_pairs(40)).cosine_distance(depth)
    torch.testing.assert_close(blocks, unsplit, atol=1e-6, rtol=0)


@DEPTHS
@pytest.mark.parametrize("links", [1, 7, 779])
def test_number_of_pairs_in_a_block_does_not_matter(monkeypatch, depth, links):
    x, edges, weight = random_layer(dtype=torch.float64)
    x.requires_grad_()
    unsplit = PairFeatures(Propagation(x, edges, weight), all_pairs(40)).cosine_distance(depth)
    monkeypatch.setattr(module, "_BLOCK_PAIRS", links)
    blocks = PairFeatures(Propagation(x, edges, weight), all_pairs(40)).cosine_distance(depth)
    torch.testing.assert_close(blocks, unsplit, atol=1e-12, rtol=0)
    slope, expected = (torch.autograd.grad(result.square().sum(), x)[0] for result in (blocks, unsplit))
    torch.testing.assert_close(slope, expected, atol=1e-10, rtol=0)


def spokes(num_nodes):
    return torch.stack([torch.zeros(num_nodes - 1, dtype=torch.long), torch.arange(1, num_nodes)])


@DEPTHS
def test_short_differences_are_computed_by_subtraction(monkeypatch, depth):
    # the middle has no feature of its own, its first two leaves almost cancel: without the third, a row of length
    # 0.002 is left of terms of length 1, and sums of float32 products are of no use for it
    angle = torch.tensor([0.0, math.pi + 2e-3, 1.0])
    x = torch.cat([torch.zeros(1, 2), torch.stack([angle.cos(), angle.sin()], dim=1)])
    edges = spokes(4)
    naive, _ = slow_distance(x, as_weights(edges, None), (0, 3), depth)
    link = edges[:, -1:]
    assert PairFeatures(Propagation(x, edges), link).cosine_distance(depth).item() == pytest.approx(naive, abs=1e-3)
    monkeypatch.setattr(module, "_CANCELLED", 0.0)
    by_sums = PairFeatures(Propagation(x, edges), link).cosine_distance(depth).item()
    assert depth == 0 or by_sums != pytest.approx(naive, abs=1e-3)


@pytest.mark.parametrize("depth", [1, 2])
@pytest.mark.parametrize("degree", [1_000, 20_000])
@pytest.mark.parametrize("weight", [None, 3.0])
def test_a_hub_whose_neighbourhood_cancels_has_distance_one(degree, depth, weight):
    # the hub has no feature of its own and its neighbours come in opposite pairs: without the edge to the last node,
    # only rounding is left of it, more of it the more terms there were
    generator = torch.Generator().manual_seed(0)
    half = unit_rows(torch.randn(degree // 2, 16, generator=generator))
    x = torch.cat([torch.zeros(1, 16), half, -half, unit_rows(torch.randn(1, 16, generator=generator))])
    edges = spokes(len(x))
    weights = None if weight is None else torch.full((edges.size(1),), weight)
    distance = PairFeatures(Propagation(x, edges, weights), edges[:, -1:]).cosine_distance(depth)
    assert distance.item() == 1.0


@given(st.integers(0, 2**31))
def test_sine_equals_that_of_the_vector_product(seed):
    a, b = unit_rows(torch.randn(2, 3, dtype=torch.double, generator=torch.Generator().manual_seed(seed)))
    arm = b - a
    assume(arm.norm() > 1e-3)
    links = PairFeatures(Propagation(torch.stack([a, b]), PATH[:, :0]), torch.tensor([[0], [1]]))
    for force in (a, b):  # seen from either end
        magnitude = torch.linalg.cross(arm, force).norm() / arm.norm()
        assert links.sine(0).item() == pytest.approx(magnitude.item(), abs=1e-7)


def test_sine_of_special_angles():
    # alike: the arm's limit is square to the force; opposite: along it; right angle, and so a zero row: sin 45 degrees
    x = torch.tensor([[1.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    sine = PairFeatures(Propagation(x, PATH[:, :0]), torch.tensor([[0, 0, 0, 0], [1, 2, 3, 4]])).sine(0)
    assert sine.tolist() == pytest.approx([1, 0, 0.5**0.5, 0.5**0.5])


@DEPTHS
@pytest.mark.parametrize("cancelled", [0.0, math.inf])
def test_gradients_of_the_distance(monkeypatch, depth, cancelled):
    monkeypatch.setattr(module, "_CANCELLED", cancelled)
    x, edges, weight = random_layer(nodes=6, width=3)
    assert gradcheck(
        lambda rows: PairFeatures(Propagation(rows, edges, weight), all_pairs(6)).cosine_distance(depth),
        x.requires_grad_(),
    )


@DEPTHS
def test_gradients_are_finite_at_equal_opposite_and_zero_rows(depth):
    x = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 0.0], [-1.0, 0.0], [0.6, 0.8]], requires_grad=True)
    links = PairFeatures(Propagation(x, PATH), all_pairs(5))
    (root(links.cosine_distance(depth)) + links.sine(depth)).sum().backward()
    assert bool(x.grad.isfinite().all())
    assert bool(x.grad.any())


def test_root_and_its_derivative():
    square = torch.tensor([0.0, 0.25, 4.0], requires_grad=True)
    assert root(square).tolist() == [0, 0.5, 2]
    root(square).sum().backward()
    assert square.grad.tolist() == [0, 1, 0.25]  # 1 / (2 sqrt(s)), but 0 at zero


def test_pair_features_are_freed_without_garbage_collection():
    x, edges, weight = random_layer(dtype=torch.float32)
    links = PairFeatures(Propagation(x, edges, weight), all_pairs(40))
    links.cosine_distance(2)
    freed = weakref.ref(links)
    gc.disable()
    try:
        del links
        assert freed() is None  # no cycle that only the collector would find, with all its arrays
    finally:
        gc.enable()
