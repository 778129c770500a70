from math import log

import networkx as nx
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import PATH, STAR, all_pairs, as_set, pair_sets
from torque_core.diagnostics import (
    adjusted_homophily,
    class_insensitive_homophily,
    edge_homophily,
    label_informativeness,
    node_homophily,
)

MEASURES = [
    adjusted_homophily,
    class_insensitive_homophily,
    edge_homophily,
    label_informativeness,
    node_homophily,
]
close = pytest.approx


@st.composite
def labelled(draw, lowest=-1):
    pairs, num_nodes = draw(pair_sets())
    y = draw(st.lists(st.integers(lowest, 2), min_size=num_nodes, max_size=num_nodes))
    return pairs, torch.tensor(y)


def ends(pairs, y):
    """Labels at the ends of every edge between labelled nodes, both ways round."""
    y = y.tolist()
    known = [(i, j) for i, j in as_set(pairs) if y[i] >= 0 and y[j] >= 0]
    return [(y[a], y[b]) for i, j in known for a, b in ((i, j), (j, i))]


def entropy(outcomes):
    shares = [outcomes.count(kind) / len(outcomes) for kind in set(outcomes)]
    return -sum(fraction * log(fraction) for fraction in shares)


@given(labelled())
def test_edge_homophily_by_a_loop(drawn):
    same = [a == b for a, b in ends(*drawn)]
    assert edge_homophily(*drawn) == (close(sum(same) / len(same)) if same else None)


@given(labelled())
def test_node_homophily_by_a_loop(drawn):
    pairs, y = drawn
    shares = []
    for node, own in enumerate(y.tolist()):
        others = [j if i == node else i for i, j in as_set(pairs) if node in (i, j)]
        known = [int(y[other]) for other in others if y[other] >= 0]
        if own >= 0 and known:
            shares.append(known.count(own) / len(known))
    assert node_homophily(*drawn) == (close(sum(shares) / len(shares)) if shares else None)


@given(labelled())
def test_class_insensitive_homophily_by_a_loop(drawn):
    result, edges = class_insensitive_homophily(*drawn), ends(*drawn)
    known = [label for label in drawn[1].tolist() if label >= 0]
    classes = set(known)
    if not edges or len(classes) < 2:
        assert result is None
        return
    excess = 0.0
    for label in classes:
        others = [b for a, b in edges if a == label]
        fraction = others.count(label) / len(others) if others else 0.0
        excess += max(0.0, fraction - known.count(label) / len(known))
    assert result == close(excess / (len(classes) - 1), abs=1e-6)


@given(labelled())
def test_adjusted_homophily_is_the_assortativity_of_networkx(drawn):
    # Newman's coefficient (2003) is the same formula, written with the classes' mixing matrix
    pairs, y = drawn
    edges = ends(pairs, y)
    if len({a for a, _ in edges}) < 2:
        assert adjusted_homophily(pairs, y) is None
        return
    graph = nx.Graph((i, j) for i, j in as_set(pairs) if y[i] >= 0 and y[j] >= 0)
    nx.set_node_attributes(graph, dict(enumerate(y.tolist())), "label")
    assert adjusted_homophily(pairs, y) == close(nx.attribute_assortativity_coefficient(graph, "label"), abs=1e-6)


@given(labelled())
def test_label_informativeness_by_its_formula(drawn):
    result, edges = label_informativeness(*drawn), ends(*drawn)
    single = entropy([a for a, _ in edges]) if edges else 0.0
    assert result == (close(2 - entropy(edges) / single, abs=1e-9) if single else None)
    assert result is None or 0 <= result <= 1 + 1e-9


def test_hand_computed():
    # the middle of the star and two leaves are of class 0, one leaf is of class 1
    y = torch.tensor([0, 0, 1, 0])
    assert edge_homophily(STAR, y) == close(2 / 3)
    # 2/3 of the middle's neighbours are like it; two leaves have 1, one has 0
    assert node_homophily(STAR, y) == close((2 / 3 + 1 + 1 + 0) / 4)
    # class 0 has 5 neighbours, 4 of them alike, and is 3/4 of the nodes; class 1 has none alike
    assert class_insensitive_homophily(STAR, y) == close(4 / 5 - 3 / 4, abs=1e-6)
    # class 0 has 5 of the 6 ends, class 1 has one
    chance = (5 / 6) ** 2 + (1 / 6) ** 2
    assert adjusted_homophily(STAR, y) == close((2 / 3 - chance) / (1 - chance), abs=1e-6)
    # of 6 directed edges four are 0 - 0, one is 0 - 1, one is 1 - 0
    both = 4 / 6 * log(4 / 6) + 2 / 6 * log(1 / 6)
    assert label_informativeness(STAR, y) == close(2 - both / (5 / 6 * log(5 / 6) + 1 / 6 * log(1 / 6)))


def test_perfect_homophily_and_heterophily():
    two_cliques = torch.tensor([[0, 0, 1, 3, 3, 4], [1, 2, 2, 4, 5, 5]])
    cliques = torch.tensor([0, 0, 0, 1, 1, 1])
    # class by class all are alike, and half of the nodes: 2 (1 - 1/2) / (2 - 1)
    assert [measure(two_cliques, cliques) for measure in MEASURES] == [close(1.0)] * 5
    # ends that always differ tell as much as ends that never do
    sides = torch.tensor([0, 1, 0, 1])
    assert [measure(PATH, sides) for measure in MEASURES] == [close(-1.0), 0.0, 0.0, close(1.0), 0.0]


def test_uninformative_labels_are_hand_computed():
    # of the complete graph on two nodes of either class, 2 of 6 edges are alike
    y = torch.tensor([0, 0, 1, 1])
    assert class_insensitive_homophily(all_pairs(4), y) == 0
    assert adjusted_homophily(all_pairs(4), y) == close((1 / 3 - 1 / 2) / (1 / 2), abs=1e-6)
    # 0 - 0 once, 1 - 1 once, 0 - 1 once, 1 - 0 once: the cycle 0 - 0 - 1 - 1 - 0 says nothing
    cycle = torch.tensor([[0, 0, 1, 2], [1, 3, 2, 3]])
    assert label_informativeness(cycle, y) == close(0.0)
    assert adjusted_homophily(cycle, y) == close(0.0)


def test_isolated_nodes_count_only_in_class_sizes():
    y = torch.tensor([0, 0, 1, 1])
    more = torch.cat([y, torch.tensor([1, 1, 1, 1])])
    for measure in (adjusted_homophily, edge_homophily, label_informativeness, node_homophily):
        assert measure(PATH, more) == measure(PATH, y)
    # h is 2/3 for either class; class 0 is a quarter of the nodes, class 1 three quarters
    assert class_insensitive_homophily(PATH, more) == close(2 / 3 - 1 / 4, abs=1e-6)


@given(labelled(), st.data())
def test_measures_are_permutation_invariant(drawn, data):
    pairs, y = drawn
    names = torch.tensor([*data.draw(st.permutations([0, 4, 9])), -1])  # -1 stays -1
    order = torch.tensor(data.draw(st.permutations(range(len(y)))))
    moved = order[pairs].sort(dim=0).values
    renamed = torch.empty_like(y)
    renamed[order] = names[y]
    for measure in MEASURES:
        expected = measure(pairs, y)
        assert measure(moved, renamed) == (None if expected is None else close(expected, abs=1e-6))


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize(
    ("pairs", "y"),
    [
        (PATH[:, :0], torch.tensor([0, 1, 0, 1])),
        (PATH, torch.full((4,), -1)),
        (PATH, torch.tensor([0, -1, 1, -1])),
    ],
)
def test_nothing_to_measure(measure, pairs, y):
    assert measure(pairs, y) is None


def test_one_class():
    y = torch.tensor([0, 0, 0, 0])
    assert edge_homophily(PATH, y) == node_homophily(PATH, y) == 1
    assert [adjusted_homophily(PATH, y), label_informativeness(PATH, y), class_insensitive_homophily(PATH, y)] == [
        None,
        None,
        None,
    ]
    # a second class without an edge leaves nothing to adjust for, but has a size: (1 - 4/5) / (2 - 1)
    y = torch.tensor([0, 0, 0, 0, 1])
    assert adjusted_homophily(PATH, y) is None
    assert class_insensitive_homophily(PATH, y) == close(0.2, abs=1e-6)


def test_two_nodes():
    pair, y = torch.tensor([[0], [1]]), torch.tensor([0, 1])
    assert [measure(pair, y) for measure in MEASURES] == [close(-1.0), 0.0, 0.0, close(1.0), 0.0]
