import pytest
import torch
from torch_geometric.data import Data

from tests.conftest import PATH, all_pairs, as_set
from torque_core import BadConfig
from torque_core.baselines import ProGNN, pro_gnn
from torque_core.baselines.pro_gnn import _DenseGCN, _roughness, shrink_entries, shrink_spectrum
from torque_core.graph.pairs import pairs_to_edge_index


def graph(pairs, x, **fields):
    return Data(x=x, edge_index=pairs_to_edge_index(pairs), **fields)


def dense(data):
    matrix = torch.zeros(data.num_nodes, data.num_nodes)
    matrix[data.edge_index[0], data.edge_index[1]] = data.edge_weight
    return matrix


TRIANGLE = graph(torch.tensor([[0, 0, 1], [1, 2, 2]]), torch.eye(3))


def test_one_epoch_by_hand():
    # at S = A only the norms pull: eigenvalues 2 -> 1.8 and -1 -> -0.8 twice, entries (1.8 + 0.8) / 3 off the
    # diagonal, of which 0.1 is subtracted
    learned = dense(ProGNN(epochs=1, learning_rate=0.1, low_rank=2.0, sparsity=1.0)(TRIANGLE))
    off = (1.8 + 0.8) / 3 - 0.1
    assert torch.allclose(learned, off * (1 - torch.eye(3)), atol=1e-6)


def test_the_second_epoch_is_pulled_back_to_the_given_graph():
    options = {"learning_rate": 0.1, "low_rank": 2.0, "sparsity": 1.0}
    first = (1.8 + 0.8) / 3 - 0.1
    moved = first + 0.1 * 2 * (1 - first)
    expected = (2 * moved - 0.2 + (moved - 0.2)) / 3 - 0.1  # the eigenvalues are 2 and -1 times the entry
    assert torch.allclose(dense(ProGNN(epochs=2, **options)(TRIANGLE)), expected * (1 - torch.eye(3)), atol=1e-6)


def test_the_operators_minimise_what_they_should():
    generator = torch.Generator().manual_seed(0)
    matrix = torch.randn(6, 6, generator=generator, dtype=torch.double)
    matrix = matrix + matrix.T
    for operator, norm in ((shrink_entries, torch.linalg.vector_norm), (shrink_spectrum, torch.linalg.matrix_norm)):
        order = {"ord": 1} if operator is shrink_entries else {"ord": "nuc"}

        def value(other, norm=norm, order=order):
            return (0.5 * (other - matrix).square().sum() + 0.7 * norm(other, **order)).item()

        found = operator(matrix, 0.7)
        for _ in range(20):
            step = torch.randn(6, 6, generator=generator, dtype=torch.double)
            assert value(found) <= value(found + 0.01 * (step + step.T))


def test_roughness_by_loops():
    generator = torch.Generator().manual_seed(0)
    adjacency = torch.rand(5, 5, generator=generator)
    adjacency = adjacency + adjacency.T
    x = torch.randn(5, 3, generator=generator)
    scaled = x / (adjacency.sum(dim=1) + 1e-3).sqrt()[:, None]
    expected = sum(
        float(adjacency[i, j] * (scaled[i] - scaled[j]).square().sum()) / 2 for i in range(5) for j in range(5)
    )
    assert float(_roughness(adjacency, x)) == pytest.approx(expected, rel=1e-5)


def test_the_gcn_by_loops():
    labels = torch.tensor([0, -1, 1, -1])
    model = _DenseGCN(torch.eye(4), labels, 3, seed=0)
    adjacency = torch.zeros(4, 4)
    adjacency[tuple(pairs_to_edge_index(PATH))] = 0.5
    with_loops = adjacency + torch.eye(4)
    degree = with_loops.sum(dim=1)
    norm = torch.tensor([[with_loops[i, j] / (degree[i] * degree[j]) ** 0.5 for j in range(4)] for i in range(4)])
    logits = norm @ torch.relu(norm @ torch.eye(4) @ model.parameters[0]) @ model.parameters[1]
    expected = -logits.log_softmax(dim=1)[[0, 2], [0, 1]].mean()
    assert model.loss(adjacency).item() == pytest.approx(expected.item(), rel=1e-5)


def test_the_objective_falls_and_so_does_the_rank():
    cliques = torch.cat([all_pairs(5), all_pairs(5) + 5, torch.tensor([[0], [9]])], dim=1)
    data = graph(cliques, torch.eye(10))
    given = dense(ProGNN(epochs=0)(data))
    assert torch.equal(given, given.T)
    assert as_set(given.nonzero().T) == as_set(data.edge_index)

    def objective(matrix):
        norms = 6.0 * torch.linalg.matrix_norm(matrix, "nuc") + 0.5 * matrix.abs().sum()
        return float((matrix - given).square().sum() + norms)

    path = [objective(dense(ProGNN(epochs=epochs, low_rank=6.0, sparsity=0.5)(data))) for epochs in (0, 5, 10, 20)]
    assert path == sorted(path, reverse=True)
    assert path[-1] < 0.9 * path[0]


def test_labels_change_the_graph_and_only_those_of_training_nodes():
    data = graph(PATH, torch.eye(4), y=torch.tensor([0, 1, 0, 1]), train_mask=torch.tensor([True, True, False, True]))
    supervised, other = ProGNN(epochs=3)(data), data.clone()
    other.y[2] = 1
    assert torch.equal(dense(ProGNN(epochs=3)(other)), dense(supervised))
    other.y[0] = 1
    assert not torch.equal(dense(ProGNN(epochs=3)(other)), dense(supervised))
    without = dense(ProGNN(epochs=3)(Data(x=data.x, edge_index=data.edge_index)))
    assert torch.equal(dense(ProGNN(epochs=3, supervision=0.0)(data)), without)
    assert not torch.equal(dense(supervised), without)


def test_a_large_graph_is_refused_before_memory_is_used(monkeypatch):
    monkeypatch.setattr(pro_gnn, "MOST_NODES", 3)
    with pytest.raises(BadConfig, match=r"Pro-GNN .* is not run on more than 3 nodes; this graph has 4\. Choose"):
        ProGNN()(graph(PATH, torch.eye(4)))
