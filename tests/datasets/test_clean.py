import pytest
import torch
from torch_geometric.data import Data

from torque_core.datasets.clean import clean_graph, largest_component
from torque_core.errors import BadGraph


def raw(**changes):
    given = {
        "x": torch.ones(4, 2),
        "y": torch.tensor([0, 1, 0, -1]),
        "edge_index": torch.tensor([[0, 1, 0, 2, 2], [1, 0, 1, 2, 1]]),
    }
    return Data(**(given | changes))


def test_edges_are_simple_sorted_and_bidirectional():
    graph = clean_graph(raw())
    assert graph.data.edge_index.tolist() == [[0, 1, 1, 2], [1, 0, 2, 1]]
    assert graph.notes == (
        "3 directed edges were merged into 2 undirected edges.",
        "1 repeated edge was removed.",
        "1 self-loop was removed.",
        "1 node is isolated.",
        "1 node has no label and is in no split.",
    )


def test_directions_are_kept_on_request():
    graph = clean_graph(raw(), directed=True)
    assert graph.data.edge_index.tolist() == [[0, 1, 2], [1, 0, 1]]
    assert graph.notes[:3] == (
        "Edges keep their direction: 3 directed edges between 2 pairs of nodes, of which 1 pair is joined in both "
        "directions.",
        "1 repeated edge was removed.",
        "1 self-loop was removed.",
    )


def test_the_input_is_not_changed():
    given = raw()
    clean_graph(given)
    assert given.edge_index.size(1) == 5


def test_sparse_and_double_features_become_dense_float32():
    graph = clean_graph(raw(x=torch.eye(4, 3, dtype=torch.float64).to_sparse()))
    assert torch.equal(graph.data.x, torch.eye(4, 3))
    assert graph.data.x.dtype == torch.float32


def test_labels_become_flat_integers():
    graph = clean_graph(raw(y=torch.tensor([[2.0], [0.0], [torch.nan], [-5.0]])))
    assert graph.data.y.tolist() == [2, 0, -1, -1]


def test_a_graph_without_edges():
    graph = clean_graph(raw(edge_index=torch.empty(2, 0, dtype=torch.long)))
    assert graph.data.edge_index.shape == (2, 0)
    assert "4 nodes are isolated." in graph.notes


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x": torch.full((4, 2), torch.nan)}, "NaN"),
        ({"y": None}, "no labels"),
        ({"edge_index": torch.tensor([[0], [4]])}, "contains node 4"),
    ],
)
def test_invalid_graphs_raise(changes, message):
    with pytest.raises(BadGraph, match=message):
        clean_graph(raw(**changes))


def test_only_the_largest_component_is_kept():
    # 1 - 3 - 5 and 0 - 2, node 4 alone
    given = raw(x=torch.arange(6.0)[:, None], y=torch.arange(6), edge_index=torch.tensor([[1, 3, 0], [3, 5, 2]]))
    given.names, given.train_mask = tuple("abcdef"), torch.arange(6) < 4
    graph = clean_graph(given)
    part = largest_component(graph)
    assert part.data.x.flatten().tolist() == [1, 3, 5]
    assert part.data.y.tolist() == [1, 3, 5]
    assert part.data.edge_index.tolist() == [[0, 1, 1, 2], [1, 0, 2, 1]]
    assert part.data.train_mask.tolist() == [True, True, False]
    assert part.data.names == ("b", "d", "f")
    assert part.notes == (*graph.notes, "Only the largest connected component is used: 3 of 6 nodes.")
    assert graph.data.num_nodes == 6


def test_a_connected_graph_is_its_largest_component():
    graph = clean_graph(raw(edge_index=torch.tensor([[0, 1, 2], [1, 2, 3]])))
    assert largest_component(graph) is graph
