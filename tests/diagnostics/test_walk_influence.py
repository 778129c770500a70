import pytest
import torch
from torch_geometric.nn import GCNConv

from torque_core import BadConfig, RewireSpec, load, rewire
from torque_core.diagnostics import jacobian_influence
from torque_core.diagnostics.walk_influence import walk_influence


@pytest.mark.parametrize("weighted", [True, False])
def test_equals_the_jacobian_of_a_linear_gcn(weighted):
    data = load("karate").data
    layers = rewire(data, RewireSpec(cut="gap", weight_by_confidence=weighted, layers=3)).layers
    graphs, weights = [layer.edge_index for layer in layers], [layer.edge_weight for layer in layers]
    convolutions = [GCNConv(1, 1, bias=False) for _ in layers]
    for conv in convolutions:
        conv.lin.weight.data.fill_(1.0)

    def linear(x, edge_indices):
        for conv, edge_index, weight in zip(convolutions, edge_indices, weights, strict=True):
            x = conv(x, edge_index, weight)
        return x

    for node in (0, 5, 33):
        expected = jacobian_influence(linear, torch.ones(data.num_nodes, 1), graphs, node)
        torch.testing.assert_close(walk_influence(graphs, weights, node, data.num_nodes), expected)


def test_an_isolated_node_depends_on_itself():
    nothing = torch.empty(2, 0, dtype=torch.long)
    assert walk_influence([nothing, nothing], [None, None], 1, 3).tolist() == [0.0, 1.0, 0.0]


def test_layers_are_multiplied_from_the_last():
    first, last = torch.tensor([[1, 2], [2, 1]]), torch.tensor([[0, 1], [1, 0]])
    # node 0 receives a message from 1 in the last layer, and 1 from 2 in the first
    torch.testing.assert_close(walk_influence([first, last], [None, None], 0, 3), torch.tensor([0.5, 0.25, 0.25]))
    torch.testing.assert_close(walk_influence([last, first], [None, None], 0, 3), torch.tensor([0.5, 0.5, 0.0]))


def test_a_nonexistent_node_raises():
    with pytest.raises(BadConfig, match=r"node must be in \[0, 2\], got 3"):
        walk_influence([], [], 3, 3)
