import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics.pairwise import cosine_distances
from torch_geometric.nn.conv.gcn_conv import gcn_norm
from torch_geometric.utils import to_dense_adj

from tests.conftest import PATH, STAR, as_set, graphs
from torque_core.diagnostics import dirichlet_energy, mean_average_distance
from torque_core.graph.pairs import pairs_to_edge_index, undirected_pairs

close = pytest.approx


def edges_of(data):
    return undirected_pairs(data.edge_index, len(data.x))


@given(graphs())
def test_energy_equals_the_trace_with_the_laplacian_of_a_gcn(data):
    edge_index, weight = gcn_norm(data.edge_index, num_nodes=len(data.x))
    propagation = to_dense_adj(edge_index, edge_attr=weight, max_num_nodes=len(data.x))[0]
    laplacian = torch.eye(len(data.x)) - propagation
    expected = float(torch.trace(data.x.T @ laplacian @ data.x))
    assert dirichlet_energy(data.x, edges_of(data)) == close(expected, rel=1e-4, abs=1e-4)


@given(graphs())
def test_distance_equals_the_masked_mean_of_scikit_learn(data):
    adjacency = to_dense_adj(data.edge_index, max_num_nodes=len(data.x))[0].numpy()
    has_neighbours = adjacency.sum(1) > 0
    result = mean_average_distance(data.x, edges_of(data))
    if not has_neighbours.any():
        assert result is None
    else:
        by_node = (cosine_distances(data.x) * adjacency).sum(1)[has_neighbours] / adjacency.sum(1)[has_neighbours]
        assert result == close(by_node.mean(), abs=1e-5)


@given(graphs())
def test_fast_is_naive(data):
    x, pairs = data.x, edges_of(data)
    degree = torch.bincount(pairs.flatten(), minlength=len(x))
    energy = 0.0
    for i, j in as_set(pairs):
        energy += float((x[i] / (1 + degree[i]) ** 0.5 - x[j] / (1 + degree[j]) ** 0.5).square().sum())
    assert dirichlet_energy(x, pairs) == close(energy, rel=1e-5)


def test_energy_is_hand_computed():
    # degrees 1, 2, 2, 1, so the rows are divided by the roots of 2, 3, 3, 2: 2, 1, 0, 0
    x = torch.tensor([[2 * 2**0.5], [3**0.5], [0.0], [0.0]])
    assert dirichlet_energy(x, PATH) == close((2 - 1) ** 2 + (1 - 0) ** 2 + 0)


def test_distance_is_hand_computed():
    # directions east, north, west; a leaf of the star is at 1, 1 or 2 from the middle, which is at 4 / 3
    x = torch.tensor([[3.0, 0.0], [0.0, 1.0], [0.0, 5.0], [-2.0, 0.0]])
    assert mean_average_distance(x, STAR) == close((4 / 3 + 1 + 1 + 2) / 4)
    # a fifth node without neighbours has no distance
    assert mean_average_distance(torch.cat([x, torch.ones(1, 2)]), STAR) == close((4 / 3 + 1 + 1 + 2) / 4)


@pytest.mark.parametrize("pairs", [PATH, STAR])
def test_energy_is_zero_in_the_limit_of_a_gcn(pairs):
    degree = torch.bincount(pairs.flatten(), minlength=4)
    x = (1.0 + degree).sqrt()[:, None] * torch.tensor([[1.0, -2.0, 0.5]])
    assert dirichlet_energy(x, pairs) == close(0, abs=1e-12)
    assert mean_average_distance(x, pairs) == close(0, abs=1e-12)


def test_a_zero_row_has_distance_one():
    x = torch.tensor([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0], [1.0, 0.0]])
    assert mean_average_distance(x, PATH) == 1.0
    assert mean_average_distance(torch.zeros(4, 2), PATH) == 1.0
    assert dirichlet_energy(torch.zeros(4, 2), PATH) == 0.0


@given(graphs(min_nodes=3), st.integers(-30, 30))
def test_units(data, exponent):
    pairs, scale = edges_of(data), 10.0**exponent
    energy, distance = dirichlet_energy(data.x, pairs), mean_average_distance(data.x, pairs)
    # at 1e-30 the squares are below the smallest float32
    assert dirichlet_energy(data.x * scale, pairs) == close(energy * scale**2, rel=1e-4)
    assert mean_average_distance(data.x * scale, pairs) == (None if distance is None else close(distance, rel=1e-4))


def test_small_differences_are_accurate():
    # the cosine of this angle is 1 in float32, its distance 1 - cos(1e-5) = 5e-11 is not 0
    x = torch.tensor([[1.0, 0.0], [1.0, 1e-5]])
    assert mean_average_distance(x, torch.tensor([[0], [1]])) == close(5e-11, rel=1e-3)


def test_propagation_smoothes():
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(4, 8, generator=generator)
    edge_index, weight = gcn_norm(pairs_to_edge_index(STAR), num_nodes=4)
    smooth = to_dense_adj(edge_index, edge_attr=weight)[0] @ x
    assert dirichlet_energy(smooth, STAR) < dirichlet_energy(x, STAR)
    assert mean_average_distance(smooth, STAR) < mean_average_distance(x, STAR)


def test_no_edge():
    assert dirichlet_energy(torch.ones(4, 2), PATH[:, :0]) == 0.0
    assert mean_average_distance(torch.ones(4, 2), PATH[:, :0]) is None
