import networkx as nx
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import PATH, STAR, as_set, pair_sets
from torque_core.diagnostics import Structure, components, edge_homophily, structure

NONE = PATH[:, :0]


@given(pair_sets(max_nodes=10))
def test_structure_is_that_of_networkx(drawn):
    pairs, num_nodes = drawn
    graph = nx.Graph(pairs.T.tolist())
    graph.add_nodes_from(range(num_nodes))
    found = structure(pairs, num_nodes)
    assert found.components == components(pairs, num_nodes) == nx.number_connected_components(graph)
    assert found.isolated == nx.number_of_isolates(graph)
    assert found.edges == graph.number_of_edges()
    assert found.mean_degree == pytest.approx(sum(dict(graph.degree).values()) / num_nodes)
    assert found.edge_homophily is None


@given(pair_sets(), st.data())
def test_homophily_by_a_loop(drawn, data):
    pairs, num_nodes = drawn
    y = data.draw(st.lists(st.integers(-1, 2), min_size=num_nodes, max_size=num_nodes))
    same = [y[i] == y[j] for i, j in as_set(pairs) if y[i] >= 0 and y[j] >= 0]
    expected = pytest.approx(sum(same) / len(same)) if same else None
    assert edge_homophily(pairs, torch.tensor(y)) == expected


def test_hand_computed():
    y = torch.tensor([0, 0, 1, 1])
    assert structure(PATH, 4, y) == Structure(3, pytest.approx(2 / 3), 1.5, 0, 1)
    assert structure(STAR, 5, torch.tensor([0, 0, 1, -1, 0])) == Structure(3, 0.5, 1.2, 1, 2)
    assert structure(NONE, 4, y) == Structure(0, None, 0.0, 4, 4)


def test_homophily_without_labels():
    assert edge_homophily(PATH, torch.full((4,), -1)) is None
    assert edge_homophily(PATH, torch.tensor([0, -1, 0, -1])) is None
