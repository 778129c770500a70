import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch_geometric.data import Batch, Data, HeteroData

from tests.conftest import PATH, all_pairs, as_set, pair_sets
from torque_core.errors import BadGraph
from torque_core.graph.pairs import (
    check_graph,
    directed_edges,
    direction_weights,
    is_among,
    pair_keys,
    pairs_to_edge_index,
    positions_among,
    sorted_edges,
    undirected_pairs,
)


def test_undirected_pairs_removes_directions_duplicates_and_self_loops():
    messy = torch.tensor([[3, 0, 1, 1, 2, 3, 0], [1, 1, 0, 0, 2, 1, 3]])
    assert undirected_pairs(messy, 4).tolist() == [[0, 0, 1], [1, 3, 3]]


def test_undirected_pairs_without_edges():
    assert undirected_pairs(torch.empty(2, 0, dtype=torch.long), 3).shape == (2, 0)


def test_pairs_to_edge_index_gives_both_directions():
    assert pairs_to_edge_index(torch.tensor([[0, 1], [2, 3]])).tolist() == [[0, 1, 2, 3], [2, 3, 0, 1]]


def test_pair_keys_are_hand_computed():
    assert pair_keys(torch.tensor([[0, 1, 2], [1, 3, 3]]), 4).tolist() == [1, 7, 11]


def test_sorted_edges_keeps_each_direction_and_self_loop_once():
    messy = torch.tensor([[2, 0, 1, 2, 1, 1], [0, 2, 1, 0, 0, 1]])
    assert sorted_edges(messy, 3).tolist() == [[0, 1, 1, 2], [2, 0, 1, 0]]
    assert sorted_edges(messy[:, :0], 3).shape == (2, 0)


@given(pair_sets(), st.randoms(use_true_random=False))
def test_round_trip_in_any_order_and_direction(drawn, random):
    pairs, num_nodes = drawn
    columns = [tuple(random.sample(column, 2)) for column in as_set(pairs) for _ in range(random.randint(1, 3))]
    random.shuffle(columns)
    messy = torch.tensor(columns, dtype=torch.long).reshape(-1, 2).T
    assert torch.equal(undirected_pairs(messy, num_nodes), pairs)
    assert torch.equal(undirected_pairs(pairs_to_edge_index(pairs), num_nodes), pairs)
    keys = pair_keys(pairs, num_nodes)
    assert torch.equal(torch.stack([keys // num_nodes, keys % num_nodes]), pairs)


def test_positions_are_hand_computed():
    # in any order; before the first edge, between two and after the last there is none
    sought = torch.tensor([[2, 0, 0, 1, 0], [3, 2, 1, 3, 3]])
    edges = torch.tensor([[0, 1, 2], [2, 2, 3]])
    assert positions_among(sought, edges, 4).tolist() == [2, 0, -1, -1, -1]
    assert is_among(sought, edges, 4).tolist() == [True, True, False, False, False]


@given(pair_sets())
def test_positions_are_columns_of_the_edges(drawn):
    pairs, num_nodes = drawn
    every = all_pairs(num_nodes)
    places = {edge: at for at, edge in enumerate(map(tuple, pairs.T.tolist()))}
    assert positions_among(every, pairs, num_nodes).tolist() == [places.get(tuple(e), -1) for e in every.T.tolist()]
    assert as_set(every[:, is_among(every, pairs, num_nodes)]) == as_set(pairs)


def weighted(edges, weight=None):
    source, target = zip(*edges, strict=True)
    data = Data(edge_index=torch.tensor([source, target]), num_nodes=4)
    return data if weight is None else data.update({"edge_weight": torch.tensor(weight)})


@pytest.mark.parametrize(
    ("edges", "weight", "expected"),
    [
        # both ways, without weights: nothing to say
        ([(0, 1), (1, 0), (1, 2), (2, 1), (2, 3), (3, 2)], None, None),
        # 1 - 2 from 2 only; without weights a repeated edge is one edge, and a loop is none
        (
            [(0, 1), (1, 0), (0, 1), (2, 1), (2, 3), (3, 2), (3, 3)],
            None,
            [[1, 0, 1], [1, 1, 1]],
        ),
        # weights of repeated edges add up; a loop's weight is nobody's
        (
            [(0, 1), (1, 0), (0, 1), (2, 1), (2, 3), (3, 2), (3, 3)],
            [0.5, 2.0, 1.0, 3.0, 1.0, 1.0, 9.0],
            [[1.5, 0, 1], [2, 3, 1]],
        ),
        # all weights one: they are still weights
        ([(0, 1), (1, 0), (1, 2), (2, 1), (2, 3), (3, 2)], [1.0] * 6, [[1, 1, 1], [1, 1, 1]]),
    ],
)
def test_direction_weights_are_hand_computed(edges, weight, expected):
    result = direction_weights(weighted(edges, weight), PATH)
    assert (None if result is None else result.tolist()) == expected


def test_edges_of_weight_zero_are_ignored():
    # 1 - 2 weighs nothing, so it is not among the pairs; nor does it lend its weight to a neighbour in the list
    data = weighted([(0, 1), (1, 2), (2, 3), (3, 2)], [2.0, 0.0, 0.0, 5.0])
    assert direction_weights(data, torch.tensor([[0, 2], [1, 3]])).tolist() == [[2, 0], [0, 5]]


def test_integer_weights_are_converted():
    assert direction_weights(weighted([(0, 1), (2, 1), (2, 3)], [3, 1, 2]), PATH).tolist() == [[3, 0, 2], [0, 1, 0]]


@st.composite
def directed_graphs(draw):
    """Pairs, and what they weigh in each direction: at least one way there is an edge."""
    pairs, num_nodes = draw(pair_sets())
    ways = st.sampled_from([(1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (0.5, 0.5), (0.25, 4.0)])
    drawn = draw(st.lists(ways, min_size=pairs.size(1), max_size=pairs.size(1)))
    return pairs, num_nodes, torch.tensor(drawn).view(-1, 2).T


@given(directed_graphs())
def test_directed_edges_round_trip(drawn):
    pairs, num_nodes, weight = drawn
    edge_index, edge_weight = directed_edges(pairs, weight)
    result = direction_weights(Data(edge_index=edge_index, edge_weight=edge_weight, num_nodes=num_nodes), pairs)
    if result is None:
        assert bool((weight == 1).all())
    else:
        assert torch.equal(result, weight)
    assert edge_index.size(1) == int((weight > 0).sum())
    assert torch.equal(undirected_pairs(edge_index, num_nodes), pairs)
    assert (edge_weight is None) == bool((weight[weight > 0] == 1).all())


def test_without_weights_edges_have_both_directions():
    edge_index, weight = directed_edges(PATH, None)
    assert torch.equal(edge_index, pairs_to_edge_index(PATH))
    assert weight is None


def graph(**changes):
    return Data(**{"x": torch.ones(3, 2), "edge_index": torch.tensor([[0, 1], [1, 2]])} | changes)


def test_a_valid_graph_is_returned():
    none, short = torch.empty(2, 0, dtype=torch.long), torch.tensor([[0], [1]], dtype=torch.int32)
    labelled, unweighted = graph(y=torch.tensor([0, 1, -1])), graph(edge_weight=None, edge_attr=None)
    weighted = [graph(edge_weight=torch.tensor([0.0, 2.5])), graph(edge_weight=torch.tensor([0, 2]))]
    for data in (graph(), labelled, unweighted, graph(edge_index=none), graph(edge_index=short), *weighted):
        assert check_graph(data) is data


def test_finite_features_with_an_infinite_sum_are_valid():
    data = graph(x=torch.full((3, 2), 3e38))
    assert check_graph(data) is data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (HeteroData(), "must be a torch_geometric Data, got HeteroData; HeteroData.to_homogeneous() converts one"),
        (None, "data must be a torch_geometric Data, got NoneType"),
        (Batch.from_data_list([graph(), graph()]), "a Batch holds several graphs, which must not be connected"),
        (Data(), "no node features x; give each node a row"),
        (Data(x=torch.ones(3, 1)), "no edge_index; give a (2, M) tensor"),
        (graph(x=torch.empty(0, 2)), "the graph has 0 node(s); rewiring needs at least 2"),
        (graph(x=torch.ones(1, 2)), "the graph has 1 node(s); rewiring needs at least 2"),
        (graph(x=torch.ones(3)), "x must have shape (nodes, features) with features >= 1, got (3,)"),
        (graph(x=torch.ones(3, 2, 2)), "features >= 1, got (3, 2, 2)"),
        (graph(x=torch.ones(3, 0)), "features >= 1, got (3, 0)"),
        (graph(num_nodes=4), "x has 3 rows, but num_nodes is 4; they must agree"),
        (graph(edge_index=torch.tensor([0, 1])), "edge_index must have shape (2, M), got (2,)"),
        (graph(edge_index=torch.tensor([[0, 1]])), "edge_index must have shape (2, M), got (1, 2)"),
        (graph(edge_index=torch.tensor([[0.0], [1.0]])), "edge_index must hold integers, got torch.float32"),
        (graph(edge_index=torch.tensor([[False], [True]])), "edge_index must hold integers, got torch.bool"),
        (graph(edge_index=torch.empty(2, 0)), "edge_index must hold integers, got torch.float32"),
        (graph(edge_attr=torch.ones(2, 3)), "edge_attr is not supported: added edges would have none; delete it"),
        (graph(edge_weight=torch.ones(3)), "edge_weight must have shape (2,), got (3,)"),
        (graph(edge_weight=torch.ones(2, 1)), "edge_weight must have shape (2,), got (2, 1)"),
        (graph(edge_weight=torch.tensor([1.0, -0.5])), "edge_weight contains a negative number, NaN or infinity"),
        (
            graph(edge_weight=torch.tensor([1.0, torch.nan])),
            "a negative number, NaN or infinity; weights must be finite",
        ),
        (
            graph(edge_weight=torch.tensor([torch.inf, 1.0])),
            "a negative number, NaN or infinity; weights must be finite",
        ),
        (graph(edge_index=torch.tensor([[0], [3]])), "edge_index contains node 3, but the graph has 3 nodes (0 to 2)"),
        (graph(edge_index=torch.tensor([[0], [-1]])), "edge_index contains node -1; node indices start at 0"),
        (graph(x=torch.tensor([[1.0], [0.0], [torch.nan]])), "x contains NaN or infinity, first in row 2; replace or"),
        (graph(x=torch.tensor([[1.0], [-torch.inf], [torch.nan]])), "NaN or infinity, first in row 1"),
        (graph(x=torch.tensor([[1.0], [-torch.inf], [torch.inf]])), "NaN or infinity, first in row 1"),
        (graph(y=torch.tensor([0, 1])), "y has 2 labels for 3 nodes; use -1 for unknown labels"),
        (graph(y=torch.tensor(1)), "y has 0 labels for 3 nodes; use -1 for unknown labels"),
    ],
)
def test_errors_name_the_fault_and_the_correction(data, message):
    with pytest.raises(BadGraph, match=re.escape(message)):
        check_graph(data)
