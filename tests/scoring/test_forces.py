import math

import networkx as nx
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import PATH, STAR, all_pairs, as_set, as_weights, edge_weights, pair_sets
from torque_core.errors import BadGraph
from torque_core.graph.propagation import Propagation
from torque_core.scoring.class_probabilities import ClassProbabilities
from torque_core.scoring.forces import (
    FORCES,
    cosine_force,
    dirichlet_force,
    disparity_force,
    energy_force,
    free_force,
    pagerank_difference_force,
    pagerank_sum_force,
    pair_force,
    unit_force,
)
from torque_core.scoring.pair_features import PairFeatures

ROWS = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
LAYER = Propagation(ROWS, PATH)
UNSURE = -1


def links_with(logits, known, pairs=PATH, *, confidence=0.9, **options):
    """Links between all nodes of a graph, with these beliefs."""
    layer = Propagation(torch.zeros(len(logits), 1), pairs)
    class_probabilities = ClassProbabilities(torch.as_tensor(logits), torch.as_tensor(known), confidence)
    return PairFeatures(layer, all_pairs(len(logits)), class_probabilities=lambda: class_probabilities, **options)


@st.composite
def believed(draw):
    """Links between all nodes of a small graph, in which some labels are known and some scores are sure."""
    pairs, num_nodes = draw(pair_sets())
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    logits = 3 * torch.randn(num_nodes, 3, generator=generator)
    known = draw(st.lists(st.integers(UNSURE, 2), min_size=num_nodes, max_size=num_nodes))
    return links_with(logits, known, pairs, temperature=draw(st.sampled_from([0.5, 1.0, 3.0])))


def test_names():
    assert {
        "cosine": cosine_force,
        "energy": energy_force,
        "dirichlet": dirichlet_force,
        "pair": pair_force,
        "free": free_force,
        "pagerank_sum": pagerank_sum_force,
        "pagerank_difference": pagerank_difference_force,
        "disparity": disparity_force,
        "unit": unit_force,
    } == FORCES


def test_unit_force():
    assert unit_force(PairFeatures(LAYER, all_pairs(4), layer=1)).tolist() == [1] * 6


def test_dirichlet_energy_of_the_first_layer_uses_the_features():
    force = dirichlet_force(PairFeatures(LAYER, PATH))
    assert force.tolist() == [0, 1, 1]
    halved_square = (ROWS[PATH[0]] - ROWS[PATH[1]]).square().sum(dim=1) / 2
    torch.testing.assert_close(force, halved_square)


def test_dirichlet_energy_of_the_second_layer_uses_one_propagation():
    # 0 - 1 left out: (1, 0) against (1, 1); 1 - 2: (1, 0) against (-1, 1); 2 - 3: (1, 1) against (-1, 0)
    force = dirichlet_force(PairFeatures(LAYER, PATH, layer=1))
    half = 0.5**0.5
    assert force.tolist() == pytest.approx([1 - half, 1 + half, 1 + half])


@pytest.mark.parametrize("layer", [0, 1, 5])
def test_cosine_force_uses_the_features_in_every_layer(layer):
    assert cosine_force(PairFeatures(LAYER, PATH, layer=layer)).tolist() == [0, 1, 1]


def test_dirichlet_energy_uses_the_deepest_propagation_in_later_layers():
    assert torch.equal(
        dirichlet_force(PairFeatures(LAYER, PATH, layer=5)), dirichlet_force(PairFeatures(LAYER, PATH, layer=2))
    )


def test_pair_energy_is_hand_computed():
    # nodes 0, 1 known, of two classes; node 2 unsure; node 3 thinks 3/4 of the first class
    force = pair_force(links_with([[0.0, 0.0], [0.0, 0.0], [0.0, 0.0], [math.log(3), 0.0]], [0, 1, UNSURE, UNSURE]))
    expected = {
        (0, 1): -math.log(1e-6),  # never of one class: the floor
        (0, 2): -math.log(1 / 2),
        (0, 3): -math.log(3 / 4),
        (1, 2): -math.log(1 / 2),
        (1, 3): -math.log(1 / 4),
        (2, 3): -math.log(1 / 2 * 3 / 4 + 1 / 2 * 1 / 4),
    }
    assert force.tolist() == pytest.approx(list(expected.values()), rel=1e-5)


def test_pair_energy_of_one_class_is_zero():
    assert pair_force(links_with([[0.0, 0.0]] * 4, [1] * 4)).tolist() == [0] * 6


def test_free_energy_is_shifted_to_the_most_confident_node():
    # energies -log 2, -log 4, -log 10, -log 2: node 2 is the most confident
    logits = [[0.0, 0.0], [0.0, math.log(3)], [math.log(9), 0.0], [0.0, 0.0]]
    energy = [math.log(5), math.log(2.5), 0, math.log(5)]
    force = free_force(links_with(logits, [UNSURE] * 4))
    assert force.tolist() == pytest.approx([(energy[i] + energy[j]) / 2 for i, j in all_pairs(4).T.tolist()])
    # at T = 2 the scores count half: energies -2 log 2, -2 log(1 + sqrt 3), -2 log(1 + 3)
    warm = free_force(links_with(logits, [UNSURE] * 4, temperature=2.0))
    assert warm[3].item() == pytest.approx((2 * math.log(4 / (1 + 3**0.5)) + 0) / 2)


def test_free_energy_depends_on_scores_not_on_labels():
    logits = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    unlabelled, labelled = (free_force(links_with(logits, [known] * 4)) for known in (UNSURE, 1))
    assert torch.equal(unlabelled, labelled)


@given(pair_sets(), st.data())
def test_importance_forces_use_pagerank(drawn, data):
    pairs, num_nodes = drawn
    weight = data.draw(st.none() | edge_weights(pairs.size(1)))
    graph = nx.Graph()
    graph.add_nodes_from(range(num_nodes))
    graph.add_weighted_edges_from((i, j, w) for (i, j), w in as_weights(pairs, weight).items())
    rank = nx.pagerank(graph, tol=1e-12, max_iter=1_000)
    every = all_pairs(num_nodes)
    links = PairFeatures(Propagation(torch.zeros(num_nodes, 1), pairs, weight), every)
    total = [num_nodes * (rank[i] + rank[j]) / 2 for i, j in every.T.tolist()]
    difference = [num_nodes * abs(rank[i] - rank[j]) for i, j in every.T.tolist()]
    assert pagerank_sum_force(links).tolist() == pytest.approx(total, rel=1e-5)
    assert pagerank_difference_force(links).tolist() == pytest.approx(difference, abs=1e-5)


def test_disparity_is_hand_computed_and_excludes_the_tested_edge():
    # node 0 of class 0 in the middle of leaves of the classes 0, 1 and unknown
    star = links_with([[0.0, 0.0]] * 4, [0, 0, 1, UNSURE], STAR)
    force = dict(zip(as_tuples(star.pairs), disparity_force(star).tolist(), strict=True))
    # a leaf without its edge has no neighbours: 0. The middle without node 1 has one of another class: 0; without
    # node 2 one of its own: 1; the unknown one does not count either way: 1/2
    assert [force[0, leaf] for leaf in (1, 2, 3)] == [0, 1, 0.5]
    # pairs that are no edges: leaf 1 has the middle, of its own class, leaf 2 as well, of another; leaf 3 has no class
    assert [force[pair] for pair in ((1, 2), (1, 3), (2, 3))] == [1, 1, 0]


def test_disparity_uses_pseudo_labels_of_sufficient_confidence():
    # node 3 is of class 0 with probability 3/4; 0 - 3 and 0 - 2 are edges: without 0 - 1 node 0 has the homophily
    # 1/2 if node 3 counts, and 0 if not; node 1 has none
    logits, known = [[0.0, 0.0]] * 3 + [[math.log(3), 0.0]], [0, 0, 1, UNSURE]
    for confidence, expected in ((0.7, 0.5), (0.8, 0.0)):
        links = links_with(logits, known, STAR, confidence=confidence)
        assert disparity_force(links)[0].item() == expected


def as_tuples(pairs):
    return list(map(tuple, pairs.T.tolist()))


@given(believed())
def test_forces_of_class_probabilities_equal_those_of_loops(links):
    class_probabilities, edges = links.class_probabilities, as_set(links.propagation.pairs)
    p, labels = class_probabilities.probabilities.double().tolist(), class_probabilities.labels.tolist()
    temperature = links.temperature
    energy = [
        -temperature * math.log(sum(math.exp(z / temperature) for z in row))
        for row in class_probabilities.logits.tolist()
    ]

    def homophily(node, without):
        around = [labels[i + j - node] for i, j in edges - {without} if node in (i, j)]
        seen = [label == labels[node] for label in around if label >= 0 and labels[node] >= 0]
        return sum(seen) / len(seen) if seen else 0.0

    expected = [
        (
            -math.log(max(sum(a * b for a, b in zip(p[i], p[j], strict=True)), 1e-6)),
            (energy[i] + energy[j]) / 2 - min(energy),
            abs(homophily(i, (i, j)) - homophily(j, (i, j))),
        )
        for i, j in as_tuples(links.pairs)
    ]
    for force, values in zip((pair_force, free_force, disparity_force), zip(*expected, strict=True), strict=True):
        assert force(links).tolist() == pytest.approx(values, abs=1e-5)


@pytest.mark.parametrize("force", [pair_force, free_force, disparity_force])
def test_forces_without_their_class_probabilities_raise(force):
    with pytest.raises(BadGraph, match="this force needs class probabilities; give y and train_mask"):
        force(PairFeatures(LAYER, PATH))
