import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch_geometric.data import Data

from tests.conftest import as_set, pair_sets
from torque_core.errors import BadGraph
from torque_core.graph import check_graph, pair_keys, pairs_to_edge_index, undirected_pairs


def test_undirected_pairs_drops_directions_repeats_and_loops():
    messy = torch.tensor([[3, 0, 1, 1, 2, 3, 0], [1, 1, 0, 0, 2, 1, 3]])
    assert undirected_pairs(messy, 4).tolist() == [[0, 0, 1], [1, 3, 3]]


def test_undirected_pairs_of_no_edges():
    assert undirected_pairs(torch.empty(2, 0, dtype=torch.long), 3).shape == (2, 0)


def test_pairs_to_edge_index_gives_both_directions():
    assert pairs_to_edge_index(torch.tensor([[0, 1], [2, 3]])).tolist() == [[0, 1, 2, 3], [2, 3, 0, 1]]


def test_pair_keys_are_hand_computed():
    assert pair_keys(torch.tensor([[0, 1, 2], [1, 3, 3]]), 4).tolist() == [1, 7, 11]


@given(pair_sets(), st.randoms(use_true_random=False))
def test_round_trip_whatever_the_order_and_direction(drawn, random):
    pairs, num_nodes = drawn
    columns = [tuple(random.sample(column, 2)) for column in as_set(pairs) for _ in range(random.randint(1, 3))]
    random.shuffle(columns)
    messy = torch.tensor(columns, dtype=torch.long).reshape(-1, 2).T
    assert torch.equal(undirected_pairs(messy, num_nodes), pairs)
    assert torch.equal(undirected_pairs(pairs_to_edge_index(pairs), num_nodes), pairs)
    keys = pair_keys(pairs, num_nodes)
    assert torch.equal(torch.stack([keys // num_nodes, keys % num_nodes]), pairs)


def graph(**changes):
    return Data(**{"x": torch.ones(3, 2), "edge_index": torch.tensor([[0, 1], [1, 2]])} | changes)


def test_a_good_graph_is_returned_itself():
    none, short = torch.empty(2, 0, dtype=torch.long), torch.tensor([[0], [1]], dtype=torch.int32)
    labelled, unweighted = graph(y=torch.tensor([0, 1, -1])), graph(edge_weight=None, edge_attr=None)
    for data in (graph(), labelled, unweighted, graph(edge_index=none), graph(edge_index=short)):
        assert check_graph(data) is data


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (Data(), "no node features x; give each node a row"),
        (Data(x=torch.ones(3, 1)), "no edge_index; give a (2, M) tensor"),
        (graph(x=torch.empty(0, 2)), "the graph has 0 node(s); rewiring needs at least 2"),
        (graph(x=torch.ones(1, 2)), "the graph has 1 node(s); rewiring needs at least 2"),
        (graph(x=torch.ones(3)), "x must have shape (nodes, features) with features >= 1, got (3,)"),
        (graph(x=torch.ones(3, 2, 2)), "features >= 1, got (3, 2, 2)"),
        (graph(x=torch.ones(3, 0)), "features >= 1, got (3, 0)"),
        (graph(num_nodes=4), "x has 3 rows, but num_nodes says 4; they must agree"),
        (graph(edge_index=torch.tensor([0, 1])), "edge_index must have shape (2, M), got (2,)"),
        (graph(edge_index=torch.tensor([[0, 1]])), "edge_index must have shape (2, M), got (1, 2)"),
        (graph(edge_index=torch.tensor([[0.0], [1.0]])), "edge_index must hold integers, got torch.float32"),
        (graph(edge_index=torch.tensor([[False], [True]])), "edge_index must hold integers, got torch.bool"),
        (graph(edge_index=torch.empty(2, 0)), "edge_index must hold integers, got torch.float32"),
        (graph(edge_weight=torch.ones(2)), "edge_weight has no say in torque yet and would be lost without a word"),
        (graph(edge_attr=torch.ones(2, 3)), "edge_attr has no say in torque yet and would be lost without a word"),
        (graph(edge_index=torch.tensor([[0], [3]])), "edge_index names node 3, but the graph has 3 nodes (0 to 2)"),
        (graph(edge_index=torch.tensor([[0], [-1]])), "edge_index names node -1; node indices start at 0"),
        (graph(x=torch.tensor([[1.0], [0.0], [torch.nan]])), "x holds NaN or infinity, first in row 2; replace or"),
        (graph(x=torch.tensor([[1.0], [-torch.inf], [torch.nan]])), "NaN or infinity, first in row 1"),
        (graph(y=torch.tensor([0, 1])), "y has 2 labels for 3 nodes; use -1 where a label is unknown"),
        (graph(y=torch.tensor(1)), "y has 0 labels for 3 nodes; use -1 where a label is unknown"),
    ],
)
def test_a_bad_graph_is_named_with_the_way_out(data, message):
    with pytest.raises(BadGraph, match=re.escape(message)):
        check_graph(data)
