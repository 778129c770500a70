import numpy as np
import pytest
import torch
from torch_geometric.data import Data

from tests.conftest import PATH
from torque_core import BadConfig, BadGraph, rewire
from torque_core.baselines import FoSR
from torque_core.graph.pairs import pairs_to_edge_index
from torque_core.rewiring.edge_fields import carry_edge_fields, edge_fields
from torque_core.rewiring.rewiring_transform import LAYER_WEIGHT
from torque_core.rewiring.transform import TorqueRewire, layer_graphs

NEW = torch.tensor([[0, 2, 3], [3, 1, 2]])  # 0 -> 3 is added; 2 -> 1 and 3 -> 2 are kept


def path(**fields):
    """The path 0 - 1 - 2 - 3 in both directions: 0-1, 1-2, 2-3, 1-0, 2-1, 3-2; 5 nodes."""
    return Data(x=torch.eye(5), edge_index=pairs_to_edge_index(PATH), **fields)


def test_values_follow_their_edges():
    data = path(edge_attr=torch.arange(12.0).view(6, 2), edge_type=torch.arange(6), bridge=torch.ones(6).bool())
    carried = carry_edge_fields(data, NEW)
    assert carried["edge_attr"].tolist() == [[0, 0], [8, 9], [10, 11]]
    assert carried["edge_type"].tolist() == [0, 4, 5]
    assert carried["bridge"].tolist() == [False, True, True]


def test_the_values_of_added_edges():
    data = path(edge_attr=torch.zeros(6, 2), edge_type=torch.arange(6), e_id=torch.arange(6))
    fill = {"edge_attr": torch.tensor([3.0, 4.0]), "edge_type": 9}
    carried = carry_edge_fields(data, NEW, fill=fill)
    assert carried["edge_attr"][0].tolist() == [3, 4]
    assert carried["edge_type"][0] == 9
    assert carried["e_id"].tolist() == [-1, 4, 5]
    assert carry_edge_fields(data, NEW, fill=2)["edge_attr"][0].tolist() == [2, 2]
    with pytest.raises(BadConfig, match=r"fill is 0.5 for edge_type, which holds torch.int64"):
        carry_edge_fields(data, NEW, fill=0.5)
    with pytest.raises(BadConfig, match=r"fill has shape \(3,\) for edge_attr, of which an entry has shape \(2,\)"):
        carry_edge_fields(data, NEW, fill={"edge_attr": torch.ones(3)})
    with pytest.raises(BadGraph, match="fill names 'edge_tpye', which the graph does not have"):
        carry_edge_fields(data, NEW, fill={"edge_tpye": 1})


def test_as_many_edges_as_nodes():
    data = path(time=torch.arange(5), edge_time=torch.arange(5), other=torch.arange(5))
    data.edge_index = data.edge_index[:, :5]
    assert set(edge_fields(data)) == {"edge_time"}
    assert set(edge_fields(data, {"time": 0})) == {"edge_time", "time"}


def test_node_pairs_and_their_labels_are_no_edge_level_fields():
    data = path(edge_label=torch.ones(6), edge_label_index=torch.zeros(2, 6).long(), neg_edge_index=torch.ones(2, 6))
    assert edge_fields(data) == {}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"names": list("abcdef")}, "names has one entry per edge, but is a list"),
        ({"names": np.arange(6)}, "names has one entry per edge, but is a ndarray"),
        ({"y": torch.arange(6)}, "y has one label per edge, and added edges have no label"),
        ({"edge_time": torch.arange(8)}, "edge_time has 8 entries for 6 edges"),
        ({"adj": torch.eye(5)}, "adj holds the edges as a matrix"),
        ({"edges": torch.eye(5).to_sparse()}, "edges holds the edges as a matrix"),
    ],
)
def test_what_cannot_follow_is_refused_by_name(fields, reason):
    for transform in (TorqueRewire(), FoSR(iterations=1)):
        with pytest.raises(BadGraph, match=reason):
            transform(path(**fields))


def test_labels_of_edges_with_a_fill():
    assert carry_edge_fields(path(y=torch.arange(6)), NEW, fill={"y": -1})["y"].tolist() == [-1, 4, 5]


def test_repeated_edges():
    data = path(edge_type=torch.arange(6))
    data.edge_index = torch.cat([data.edge_index, torch.tensor([[2], [1]])], dim=1)
    data.edge_type = torch.tensor([0, 1, 2, 3, 4, 5, 4])
    assert carry_edge_fields(data, NEW)["edge_type"].tolist() == [0, 4, 5]
    data.edge_type[-1] = 6
    with pytest.raises(BadGraph, match="edge_type has different values for repeated edges"):
        carry_edge_fields(data, NEW)
    data.edge_weight = torch.tensor([1.0] * 6 + [0])  # an edge of weight 0 is no edge
    assert carry_edge_fields(data, NEW)["edge_type"].tolist() == [0, 4, 5]


def test_an_undirected_method_on_a_directed_graph():
    data = Data(x=torch.eye(4), edge_index=PATH, edge_type=torch.arange(3))
    both = torch.cat([PATH, PATH.flip(0)], dim=1)
    with pytest.raises(BadGraph, match="edge_type has a value for edge 0 -> 1, but none for 1 -> 0"):
        carry_edge_fields(data, both)
    rewired = FoSR(iterations=1)(data)  # keeps directions, as torque does
    assert {(0, 1), (1, 2), (2, 3)} < set(map(tuple, rewired.edge_index.T.tolist()))
    assert TorqueRewire(cut="none")(data).edge_type.tolist() == [0, 1, 2]  # keeps directions


def test_a_record_carries_them_too():
    data = path(edge_type=torch.arange(6))
    rewiring = rewire(Data(x=data.x, edge_index=data.edge_index), cut="fixed", fraction=0.4, layers=1)
    old = dict(zip(map(tuple, data.edge_index.T.tolist()), range(6), strict=True))
    graph = rewiring.to_data(data, fill=7)
    assert graph.num_edges == 4
    assert graph.edge_type.tolist() == [old.get(edge, 7) for edge in map(tuple, graph.edge_index.T.tolist())]


def test_layers_of_a_graph_that_was_changed():
    rewired = TorqueRewire(cut="none", layers=2)(path())
    assert torch.equal(rewired[LAYER_WEIGHT], torch.ones(6, 2))
    rewired.edge_weight = rewired.edge_weight / 2
    with pytest.raises(BadGraph, match="edge_weight is not the weight in the first layer"):
        layer_graphs(rewired, 2)
    del rewired.edge_weight
    rewired[LAYER_WEIGHT] = torch.tensor([[1.0, 1.0]] * 5 + [[0.0, 0.0]])
    with pytest.raises(BadGraph, match="edge 3 -> 2 is in no layer"):
        layer_graphs(rewired, 2)
    rewired.x = rewired.x[:3]
    with pytest.raises(BadGraph, match="edge_index contains node 3, but the graph has 3 nodes"):
        layer_graphs(rewired, 2)
