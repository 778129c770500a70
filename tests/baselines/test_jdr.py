import numpy as np
import pytest
import torch
from torch_geometric.data import Data

from tests.conftest import PATH, all_pairs
from torque_core import BadConfig, load
from torque_core.baselines import JDR, jdr
from torque_core.graph.pairs import pairs_to_edge_index, undirected_pairs
from torque_core.graph.scipy_graph import adjacency


def graph(pairs, x):
    return Data(x=x, edge_index=pairs_to_edge_index(pairs))


def dense(data, num_nodes):
    matrix = torch.zeros(num_nodes, num_nodes)
    matrix[data.edge_index[0], data.edge_index[1]] = data.edge_weight
    return matrix.double().numpy()


def random_graph(nodes, features, seed=0):
    generator = torch.Generator().manual_seed(seed)
    pairs = all_pairs(nodes)
    pairs = pairs[:, torch.rand(pairs.size(1), generator=generator) < 6 / nodes]
    return graph(pairs, torch.randn(nodes, features, generator=generator))


def test_one_iteration_by_hand():
    # two nodes with an edge: eigenvectors (1, 1) of value 1 and (1, -1) of -1, over the root of 2
    data = graph(PATH[:, :1], torch.tensor([[2.0, 0.0], [0.0, 1.0]]))  # singular vectors are the axes
    denoised = JDR(iterations=1, components=1, rate_edges=0.5, rate_features=0.0, k=2, order="value")(data)
    # (1, 1) turns half way to (1, 0)
    turned = 0.5 * np.array([1, 1]) / 2**0.5 + 0.5 * np.array([1, 0])
    expected = np.outer(turned, turned) - np.outer([1, -1], [1, -1]) / 2
    assert dense(denoised, 2) == pytest.approx(np.where(expected > 0, expected, 0), abs=1e-6)
    assert torch.allclose(denoised.x, data.x)


def test_the_features_turn_by_hand():
    data = graph(PATH[:, :1], torch.tensor([[2.0, 0.0], [0.0, 1.0]]))
    denoised = JDR(iterations=1, components=1, rate_edges=0, rate_features=0.25, mixing=0.5, order="value")(data)
    turned = 0.75 * np.array([1, 0]) + 0.25 * np.array([1, 1]) / 2**0.5
    expected = 0.5 * data.x.numpy() + 0.5 * (2 * np.outer(turned, [1, 0]) + np.outer([0, 1], [0, 1]))
    assert denoised.x.numpy() == pytest.approx(expected, abs=1e-6)


def slow(data, *, iterations, components, rate_edges, rate_features, mixing, k, order):
    """Full decompositions of dense matrices."""
    nodes = data.num_nodes
    a = adjacency(undirected_pairs(data.edge_index, nodes), nodes).toarray()
    x = data.x.double().numpy()
    for _ in range(iterations):
        values, v = np.linalg.eigh(a)
        leading = np.argsort(-(np.abs(values) if order == "magnitude" else values), kind="stable")
        values, v = values[leading], v[:, leading]
        u, sigma, w = np.linalg.svd(x, full_matrices=False)
        new_v, new_u = v.copy(), u.copy()
        for first, second, new, rate in ((v, u, new_v, rate_edges), (u, v, new_u, rate_features)):
            for i in range(components):
                overlaps = [first[:, i] @ second[:, j] for j in range(components)]
                j = int(np.argmax(np.abs(overlaps)))
                new[:, i] = (1 - rate) * first[:, i] + rate * np.sign(overlaps[j]) * second[:, j]
        a, x = new_v * values @ new_v.T, new_u * sigma @ w
    kept = np.zeros_like(a)
    for column in range(nodes):
        for row in np.argsort(-a[:, column], kind="stable")[:k]:
            kept[row, column] = max(a[row, column], 0)
    return kept, (1 - mixing) * data.x.double().numpy() + mixing * x


OPTIONS = {"iterations": 3, "components": 4, "rate_edges": 0.3, "rate_features": 0.2, "mixing": 0.4, "k": 5}


@pytest.mark.parametrize("order", ["magnitude", "value"])
@pytest.mark.parametrize("solver", ["dense", "sparse"])
def test_fast_is_naive(monkeypatch, order, solver):
    if solver == "sparse":
        monkeypatch.setattr(jdr, "_DENSE_UP_TO", 10)
        monkeypatch.setattr(jdr, "_BLOCK_ELEMENTS", 100)  # a few columns at a time
    data = random_graph(30, 18)
    denoised = JDR(**OPTIONS, order=order)(data)
    edges, x = slow(data, **OPTIONS, order=order)
    assert dense(denoised, 30) == pytest.approx(edges, abs=1e-5)
    assert denoised.x.numpy() == pytest.approx(x, abs=1e-5)


def test_alignment_grows():
    data = load("karate").data
    data.x = torch.nn.functional.one_hot(data.y).float() + 0.5 * torch.randn(
        34, 4, generator=torch.Generator().manual_seed(0)
    )

    def alignment(edges, x):
        v = np.linalg.eigh(edges + edges.T)[1][:, ::-1][:, :4]
        return np.linalg.norm(v.T @ np.linalg.svd(x)[0][:, :4], ord="fro")

    before = adjacency(undirected_pairs(data.edge_index, 34), 34).toarray()
    denoised = JDR(components=4, mixing=1.0, order="value")(data)
    assert alignment(dense(denoised, 34), denoised.x.numpy()) > alignment(before, data.x.numpy()) + 0.1


def test_without_rates_nothing_changes():
    data = random_graph(20, 6)
    denoised = JDR(rate_edges=0, rate_features=0, k=20)(data)
    assert dense(denoised, 20) == pytest.approx(
        adjacency(undirected_pairs(data.edge_index, 20), 20).toarray(), abs=1e-5
    )
    assert torch.allclose(denoised.x, data.x, atol=1e-5)


def test_without_edges_or_features_the_graph_stays():
    for data in (graph(PATH[:, :0], torch.eye(4)), graph(PATH, torch.zeros(4, 2))):
        denoised = JDR()(data)
        assert torch.equal(denoised.edge_index, data.edge_index)
        assert (denoised.edge_weight == 1).all()
        assert torch.equal(denoised.x, data.x)


def test_vectors_that_would_not_fit_are_refused_before(monkeypatch):
    monkeypatch.setattr(jdr, "_MOST_ELEMENTS", 20 * 4 * 6 * 5 - 1)
    with pytest.raises(BadConfig, match=r"4 x 6 vectors of 20 nodes from each of 5 iterations, more than 2 GB; choose"):
        JDR()(random_graph(20, 6))
