from dataclasses import fields

import networkx as nx
import pytest
import torch
from hypothesis import given

from tests.conftest import PATH, STAR, pair_sets
from torque_core import diagnostics
from torque_core.diagnostics import Structure, components, structure

NONE = PATH[:, :0]
OF_LABELS = {"edge_homophily", "node_homophily", "class_insensitive_homophily", "adjusted_homophily"}
OF_LABELS |= {"label_informativeness"}


@given(pair_sets(max_nodes=10))
def test_structure_equals_that_of_networkx(drawn):
    pairs, num_nodes = drawn
    graph = nx.Graph(pairs.T.tolist())
    graph.add_nodes_from(range(num_nodes))
    result = structure(pairs, num_nodes)
    assert result.components == components(pairs, num_nodes) == nx.number_connected_components(graph)
    assert result.isolated == nx.number_of_isolates(graph)
    assert result.edges == graph.number_of_edges()
    assert result.mean_degree == pytest.approx(sum(dict(graph.degree).values()) / num_nodes)
    assert {field.name for field in fields(result) if getattr(result, field.name) is None} == OF_LABELS


def test_hand_computed():
    # the first five numbers; those of the labels have tests of their own
    def head(result):
        return tuple(getattr(result, field.name) for field in fields(Structure)[:5])

    y = torch.tensor([0, 0, 1, 1])
    assert head(structure(PATH, 4, y)) == (3, pytest.approx(2 / 3), 1.5, 0, 1)
    assert head(structure(STAR, 5, torch.tensor([0, 0, 1, -1, 0]))) == (3, 0.5, 1.2, 1, 2)
    assert head(structure(NONE, 4, y)) == (0, None, 0.0, 4, 4)


def test_measures_of_labels_are_in_their_fields():
    y = torch.tensor([0, 0, 0, 1])  # all five are defined and different
    result = structure(PATH, 4, y)
    values = {name: getattr(diagnostics, name)(PATH, y) for name in OF_LABELS}
    assert {name: getattr(result, name) for name in OF_LABELS} == values
    assert len({round(value, 6) for value in values.values()}) == 5
