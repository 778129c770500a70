import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.data import Data

from tests.conftest import STAR, all_pairs, as_weights, edge_weights, pair_sets, slow_means, unit_rows
from torque_core.errors import BadConfig, BadGraph
from torque_core.graph.propagation import centred_unit
from torque_core.scoring.class_probabilities import ClassProbabilities, cross_fitted_probabilities, known_labels
from torque_core.scoring.layer_scorer import LayerScorer, layer_features
from torque_core.scoring.pair_features import PairFeatures
from torque_core.scoring.torque import PRODUCTS, torque

ROWS = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])


def test_torque_on_a_star_is_hand_computed():
    torques = LayerScorer(ROWS, STAR)(torch.tensor([[0, 0, 1], [1, 2, 2]]))
    # (0, 1): the ends have equal features, so the force is 0.
    # (0, 2): without it, leaf 2 keeps (0, 1); the centre is (13, 5)/6 after two propagations over leaves 1 and 3.
    # (1, 2): not an edge, nothing is left out; leaf 1 is (3, 1)/4 and leaf 2 is (1, 1)/2 after two propagations.
    assert torques.force.tolist() == [0, 1, 1]
    assert torques.value.tolist() == pytest.approx([0, 1 - 5 / 194**0.5, 1 - 4 / 20**0.5])


def test_second_layer_uses_propagated_features_for_the_force():
    torques = LayerScorer(ROWS, STAR, layer=1)(torch.tensor([[0], [1]]))
    # without (0, 1): leaf 1 keeps (1, 0); the centre is (1, 2)/3 after one propagation and (4, 5)/9 after two
    assert torques.force.item() == pytest.approx(1 - 1 / 5**0.5)
    assert torques.value.item() == pytest.approx((1 - 4 / 41**0.5) * (1 - 1 / 5**0.5))


def test_weight_of_an_edge_scales_its_message():
    # path 0 - 1 - 2 with weight 3 on 1 - 2; without 0 - 1 the centre is (1, 0) + 3 (0, 1) after one propagation
    x = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    scorer = LayerScorer(x, torch.tensor([[0, 1], [1, 2]]), torch.tensor([0.5, 3.0]), layer=1, lever="unit")
    assert scorer(torch.tensor([[0], [1]])).value.item() == pytest.approx(1 - 1 / 10**0.5, rel=1e-5)


def slow_torque(x, weights, pair, layer):
    """Delete the edge, propagate, and multiply the two cosine distances."""
    weights = {edge: weight for edge, weight in weights.items() if edge != pair}

    def distance(depth):
        left, right = (slow_means(x, weights, depth)[node] for node in pair)
        return 1 - float(left @ right / (left.norm() * right.norm()))

    return distance(2) * distance(min(layer, 2))


@given(pair_sets(min_nodes=3), st.data(), st.integers(0, 2**31), st.integers(0, 3))
@settings(max_examples=60)
def test_torque_equals_that_of_a_loop(drawn, data, seed, layer):
    pairs, num_nodes = drawn
    weight = data.draw(st.none() | edge_weights(pairs.size(1)))
    weight = None if weight is None else weight.double()
    generator = torch.Generator().manual_seed(seed)
    x = unit_rows(torch.randn(num_nodes, 5, generator=generator, dtype=torch.double))
    every = all_pairs(num_nodes)
    weights = as_weights(pairs, weight)
    expected = [slow_torque(x, weights, tuple(pair), layer) for pair in every.T.tolist()]
    actual = LayerScorer(x, pairs, weight, layer=layer)(every).value
    torch.testing.assert_close(actual, torch.tensor(expected, dtype=torch.double), atol=1e-7, rtol=1e-7)


@pytest.mark.parametrize("product", PRODUCTS)
def test_options_are_passed_on(product):
    generator = torch.Generator().manual_seed(0)
    x = unit_rows(torch.randn(4, 3, generator=generator))
    logits = torch.randn(4, 2, generator=generator)
    class_probabilities = ClassProbabilities(logits, torch.tensor([-1, 0, 1, -1]))
    options = {"lever": "combined", "force": "free", "product": product}
    scorer = LayerScorer(
        x, STAR, layer=1, temperature=2.0, class_probabilities=lambda propagation: class_probabilities, **options
    )
    features = PairFeatures(
        scorer.propagation, STAR, layer=1, temperature=2.0, class_probabilities=lambda: class_probabilities
    )
    assert torch.equal(scorer(STAR).value, torque(features, **options).value)
    assert torch.equal(scorer.pair_features(STAR).cosine_distance(2), features.cosine_distance(2))


def test_class_probabilities_are_estimated_once_and_only_if_needed():
    calls = []

    def estimate(propagation):
        calls.append(propagation)
        return ClassProbabilities(torch.zeros(4, 2), torch.full((4,), -1))

    LayerScorer(ROWS, STAR, class_probabilities=estimate)(STAR)
    assert calls == []
    scorer = LayerScorer(ROWS, STAR, force="pair", class_probabilities=estimate)
    scorer(STAR)
    scorer(all_pairs(4))
    assert calls == [scorer.propagation]


def test_errors_name_the_cause():
    with pytest.raises(BadConfig, match=r"force must be one of dirichlet, .*; got 'strong'"):
        LayerScorer(ROWS, STAR, force="strong")(STAR)
    with pytest.raises(BadGraph, match="not sorted"):
        LayerScorer(ROWS, STAR)(torch.tensor([[1, 0], [2, 1]]))
    with pytest.raises(BadGraph, match="this force needs"):
        LayerScorer(ROWS, STAR, force="pair")(STAR)


def test_layer_features_are_centred_unit_rows_with_class_directions():
    x = torch.tensor([[0, 3], [1, 0], [5, 1]])  # integers are converted
    assert torch.equal(layer_features(x), centred_unit(x.float()))
    logits = torch.tensor([[9.0, 0.0], [0.0, 0.1], [0.0, 0.0]], dtype=torch.double)
    class_probabilities = ClassProbabilities(logits, torch.tensor([-1, -1, 1]))
    features = layer_features(x, class_probabilities)
    assert features.dtype == torch.float32
    assert torch.equal(features[:, :2], centred_unit(x.float()))
    # a certain node of two classes has the direction (-1, 1) / sqrt(2), at a quarter of the length of its features
    assert features[1, 2:].tolist() == [0, 0]
    assert features[2, 2:].tolist() == pytest.approx([-(0.125**0.5) / 2, 0.125**0.5 / 2])


def test_known_labels_are_those_of_training_nodes():
    y, mask = torch.tensor([3, 1, 2]), torch.tensor([True, False, True])
    assert known_labels(Data(y=y, train_mask=mask)).tolist() == [3, -1, 2]
    for graph in (Data(y=y), Data(train_mask=mask)):
        with pytest.raises(BadGraph, match="give y and train_mask"):
            known_labels(graph)
    with pytest.raises(BadGraph, match=r"train_mask \(3, 2\); choose one split of several"):
        known_labels(Data(y=y, train_mask=mask[:, None].repeat(1, 2)))


def test_cross_fitted_probabilities_use_the_graph_of_the_layer():
    x = torch.tensor([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9], [0.95, 0.0], [0.0, 0.95]])
    pairs, known = torch.tensor([[0, 1], [2, 3]]), torch.tensor([0, 0, 1, 1, -1, -1])
    scorer = LayerScorer(
        x, pairs, force="pair", class_probabilities=lambda propagation: cross_fitted_probabilities(propagation, known)
    )
    expected = cross_fitted_probabilities(scorer.propagation, known)
    features = PairFeatures(scorer.propagation, pairs, class_probabilities=lambda: expected)
    assert torch.equal(scorer(pairs).value, torque(features, force="pair").value)
