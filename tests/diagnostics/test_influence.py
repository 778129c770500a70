import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.autograd.functional import jacobian

from tests.conftest import PATH, STAR, graphs
from torque_core.diagnostics import influence_by_class, influence_by_hop, jacobian_influence, receptive_field
from torque_core.errors import BadConfig
from torque_core.graph.pairs import pairs_to_edge_index, undirected_pairs
from torque_core.nn import TorqueGNN

PATH_GRAPH, STAR_GRAPH = pairs_to_edge_index(PATH), pairs_to_edge_index(STAR)


def mean_steps(x, edge_indices):
    """Each layer takes the mean of a node and its neighbours."""
    for edge_index in edge_indices:
        walk = torch.eye(len(x)).index_put((edge_index[0], edge_index[1]), torch.tensor(1.0))
        x = walk / walk.sum(dim=1, keepdim=True) @ x
    return x


def gnn(seed=0, layers=2, **options):
    torch.manual_seed(seed)
    return TorqueGNN(8, 6, layers, 3, **options)


@given(graphs(), st.integers(0, 2**20))
def test_fast_is_naive(data, seed):
    model, layers = gnn(seed).eval(), [data.edge_index] * 2
    whole = jacobian(lambda x: model(x, layers), data.x)  # (N, C, N, F)
    for node in range(len(data.x)):
        score = whole[node].abs().sum(dim=(0, 2))
        torch.testing.assert_close(
            jacobian_influence(model, data.x, layers, node), score / score.sum().clamp(min=1e-30)
        )


@given(graphs(), st.data())
def test_only_the_receptive_field_has_influence(data, draw):
    node = draw.draw(st.integers(0, len(data.x) - 1))
    pairs = undirected_pairs(data.edge_index, len(data.x))
    layers = [pairs[:, ::2], pairs]  # each layer has its own
    influence = jacobian_influence(mean_steps, data.x, [pairs_to_edge_index(layer) for layer in layers], node)
    hops = receptive_field(node, layers, len(data.x)).hops
    assert torch.equal(influence > 0, hops >= 0)
    assert float(influence.sum()) == pytest.approx(1)
    by_hop = influence_by_hop(influence, hops)
    assert len(by_hop) == hops.max() + 1
    assert by_hop.tolist() == pytest.approx([float(influence[hops == hop].sum()) for hop in range(len(by_hop))])


def test_influence_of_linear_layers_equals_the_random_walk():
    # Xu et al., theorem 1: from node 0 to 0 or 1 with 1/2 each, from there to 0, 1 or 0, 1, 2
    influence = jacobian_influence(mean_steps, torch.randn(4, 5), [PATH_GRAPH] * 2, 0)
    assert influence.tolist() == pytest.approx([1 / 4 + 1 / 6, 1 / 4 + 1 / 6, 1 / 6, 0])
    # the last layer is the path, so node 0 hears 0 and 1; before, on the star, 0 hears all and 1 hears 0 and 1
    influence = jacobian_influence(mean_steps, torch.randn(4, 5), [STAR_GRAPH, PATH_GRAPH], 0)
    assert influence.tolist() == pytest.approx([1 / 8 + 1 / 4, 1 / 8 + 1 / 4, 1 / 8, 1 / 8])


def test_signs_and_channels_do_not_cancel():
    # the two channels are x_1 - x_2 and x_2: |1| + |-1| + |1|
    def model(x, _):
        return torch.stack([x[1] - x[2], x[2]]).T.expand(3, 2)

    assert jacobian_influence(model, torch.ones(3, 1), [], 0).tolist() == pytest.approx([0, 1 / 3, 2 / 3])


@pytest.mark.parametrize("training", [True, False])
def test_the_model_is_not_changed(training):
    model = gnn(dropout=0.9, norm="batch").train(training)
    model.norms[0].train(not training)  # a part in another mode than the rest
    modes = [part.training for part in model.modules()]
    state = {name: value.clone() for name, value in model.state_dict().items()}
    model.convs[0].bias.grad = torch.ones(6)
    x = torch.randn(4, 8)
    first, second = (jacobian_influence(model, x, [PATH_GRAPH] * 2, 1) for _ in range(2))
    assert torch.equal(first, second)  # no dropout
    assert [part.training for part in model.modules()] == modes
    assert all(torch.equal(value, state[name]) for name, value in model.state_dict().items())
    assert [name for name, value in model.named_parameters() if value.grad is not None] == ["convs.0.bias"]
    assert torch.equal(model.convs[0].bias.grad, torch.ones(6))
    assert x.grad is None
    assert not x.requires_grad


def test_modes_are_restored_after_an_error():
    model = gnn().train()
    with pytest.raises(BadConfig, match="1 graphs for 2 layers"):
        jacobian_influence(model, torch.randn(4, 8), [PATH_GRAPH], 0)
    assert all(part.training for part in model.modules())


def test_influence_inside_no_grad():
    x = torch.randn(4, 8)
    expected = jacobian_influence(gnn(), x, [PATH_GRAPH] * 2, 1)
    with torch.no_grad():
        assert torch.equal(jacobian_influence(gnn(), x, [PATH_GRAPH] * 2, 1), expected)
        assert not torch.is_grad_enabled()
    assert not expected.requires_grad


def test_influence_of_a_constant_model_is_zero():
    model = gnn()
    nn.init.zeros_(model.convs[0].lin.weight)
    assert jacobian_influence(model, torch.randn(4, 8), [PATH_GRAPH] * 2, 1).tolist() == [0] * 4


@pytest.mark.parametrize("node", [-1, 4])
def test_a_nonexistent_node_raises(node):
    with pytest.raises(BadConfig, match=rf"node must be in \[0, 3\], got {node}"):
        jacobian_influence(mean_steps, torch.ones(4, 1), [PATH_GRAPH], node)


def test_influence_by_class():
    influence = torch.tensor([0.5, 0.2, 0.2, 0.1])
    assert influence_by_class(influence, torch.tensor([2, 0, 2, -1])).tolist() == pytest.approx([0.2, 0.0, 0.7])
    assert influence_by_class(influence, torch.full((4,), -1)).tolist() == []


def test_influence_by_hop():
    influence = torch.tensor([0.5, 0.2, 0.3, 0.0])
    assert influence_by_hop(influence, torch.tensor([1, 0, 1, -1])).tolist() == pytest.approx([0.2, 0.8])
