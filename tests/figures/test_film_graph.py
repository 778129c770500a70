import math

import torch
from torch_geometric.data import Data

from tests.figures.conftest import make_layer, ones
from torque_core.diagnostics import receptive_field
from torque_core.figures.film_graph import addition_limits, film_graph
from torque_core.graph.noise import NoisyGraph

# a path 0 - 1 - 2 - 3 with the injected edge (0, 4); the layer prunes (1, 2) and (0, 4), and adds (0, 2)
PAIRS = [[0, 0, 1, 2], [1, 4, 2, 3]]
LAYER = make_layer(PAIRS, [False, True, True, False], added=[[0], [2]], lever=[0.1, 0.9, 0.5, 0.2])


def noisy_graph() -> NoisyGraph:
    pairs = torch.tensor(PAIRS)
    data = Data(x=torch.ones(6, 1), edge_index=torch.cat([pairs, pairs.flip(0)], dim=1))
    return NoisyGraph(data, injected=torch.tensor([[0], [4]]), removed=torch.empty(2, 0, dtype=torch.long))


def messages(step) -> dict[tuple[int, int], tuple[bool, int, bool]]:
    columns = (step.source, step.target, step.before, step.fate, step.injected)
    return {(i, j): rest for i, j, *rest in zip(*(column.tolist() for column in columns), strict=True)}


def test_the_messages_of_two_layers_by_hand():
    graph = film_graph(0, [LAYER, LAYER], noisy_graph())
    last, first = graph.steps
    # in the last layer, all messages to node 0 and to its neighbours 1, 4 and 2, as these have degrees
    assert messages(last) == {
        (1, 0): [True, 0, False],
        (4, 0): [True, 1, True],
        (2, 0): [False, 2, False],
        (0, 1): [True, 0, False],
        (2, 1): [True, 1, False],
        (0, 4): [True, 1, True],
        (0, 2): [False, 2, False],
        (1, 2): [True, 1, False],
        (3, 2): [True, 0, False],
    }
    assert messages(first) == messages(last)  # to the nodes that the last layer reaches, which are the same
    assert graph.field.hops.tolist() == [0, 1, 1, 2, 1, -1]
    assert graph.degree.tolist() == [3, 3, 3, 2, 2, 1]
    assert (last.degree, first.degree.tolist()) == (None, [3, 2, 3, 2, 1, 1])
    assert last.weight is None
    torque = dict(zip(messages(last), last.torque.value.tolist(), strict=True))
    assert (round(torque[4, 0], 4), round(torque[2, 0], 4)) == (0.9, 0.05)


def test_the_field_is_that_of_all_edges_that_may_be_there():
    field = film_graph(3, [LAYER], noisy_graph()).field
    assert field.hops.tolist() == receptive_field(3, [torch.cat([LAYER.pairs, LAYER.added], dim=1)], 6).hops.tolist()


def test_an_added_edge_remains_up_to_its_limit():
    layer = make_layer(
        PAIRS, [True] * 4, added=[[0, 0, 1, 3], [2, 3, 4, 5]], lever=[0.1, 0.9, 0.5, 0.2],
        added_lever=[0.4, 0.1, 0.3, 0.2],
    )  # fmt: skip
    for additions in (0.0, 0.25, 0.5, 0.75, 1.0, 2.0):
        limits = addition_limits(layer, additions)
        for threshold in (0.05, 0.1, 0.15, 0.2, 0.5, 0.7, 0.9, 1.0):
            there = layer.added[:, torch.tensor(threshold) <= limits]
            assert there.tolist() == layer.recut(threshold, additions=additions).added.tolist()
    assert addition_limits(layer, None).tolist() == [math.inf] * 4


def test_an_edge_that_an_earlier_layer_pruned_has_no_torque():
    kept = make_layer([[0, 2], [1, 3]], [False, False], lever=[0.1, 0.2])  # nested: the second layer scores the rest
    last = film_graph(0, [LAYER, kept], noisy_graph()).steps[0]
    assert messages(last)[4, 0] == [True, 1, True]
    torque = dict(zip(messages(last), last.torque.value.tolist(), strict=True))
    assert math.isnan(torque[4, 0])
    assert torque[1, 0] == ones([0.1]).value
