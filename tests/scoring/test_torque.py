import re

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.datasets import KarateClub

from tests.conftest import PATH, all_pairs, edge_weights, graphs, pair_sets, unit_rows
from torque_core.errors import BadConfig, BadGraph
from torque_core.graph.pairs import undirected_pairs
from torque_core.graph.propagation import Propagation, centred_unit
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec
from torque_core.scoring.class_probabilities import ClassProbabilities
from torque_core.scoring.forces import FORCES, disparity_force
from torque_core.scoring.levers import LEVERS
from torque_core.scoring.pair_features import PairFeatures
from torque_core.scoring.torque import PRODUCTS, Torque, torque

ROWS = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
LAYER = Propagation(ROWS, PATH)
MIDDLE = torch.tensor([[1], [2]])  # the edge 1 - 2
CHOICES = [(lever, force, product) for lever in LEVERS for force in FORCES for product in PRODUCTS]


def test_torque_of_an_edge_is_hand_computed():
    # lever of 1 - 2: 1 + sqrt(1/2), see the levers; force: the features are at a right angle
    result = torque(PairFeatures(LAYER, MIDDLE))
    assert result.lever.item() == pytest.approx(1 + 0.5**0.5)
    assert result.force.item() == 1
    assert result.value.item() == pytest.approx(1 + 0.5**0.5)
    assert result.sine is None


def test_cross_torque_of_an_edge_is_hand_computed():
    # features at a right angle: the arm, along (-1, 1), is at 45 degrees to the force, along (0, 1)
    result = torque(PairFeatures(LAYER, MIDDLE), product="cross")
    assert result.sine.item() == pytest.approx(0.5**0.5)
    assert result.value.item() == pytest.approx((1 + 0.5**0.5) * 0.5**0.5)


def layer_with_class_probabilities(seed, pairs, num_nodes, weight=None):
    """Features, and beliefs of which some are known and some are sure, in general position, float64."""
    generator = torch.Generator().manual_seed(seed)
    x = centred_unit(torch.randn(num_nodes, 8, generator=generator, dtype=torch.double))
    logits = 3 * torch.randn(num_nodes, 3, generator=generator, dtype=torch.double)
    known = torch.randint(-1, 3, (num_nodes,), generator=generator)
    return Propagation(x, pairs, weight), ClassProbabilities(logits, known)


def relabelled(layer, class_probabilities, weight, names):
    """The same layer and beliefs with node ``i`` called ``names[i]``, and the places of all pairs in the new order."""
    num_nodes = len(names)
    old = names.argsort()

    def renamed(pairs):
        new = names[pairs].sort(dim=0).values
        order = (new[0] * num_nodes + new[1]).argsort()
        return new[:, order], order

    pairs, order = renamed(layer.pairs)
    same = Propagation(layer.x[old], pairs, None if weight is None else weight[order])
    return (
        same,
        ClassProbabilities(class_probabilities.logits[old], class_probabilities.known[old]),
        renamed(all_pairs(num_nodes))[1],
    )


@given(pair_sets(min_nodes=3), st.data(), st.integers(0, 2**31), st.integers(0, 2))
@settings(max_examples=40)
def test_torques_are_finite_nonnegative_and_permutation_equivariant(drawn, data, seed, index):
    pairs, num_nodes = drawn
    weight = data.draw(st.none() | edge_weights(pairs.size(1)))
    layer, class_probabilities = layer_with_class_probabilities(seed, pairs, num_nodes, weight)
    names = torch.tensor(data.draw(st.permutations(range(num_nodes))))
    other, other_beliefs, order = relabelled(layer, class_probabilities, weight, names)
    every = all_pairs(num_nodes)
    links = PairFeatures(layer, every, layer=index, class_probabilities=lambda: class_probabilities)
    renamed = PairFeatures(other, every, layer=index, class_probabilities=lambda: other_beliefs)
    for lever, force, product in CHOICES:
        result = torque(links, lever=lever, force=force, product=product)
        assert bool((result.value.isfinite() & (result.value >= 0)).all())
        again = torque(renamed, lever=lever, force=force, product=product)
        # a root close to zero doubles the digits that rounding takes
        torch.testing.assert_close(again.value, result.value[order], atol=1e-6, rtol=1e-6)


@given(graphs(), st.sampled_from(CHOICES), st.integers(0, 3))
def test_torque_is_the_product_of_its_factors(data, choice, index):
    layer = Propagation(centred_unit(data.x), undirected_pairs(data.edge_index, len(data.x)))  # float32
    _, class_probabilities = layer_with_class_probabilities(0, layer.pairs, len(data.x))
    links = PairFeatures(layer, all_pairs(len(data.x)), layer=index, class_probabilities=lambda: class_probabilities)
    lever, force, product = choice
    result = torque(links, lever=lever, force=force, product=product)
    assert torch.equal(result.lever, LEVERS[lever](links))
    assert torch.equal(result.force, FORCES[force](links))
    sine = links.sine(index) if product == "cross" else torch.ones_like(result.lever)
    assert torch.equal(result.value, result.lever * result.force * sine)
    assert bool((result.value.isfinite() & (result.value >= 0)).all())


@pytest.mark.parametrize(("lever", "force", "product"), CHOICES)
def test_torque_does_not_depend_on_the_other_pairs(lever, force, product):
    layer, class_probabilities = layer_with_class_probabilities(0, PATH, 5)
    every = all_pairs(5)
    together = torque(
        PairFeatures(layer, every, class_probabilities=lambda: class_probabilities),
        lever=lever,
        force=force,
        product=product,
    ).value
    alone = [
        torque(
            PairFeatures(layer, link[:, None], class_probabilities=lambda: class_probabilities),
            lever=lever,
            force=force,
            product=product,
        ).value
        for link in every.T
    ]
    torch.testing.assert_close(torch.cat(alone), together)


@given(pair_sets(min_nodes=3), st.integers(0, 2**31))
def test_cross_torque_equals_the_vector_product(drawn, seed):
    pairs, num_nodes = drawn
    x = unit_rows(torch.randn(num_nodes, 3, dtype=torch.double, generator=torch.Generator().manual_seed(seed)))
    _, class_probabilities = layer_with_class_probabilities(seed, pairs, num_nodes)
    links = PairFeatures(Propagation(x, pairs), all_pairs(num_nodes), class_probabilities=lambda: class_probabilities)
    i, j = links.pairs
    pull = disparity_force(links)[:, None] * x[j]  # |h_i - h_j| x_j
    expected = torch.linalg.cross(x[j] - x[i], pull).norm(dim=1)
    result = torque(links, lever="euclidean", force="disparity", product="cross").value
    torch.testing.assert_close(result, expected, atol=1e-7, rtol=0)


ALIKE_AND_ZERO = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 0.0], [-1.0, 0.0], [0.6, 0.8]])


@pytest.mark.parametrize("product", PRODUCTS)
@pytest.mark.parametrize("lever", LEVERS)
@pytest.mark.parametrize("index", [0, 1])
def test_gradients_reach_the_features(lever, product, index):
    x = ALIKE_AND_ZERO.clone().requires_grad_()
    links = PairFeatures(Propagation(x, PATH), all_pairs(5), layer=index)
    torque(links, lever=lever, force="dirichlet", product=product).value.sum().backward()
    assert bool(x.grad.isfinite().all())
    assert bool(x.grad.any())


@pytest.mark.parametrize("lever", LEVERS)
def test_gradients_of_the_lever_alone(lever):
    x = ALIKE_AND_ZERO.clone().requires_grad_()
    value = torque(PairFeatures(Propagation(x, PATH), all_pairs(5)), lever=lever, force="unit").value
    assert value.requires_grad == (lever not in ("neighbourhood", "unit"))  # these two are blind to features
    if value.requires_grad:
        value.sum().backward()
        assert bool(x.grad.isfinite().all())
        assert bool(x.grad.any())


@pytest.fixture
def own_names():
    """A user's own lever ``far`` and force ``strong``, gone after the test."""

    @LEVERS.register("far")
    def far(links):
        """Every lever arm 3."""
        return torch.full_like(links.weight, 3)

    @FORCES.register("strong")
    def strong(links):
        """The weight of the link, and 1 more."""
        return 1 + links.weight

    yield "far", "strong"
    del LEVERS["far"], FORCES["strong"]


def test_registered_levers_and_forces_are_used(own_names):
    lever, force = own_names
    result = torque(PairFeatures(LAYER, torch.tensor([[0, 1], [2, 2]])), lever=lever, force=force)
    assert result.value.tolist() == [3, 6]  # 0 - 2 is no edge
    assert LEVERS.describe("far") == "Every lever arm 3."
    rewiring = rewire(KarateClub()[0], RewireSpec(lever=lever, force=force, layers=1))
    assert set(rewiring.layers[0].torque.value.tolist()) == {6}


def test_selection_and_device():
    plain = Torque(torch.tensor([1.0, 2.0, 3.0]), torch.tensor([4.0, 5.0, 6.0]))
    turned = Torque(plain.lever, plain.force, torch.tensor([0.0, 0.5, 1.0]))
    for result, values in ((plain, [4, 10, 18]), (turned, [0, 5, 18])):
        assert result[torch.tensor([2, 0])].value.tolist() == [values[2], values[0]]
        assert result[torch.tensor([False, True, False])].value.tolist() == [values[1]]
        assert result.to("cpu").value.tolist() == values


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"lever": "long"},
            "lever must be one of structural, neighbourhood, combined, feature, euclidean, unit; got 'long'",
        ),
        (
            {"force": "gravity"},
            "force must be one of dirichlet, energy, cosine, pair, free, pagerank_sum, pagerank_difference, disparity, "
            "unit; got 'gravity'",
        ),
        ({"product": "dot"}, "product must be one of scalar, cross; got 'dot'"),
    ],
)
def test_unknown_names_raise_with_the_choices(options, message):
    with pytest.raises(BadConfig, match=re.escape(message)):
        torque(PairFeatures(LAYER, PATH), **options)


@pytest.mark.parametrize("force", FORCES)
def test_forces_that_need_labels_are_declared(force):
    features = PairFeatures(LAYER, PATH)
    if FORCES.properties(force).needs_labels:
        with pytest.raises(BadGraph, match="this force needs"):
            torque(features, force=force)
    else:
        torque(features, force=force)


CONSTANT = {"unit", "cosine"}  # forces; the weights do not matter


@pytest.mark.parametrize(
    ("registry", "name"),
    [(LEVERS, name) for name in LEVERS] + [(FORCES, name) for name in FORCES],
)
def test_differentiable_levers_and_forces_are_declared(registry, name):
    propagation, class_probabilities = layer_with_class_probabilities(0, PATH, 4)
    weight = torch.ones(3, dtype=torch.double, requires_grad=True)
    layer = Propagation(propagation.x, PATH, weight)
    if not registry.properties(name).differentiable:
        layer = Propagation(propagation.x, PATH)
        weight = layer.weight.requires_grad_()
    features = PairFeatures(layer, all_pairs(4), layer=1, class_probabilities=lambda: class_probabilities)
    value = registry[name](features)
    assert value.requires_grad == (registry.properties(name).differentiable and name not in CONSTANT)
    if value.requires_grad:
        value.sum().backward()
        assert bool(weight.grad.isfinite().all())
        assert bool(weight.grad.any())
