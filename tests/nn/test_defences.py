"""Robust models by hand on tiny graphs, by properties, and by training."""

import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close
from torch_geometric.nn import GCNConv

from tests.conftest import pair_sets
from torque_core.errors import BadConfig
from torque_core.graph.pairs import pairs_to_edge_index
from torque_core.nn import GNNGuard, LowRankGCNConv, SoftMedianConv, SoftMedoidConv, TorqueGNN
from torque_core.nn.gnn_guard import importance_weights
from torque_core.nn.low_rank_gcn import low_rank_factors
from torque_core.nn.robust_aggregation import _weighted_medians

STAR = torch.tensor([[1, 2, 3], [0, 0, 0]])  # three messages to node 0


def identity(conv):
    """The convolution of one feature with weight 1."""
    torch.nn.init.ones_(conv.lin.weight)
    return conv


def test_medians_are_those_of_sorted_weights():
    values = torch.tensor([[1.0, 9.0], [5.0, 8.0], [7.0, 7.0], [4.0, 4.0]])
    group, weight = torch.tensor([0, 0, 0, 1]), torch.tensor([0.2, 0.2, 0.6, 1.0])
    # weights up to 1, 5, 7 are .2, .4, 1; up to 7, 8, 9 they are .6, .8, 1
    assert _weighted_medians(values, group, weight, 2).tolist() == [[7.0, 7.0], [4.0, 4.0]]
    assert _weighted_medians(values, group, torch.ones(4), 2).tolist() == [[5.0, 8.0], [4.0, 4.0]]


@given(st.lists(st.integers(0, 3), min_size=1, max_size=12), st.integers(0, 99))
@settings(max_examples=20)
def test_medians_equal_those_of_a_loop(groups, seed):
    generator = torch.Generator().manual_seed(seed)
    group = torch.tensor(sorted(groups)).unique(return_inverse=True)[1]
    values, weight = torch.randn(len(group), 3, generator=generator), torch.rand(len(group), generator=generator) + 0.1
    found = _weighted_medians(values, group, weight, int(group.max()) + 1)
    for index, row in enumerate(found):
        members = group == index
        for dimension in range(3):
            order = values[members, dimension].argsort()
            reached = weight[members][order].cumsum(0) >= weight[members].sum() / 2 - 1e-6
            assert row[dimension] == values[members, dimension][order][int(reached.long().argmax())]


@pytest.mark.parametrize(
    ("conv", "distances"),
    [
        (SoftMedianConv, [1.0, 1.0, 0.0, 8.0]),  # the median is 1: weights up to 0 are .75, up to 1 they are 1.25
        (SoftMedoidConv, [0.5 * 1 + 0.5 * 9, 0.5 * 1 + 0.5 * 9, 0.75 * 1 + 0.5 * 8, 0.75 * 9 + 0.5 * 8]),
    ],
)
def test_robust_aggregation_by_hand(conv, distances):
    """The messages of node 0 are its own, 0, of coefficient 1/4, and 0, 1 and 9, of coefficient 1/2 each."""
    layer = identity(conv(1, 1, temperature=2.0))
    x = torch.tensor([[0.0], [0.0], [1.0], [9.0]])
    coefficient = torch.tensor([0.25, 0.5, 0.5, 0.5])
    robust = coefficient * torch.softmax(-torch.tensor(distances) / 2.0, dim=0)
    expected = coefficient.sum() * (robust * x.flatten()).sum() / robust.sum()
    assert_close(layer(x, STAR)[0, 0], expected)


@pytest.mark.parametrize("conv", [SoftMedianConv, SoftMedoidConv])
def test_a_high_temperature_gives_gcn(conv):
    x = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    robust, plain = conv(3, 2, temperature=1e7), GCNConv(3, 2)
    plain.load_state_dict(robust.state_dict())
    edge_index, weight = pairs_to_edge_index(torch.tensor([[0, 1, 1], [1, 2, 3]])), torch.tensor([1.0, 2, 0.5] * 2)
    assert_close(robust(x, edge_index, weight), plain(x, edge_index, weight))


@pytest.mark.parametrize("conv", [SoftMedianConv, SoftMedoidConv])
def test_an_outlier_has_bounded_influence(conv):
    layer = identity(conv(1, 1, temperature=0.5))
    near, far = (layer(torch.tensor([[0.0], [0.1], [0.2], [value]]), STAR)[0].item() for value in (50.0, 5e5))
    assert abs(near) < 1
    assert abs(far) < 1


@pytest.mark.parametrize("conv", [SoftMedianConv, SoftMedoidConv, LowRankGCNConv])
@given(graph=pair_sets(min_nodes=2, max_nodes=7), seed=st.integers(0, 99))
@settings(max_examples=10)
def test_convolutions_are_equivariant_and_have_finite_gradients(conv, graph, seed):
    pairs, nodes = graph
    generator = torch.Generator().manual_seed(seed)
    x, order = (
        torch.randn(nodes, 3, generator=generator, dtype=torch.double),
        torch.randperm(nodes, generator=generator),
    )
    layer = conv(3, 2, **({"rank": nodes} if conv is LowRankGCNConv else {})).double()
    edge_index = pairs_to_edge_index(pairs)
    out = layer(x, edge_index)
    assert_close(layer(x[order], order.argsort()[edge_index]), out[order])
    out.sum().backward()
    assert all(bool(parameter.grad.isfinite().all()) for parameter in layer.parameters())


def test_full_rank_gives_gcn():
    x = torch.randn(5, 3, generator=torch.Generator().manual_seed(0))
    edge_index = pairs_to_edge_index(torch.tensor([[0, 1, 2, 3], [1, 2, 3, 4]]))
    low, plain = LowRankGCNConv(3, 2, rank=5), GCNConv(3, 2)
    plain.load_state_dict(low.state_dict())
    assert_close(low(x, edge_index), plain(x, edge_index))


def test_low_rank_factors_are_the_best_approximation():
    edge_index = pairs_to_edge_index(torch.tensor([[0, 0, 1, 3, 4], [1, 2, 2, 4, 5]]))
    adjacency = torch.zeros(6, 6, dtype=torch.double)
    adjacency[edge_index[1], edge_index[0]] = 1
    left, right = low_rank_factors(edge_index, None, 6, rank=1)
    # the triangle has the largest singular value, 2, with equal entries
    assert_close(left @ right.T, torch.block_diag(torch.full((3, 3), 2 / 3), torch.zeros(3, 3)).double())
    left, right = low_rank_factors(edge_index, None, 6, rank=4)
    assert float((left @ right.T - adjacency).norm()) == pytest.approx(
        float(torch.linalg.svdvals(adjacency)[4:].norm())
    )


def test_low_rank_factors_follow_the_graph_and_are_not_copied():
    layer, x = LowRankGCNConv(2, 2, rank=3), torch.eye(4, 2)
    first = layer(x, STAR)
    changed = STAR.clone()
    changed[0, 0] = 2
    assert not torch.equal(layer(x, changed), first)
    assert torch.equal(layer(x, STAR), first)
    assert not torch.equal(layer(x, STAR, torch.tensor([1.0, 2.0, 3.0])), first)
    assert torch.equal(copy.deepcopy(layer)(x, STAR), first)


def test_importance_of_similar_neighbours_by_hand():
    x = torch.tensor([[1.0, 0.0], [3.0, 4.0], [0.0, 1.0], [1.0, 0.0]])  # cosines to node 0: 0.6, 0, 1
    importance, own = importance_weights(x, STAR, None, 0.1)
    assert_close(importance, torch.tensor([0.6, 0.0, 1.0]) / 1.6 * 2 / 3)
    assert_close(own, torch.tensor([1 / 3, 1.0, 1.0, 1.0]))
    importance, own = importance_weights(x, STAR, torch.tensor([1.0, 1.0, 0.0]), 0.1)
    assert_close(importance, torch.tensor([0.5, 0.0, 0.0]))
    assert_close(own[0], torch.tensor(0.5))
    with_gradient, _ = importance_weights(x.requires_grad_(), STAR, None, 0.1)
    assert_close(with_gradient.detach(), torch.tensor([0.6, 0.0, 1.0]) / 1.6 * 2 / 3)


def test_guard_mixes_the_importance_of_the_layer_before():
    model = GNNGuard(2, 2, 2, 2)
    for linear in model.linears:
        torch.nn.init.eye_(linear.weight)
        torch.nn.init.zeros_(linear.bias)
    torch.nn.init.constant_(model.memory, 100.0)  # beta = 1: the second layer uses the importance of the first
    x = torch.tensor([[1.0, 0.0], [3.0, 4.0], [0.0, 1.0], [1.0, 0.0]])
    importance, own = importance_weights(x, STAR, None, 0.1)
    operator = torch.diag(own)
    operator[0, 1:] = importance
    assert_close(model(x, STAR).detach(), operator @ torch.relu(operator @ x))


def test_guard_ignores_edges_between_dissimilar_nodes():
    x = torch.block_diag(torch.ones(2, 3), torch.ones(2, 3))
    inside = pairs_to_edge_index(torch.tensor([[0, 2], [1, 3]]))
    across = torch.cat([inside, pairs_to_edge_index(torch.tensor([[0, 1], [2, 3]]))], dim=1)
    model = GNNGuard(6, 4, 1, 2)
    assert_close(model(x, across), model(x, inside))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SoftMedianConv(2, 2, temperature=0), "temperature must be greater than 0, got 0"),
        (lambda: LowRankGCNConv(2, 2, rank=0), "rank must be at least 1, got 0"),
        (lambda: GNNGuard(2, 2, 2, 2, threshold=2), r"threshold must be in \[0, 1\], got 2"),
        (lambda: GNNGuard(2, 2, 0, 2), "num_layers must be at least 1, got 0"),
    ],
)
def test_invalid_options_are_refused(make, message):
    with pytest.raises(BadConfig, match=message):
        make()


@pytest.mark.parametrize("backbone", ["soft_median", "soft_medoid", "gcn_svd"])
def test_defences_are_backbones(backbone):
    x = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
    edge_index = pairs_to_edge_index(torch.tensor([[0, 1, 2, 3, 4], [1, 2, 3, 4, 5]]))
    sparse = TorqueGNN(4, 8, 2, 3, backbone=backbone).eval()
    assert sparse(x, edge_index.int()).shape == (6, 3)
    assert_close(sparse(x.to_sparse(), edge_index), sparse(x, edge_index))
