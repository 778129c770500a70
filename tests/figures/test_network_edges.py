from dataclasses import replace

import pytest
import torch
from torch_geometric.data import Data

from tests.conftest import PATH
from tests.figures.conftest import make_layer
from torque_core.diagnostics import receptive_field
from torque_core.diagnostics.fates import FATES
from torque_core.figures import change_edges, layer_edges, receptive_field_edges
from torque_core.graph.noise import NoisyGraph
from torque_core.methods.compare import MethodResult
from torque_core.rewiring.graph_change import GraphChange, part_of_change
from torque_core.scoring.torque import Torque


def as_tuples(edges):
    """Ends, fate and injected of each edge; every column must be as long as the others."""
    columns = (edges.pairs[0], edges.pairs[1], edges.fate, edges.injected)
    assert {len(column) for column in (*columns, edges.torque.value)} == {len(edges)}
    return [(i, j, FATES[fate], noise) for i, j, fate, noise in zip(*(c.tolist() for c in columns), strict=True)]


def torques(edges):
    return pytest.approx(edges.torque.value.tolist(), nan_ok=True)


def test_edges_of_a_layer(layer, injected):
    edges = layer_edges(layer, injected)
    assert as_tuples(edges) == [
        (0, 1, "kept", False),
        (0, 2, "kept", False),
        (1, 2, "kept", True),
        (2, 3, "pruned", False),
        (3, 4, "pruned", True),
        (0, 3, "added", False),
    ]
    assert torques(edges) == [0.1, 0.2, 0.3, 0.8, 0.9, 0.05]
    assert {name: factor.tolist() for name, factor in edges.torque.factors.items()} == {
        "lever arm": edges.torque.value.tolist(),
        "force": [1.0] * 6,
    }


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        ([0, 2, 3], [(0, 2, "kept"), (2, 3, "pruned"), (0, 3, "added")]),
        ([1, 4, 5], []),
        ([], []),
    ],
)
def test_edges_among_some_nodes(layer, injected, nodes, expected):
    edges = layer_edges(layer, injected, torch.tensor(nodes, dtype=torch.long))
    assert [edge[:3] for edge in as_tuples(edges)] == expected


def test_an_optional_sine_is_a_factor():
    sine = torch.tensor([0.5, 1.0])
    layer = make_layer([[0, 1], [1, 2]], [False, True])
    two = Torque(torch.tensor([0.2, 0.4]), torch.ones(2), sine)
    crossed = type(layer)(**vars(layer) | {"torque": two, "added_torque": two[torch.tensor([], dtype=torch.long)]})
    edges = layer_edges(crossed, torch.tensor([False, False]))
    assert edges.torque.factors["sine"].tolist() == sine.tolist()
    assert torques(edges) == [0.1, 0.4]


@pytest.fixture
def nested():
    """The path 0 - 1 - 2 - 3. Layer 1 prunes (1, 2), adds (0, 2); layer 2 judges that, prunes (2, 3), adds (1, 3)."""
    first = make_layer(PATH.tolist(), [False, True, False], added=[[0], [2]], lever=[0.1, 0.7, 0.2])
    second = make_layer(first.rewired.tolist(), [False, False, True], added=[[1], [3]], lever=[0.3, 0.4, 0.8])
    assert second.pairs.tolist() == [[0, 0, 2], [1, 2, 3]]
    noisy = NoisyGraph(Data(x=torch.eye(4)), injected=torch.tensor([[1], [2]]), removed=PATH[:, :0])
    return [first, second], noisy


def test_the_field_before_rewiring_with_the_fates_of_its_edges(nested):
    layers, noisy = nested
    # node 0 receives messages from 1 in the second layer, and from 2 through it in the first
    edges = receptive_field_edges(receptive_field(0, [PATH, PATH], 4), layers, noisy)
    assert as_tuples(edges) == [(0, 1, "kept", False), (1, 2, "pruned", True)]
    assert torques(edges) == [0.3, 0.7]  # of the second layer, of the first


def test_an_edge_pruned_in_an_earlier_layer_has_no_torque(nested):
    layers, noisy = nested
    # node 1 would receive messages from 2 in the second layer, which no longer scores that edge
    edges = receptive_field_edges(receptive_field(1, [PATH, PATH], 4), layers, noisy)
    assert as_tuples(edges) == [(0, 1, "kept", False), (1, 2, "pruned", True), (2, 3, "kept", False)]
    assert torques(edges) == [0.3, float("nan"), 0.2]  # (2, 3) was kept by the first layer, which carries it


def test_the_field_after_rewiring(nested):
    layers, noisy = nested
    rewired = [layer.rewired for layer in layers]
    # node 3 receives messages from 1 along the added edge, and from 0 through it
    edges = receptive_field_edges(receptive_field(3, rewired, 4), layers, noisy)
    assert as_tuples(edges) == [(1, 3, "added", False), (0, 1, "kept", False)]
    assert torques(edges) == [0.05, 0.1]
    # what the first layer added is an edge like any other in the second
    assert as_tuples(receptive_field_edges(receptive_field(0, rewired, 4), layers, noisy)) == [
        (0, 1, "kept", False),
        (0, 2, "kept", False),
        (2, 3, "kept", False),
    ]


def test_the_field_among_some_nodes(nested):
    layers, noisy = nested
    field = receptive_field(1, [PATH, PATH], 4)
    assert as_tuples(receptive_field_edges(field, layers, noisy, nodes=torch.tensor([0, 1]))) == [(0, 1, "kept", False)]
    assert as_tuples(receptive_field_edges(field, layers, noisy, nodes=torch.tensor([1]))) == []


def test_edges_within_a_ring_are_left_out():
    triangle = make_layer([[0, 0, 1], [1, 2, 2]], [False, False, False])
    noisy = NoisyGraph(Data(x=torch.eye(3)), injected=PATH[:, :0], removed=PATH[:, :0])
    edges = receptive_field_edges(receptive_field(0, [triangle.rewired] * 2, 3), [triangle] * 2, noisy)
    assert as_tuples(edges) == [(0, 1, "kept", False), (0, 2, "kept", False)]


def test_a_receptive_field_without_edges(nested):
    layers, noisy = nested
    assert as_tuples(receptive_field_edges(receptive_field(3, [PATH[:, :2]] * 2, 4), layers, noisy)) == []


def test_edges_of_a_change_have_the_mean_weight_of_both_directions():
    def change(weight):
        return MethodResult(
            pairs=PATH, pruned_mask=torch.tensor([False, True, False]), added=torch.tensor([[0], [3]]), num_nodes=4,
            method="gdc", seconds=0.0, weight=weight,
        )  # fmt: skip

    none = torch.zeros(3, dtype=torch.bool)
    edges = change_edges(change(torch.tensor([[1.0, 0.0, 0.5, 0.2], [1.0, 0.0, 0.7, 0.4]])), none)
    assert edges.weight.tolist() == pytest.approx([1, 0, 0.6, 0.3])
    assert edges[torch.tensor([0, 3])].weight.tolist() == pytest.approx([1, 0.3])
    assert change_edges(change(None), none).weight is None


def test_directions_of_the_edges_of_a_layer_by_hand(layer, injected):
    assert layer_edges(layer, injected).direction is None
    weight = torch.tensor([[1.0, 0.0, 1.0, 0.0, 1.0], [0.0, 1.0, 1.0, 1.0, 1.0]])
    directed = replace(layer, direction_weight=weight)
    edges = layer_edges(directed, injected)
    assert edges.direction.tolist() == [1, 2, 3, 2, 3, 3]  # pruned edges as before, the added one both ways
    assert edges[torch.tensor([1, 3])].direction.tolist() == [2, 2]
    assert layer_edges(directed, injected, torch.tensor([0, 2, 3])).direction.tolist() == [2, 2, 3]
    both = replace(layer, direction_weight=torch.full((2, 5), 2.0))
    assert layer_edges(both, injected).direction is None


def test_edges_of_a_receptive_field_have_their_directions():
    # 0 -> 1 <- 2 -> 3; the first layer of a nested rewiring has pruned 1 - 2, the second judges the rest
    edge_index = torch.tensor([[0, 2, 2], [1, 1, 3]])
    noisy = NoisyGraph(Data(x=torch.zeros(4, 1), edge_index=edge_index), PATH[:, :0], PATH[:, :0])
    weight = torch.tensor([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    first = replace(make_layer([[0, 1, 2], [1, 2, 3]], [False, True, False]), direction_weight=weight)
    second = replace(make_layer([[0, 2], [1, 3]], [False, False]), direction_weight=weight[:, [0, 2]])
    field = receptive_field(3, [PATH, PATH], 4)
    edges = receptive_field_edges(field, [first, second], noisy)
    found = {(i, j): way for i, j, way in zip(*edges.pairs.tolist(), edges.direction.tolist(), strict=True)}
    assert found == {(2, 3): 1, (1, 2): 2}


def test_directions_of_another_method_by_hand():
    change = part_of_change(
        GraphChange(pairs=PATH, pruned_mask=torch.tensor([False, True, False]), added=PATH[:, :0], num_nodes=4),
        torch.ones(3, dtype=torch.bool), torch.ones(0, dtype=torch.bool),
    )  # fmt: skip
    none = torch.zeros(3, dtype=torch.bool)
    assert change_edges(change, none).direction is None
    one_way = replace(change, weight=torch.tensor([[0.5, 0.0, 0.5], [0.0, 0.0, 0.5]]))
    assert change_edges(one_way, none).direction.tolist() == [1, 0, 3]
    assert change_edges(replace(change, weight=torch.tensor([[0.5, 0, 0.5], [0.2, 0, 0.5]])), none).direction is None
