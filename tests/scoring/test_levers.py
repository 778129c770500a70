import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import PATH, all_pairs, as_set, as_weights, edge_weights, pair_sets, slow_means, unit_rows
from torque_core.graph.propagation import Propagation
from torque_core.scoring.levers import (
    LEVERS,
    combined_lever,
    euclidean_lever,
    feature_lever,
    neighbourhood_lever,
    structural_lever,
    unit_lever,
)
from torque_core.scoring.pair_features import PairFeatures

# unit rows on a path 0 - 1 - 2 - 3
ROWS = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
LAYER = Propagation(ROWS, PATH)


def one_link(i, j, **options):
    return PairFeatures(LAYER, torch.tensor([[i], [j]]), **options)


def test_names():
    assert {
        "structural": structural_lever,
        "neighbourhood": neighbourhood_lever,
        "combined": combined_lever,
        "feature": feature_lever,
        "euclidean": euclidean_lever,
        "unit": unit_lever,
    } == LEVERS


def test_feature_lever_of_the_first_layer_uses_the_features():
    # at angles of 0, 90 and 180 degrees to node 0
    assert feature_lever(PairFeatures(LAYER, torch.tensor([[0, 0, 0], [1, 2, 3]]))).tolist() == [0, 1, 2]


def test_feature_lever_of_the_second_layer_uses_one_propagation():
    # without 1 - 2: node 1 has (1, 0), node 2 the mean of (0, 1) and (-1, 0): an angle of 135 degrees
    assert feature_lever(one_link(1, 2, layer=1)).item() == pytest.approx(1 + 0.5**0.5)


def test_euclidean_lever_is_the_distance_of_unit_rows():
    pairs = torch.tensor([[0, 0, 0], [1, 2, 3]])
    torch.testing.assert_close(euclidean_lever(PairFeatures(LAYER, pairs)), torch.tensor([0, 2**0.5, 2]))
    torch.testing.assert_close(
        euclidean_lever(PairFeatures(LAYER, pairs)), (ROWS[pairs[0]] - ROWS[pairs[1]]).norm(dim=1)
    )
    # 135 degrees, see above: the distance is 2 sin(135 / 2 degrees)
    assert euclidean_lever(one_link(1, 2, layer=1)).item() == pytest.approx(1.847759)


def test_structural_lever_excludes_the_edge():
    # without 1 - 2: nodes 0, 1 both (1, 0); nodes 2, 3 both (-1/2, 1/2) after one propagation and after two
    assert structural_lever(one_link(1, 2)).item() == pytest.approx(1 + 0.5**0.5)


def test_structural_lever_of_a_pair_that_is_not_an_edge():
    # one propagation: (1, 0), (2/3, 1/3), (0, 1/3), (-1/2, 1/2); two, up to scale: (5, 1) at 0, (-3, 5) at 3
    assert structural_lever(one_link(0, 3)).item() == pytest.approx(1 + 10 / (26 * 34) ** 0.5)


def test_neighbourhood_lever_is_hand_computed():
    # triangle 0, 1, 2, and 3 tied to 2; without 0 - 1 it is a star around 2. One step: {0, 2} and {1, 2}, cosine 1/2.
    # Two: 0 has its own mean (1, 0, 1, 0)/2 and that of 2, (1, 1, 1, 1)/4, so (3, 1, 3, 1); 1 has (1, 3, 3, 1).
    # Their cosine is (3 + 3 + 9 + 1)/(9 + 1 + 9 + 1) = 4/5
    pairs = torch.tensor([[0, 0, 1, 2], [1, 2, 2, 3]])
    lever = neighbourhood_lever(PairFeatures(Propagation(torch.eye(4), pairs), pairs))
    assert lever[0].item() == pytest.approx(1 - (1 / 2 + 4 / 5) / 2)
    assert lever[3].item() == pytest.approx(1)  # the tail shares nothing


@given(pair_sets())
def test_one_hop_cosine_of_node_identities_is_the_salton_index(drawn):
    pairs, num_nodes = drawn
    every, edges = all_pairs(num_nodes), as_set(pairs)
    result = PairFeatures(Propagation(torch.zeros(num_nodes, 1), pairs).node_identities, every).cosine_distance(1)
    for link, distance in zip(every.T.tolist(), result.tolist(), strict=True):
        left, right = ({node} | {i + j - node for i, j in edges - {tuple(link)} if node in (i, j)} for node in link)
        assert distance == pytest.approx(1 - len(left & right) / (len(left) * len(right)) ** 0.5, abs=1e-6)


@given(pair_sets(), st.data())
def test_neighbourhood_lever_equals_that_of_loops_and_ignores_features(drawn, data):
    pairs, num_nodes = drawn
    every, weight = all_pairs(num_nodes), data.draw(st.none() | edge_weights(pairs.size(1)))
    nothing = torch.zeros(num_nodes, 1, dtype=torch.double)
    result = neighbourhood_lever(PairFeatures(Propagation(nothing, pairs, weight), every))
    assert bool(((result >= 0) & (result < 1 + 1e-12)).all())  # 1, but for rounding
    weights = as_weights(pairs, weight)
    for link, lever in zip(every.T.tolist(), result.tolist(), strict=True):
        without = {edge: w for edge, w in weights.items() if edge != tuple(link)}
        steps = [unit_rows(slow_means(torch.eye(num_nodes), without, depth))[link] for depth in (1, 2)]
        assert lever == pytest.approx(1 - sum(float(i @ j) for i, j in steps) / 2, abs=1e-12)


def test_combined_lever_is_the_mean_of_two():
    # 1 - 2 is a bridge: the neighbourhood lever is 1, the structural one 1 + sqrt(1/2), see above
    assert combined_lever(one_link(1, 2)).item() == pytest.approx(1 + 0.5**0.5 / 2)


def test_structural_levers_are_equal_in_every_layer():
    for lever in (structural_lever, neighbourhood_lever, combined_lever):
        assert torch.equal(lever(PairFeatures(LAYER, PATH, layer=1)), lever(PairFeatures(LAYER, PATH)))


def test_unit_lever():
    assert unit_lever(PairFeatures(LAYER, all_pairs(4))).tolist() == [1] * 6
