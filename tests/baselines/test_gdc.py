import sys

import numpy as np
import pytest
import torch
from torch_geometric.data import Data

from tests.conftest import all_pairs
from torque_core import load
from torque_core.baselines import GDC, gdc
from torque_core.errors import MissingDependency
from torque_core.graph.pairs import check_graph, pairs_to_edge_index, undirected_pairs
from torque_core.nn import WeightedGCNConv


@pytest.fixture
def karate():
    return load("karate").data


def as_matrix(data):
    matrix = np.zeros((data.num_nodes, data.num_nodes))
    source, target = data.edge_index.numpy()
    matrix[source, target] = data.edge_weight.numpy()
    return matrix


def page_rank(data, alpha):
    """Personalised PageRank of the symmetrically normalised adjacency with self-loops."""
    a = np.eye(data.num_nodes)
    source, target = data.edge_index.numpy()
    a[source, target] = 1
    scale = a.sum(axis=1) ** -0.5
    return alpha * np.linalg.inv(np.eye(len(a)) - (1 - alpha) * scale[:, None] * a * scale)


@pytest.mark.parametrize("alpha", [0.05, 0.15, 0.5])
@pytest.mark.parametrize("k", [1, 5, 64])
def test_the_largest_of_each_column(karate, alpha, k):
    full = page_rank(karate, alpha)
    expected = np.where(full >= np.sort(full, axis=0)[-min(k, 34)] - 1e-6, full, 0)
    expected /= expected.sum(axis=0)
    found = as_matrix(GDC(alpha=alpha, k=k)(karate))
    chosen = found > 0
    assert (chosen.sum(axis=0) == min(k, 34)).all()
    assert (expected[chosen] > 0).all()  # of entries that tie any may be taken
    same = (expected > 0).sum(axis=0) == min(k, 34)
    assert same.sum() > 10
    np.testing.assert_allclose(found[:, same], expected[:, same], atol=1e-5)


def test_what_enters_a_node_sums_to_one(karate):
    np.testing.assert_allclose(as_matrix(GDC(k=8)(karate)).sum(axis=0), 1, atol=1e-5)


def test_a_convolution_takes_the_diffusion_as_it_is(karate):
    # neither the self-loops that a GCN adds nor its normalisation may change anything
    diffused = GDC(k=8)(karate)
    assert all(as_matrix(diffused).diagonal() > 0)
    conv = WeightedGCNConv(34, 3, bias=False)
    expected = torch.from_numpy(as_matrix(diffused)).float().T @ conv.lin(karate.x)
    torch.testing.assert_close(conv(karate.x, diffused.edge_index, diffused.edge_weight), expected)


def test_components_stay_apart():
    pairs = torch.cat([all_pairs(4), all_pairs(3) + 4], dim=1)  # and a node alone
    diffused = GDC(k=8)(Data(x=torch.eye(8), edge_index=pairs_to_edge_index(pairs)))
    block = torch.tensor([0, 0, 0, 0, 1, 1, 1, 2])
    source, target = diffused.edge_index
    assert torch.equal(block[source], block[target])
    assert diffused.num_edges == 16 + 9 + 1
    assert bool((diffused.edge_weight > 0).all())
    check_graph(diffused)


def test_the_approximation_is_near(karate, monkeypatch):
    pytest.importorskip("numba")
    full = page_rank(karate, 0.15)
    bar = np.sort(full.ravel())[-34 * 10]
    monkeypatch.setattr(gdc, "EXACT_UP_TO", 20)
    found = as_matrix(GDC(avg_degree=10)(karate))
    assert abs((found > 0).sum() - 34 * 10) < 10
    assert ((found > 0) == (full >= bar)).mean() > 0.97
    expected = np.where(full >= bar, full, 0)
    expected /= expected.sum(axis=0)
    alike = ((found > 0) == (expected > 0)).all(axis=0)
    assert alike.sum() > 20
    np.testing.assert_allclose(found[:, alike], expected[:, alike], atol=0.01)


def test_the_approximation_needs_numba(karate, monkeypatch):
    monkeypatch.setattr(gdc, "EXACT_UP_TO", 20)
    monkeypatch.setitem(sys.modules, "numba", None)
    with pytest.raises(MissingDependency, match=r"the graph has 34 nodes; .* more than 20 .* numba is not installed"):
        GDC()(karate)
    monkeypatch.setattr(gdc, "EXACT_UP_TO", 34)
    assert GDC(k=2)(karate).num_edges == 68


def test_the_lower_alpha_the_farther(karate):
    pairs = undirected_pairs(karate.edge_index, 34)
    weights = [as_matrix(GDC(alpha=alpha)(karate)) for alpha in (0.05, 0.5, 0.99)]
    at_home = [float(matrix.diagonal().mean()) for matrix in weights]
    assert at_home[0] < at_home[1] < at_home[2]
    beyond = [
        matrix.sum() - matrix.diagonal().sum() - matrix[tuple(pairs)].sum() - matrix.T[tuple(pairs)].sum()
        for matrix in weights
    ]
    assert beyond[0] > beyond[1] > beyond[2]
