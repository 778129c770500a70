import numpy as np
import pytest
import scipy.sparse as sp
import torch

from torque_core.datasets import BlockModel, sample_block_model
from torque_core.figures import multilevel
from torque_core.figures.multilevel import multilevel_layout


def symmetric(pairs, size):
    i, j = np.concatenate([pairs, pairs[::-1]], axis=1)
    return sp.csr_matrix((np.ones(len(i)), (i, j)), shape=(size, size))


def lattice(side):
    node = np.arange(side**2).reshape(side, side)
    across = np.stack([node[:, :-1].ravel(), node[:, 1:].ravel()])
    down = np.stack([node[:-1].ravel(), node[1:].ravel()])
    return symmetric(np.concatenate([across, down], axis=1), side**2)


def complete(size):
    return symmetric(np.stack(np.triu_indices(size, 1)), size)


def test_the_classes_of_a_modular_graph_are_separated():
    data = sample_block_model(BlockModel(nodes=1200, classes=4, degree=12, homophily=0.9))
    adjacency = sp.csr_matrix((np.ones(data.edge_index.size(1)), data.edge_index.numpy()), shape=(1200, 1200))
    assert sp.csgraph.connected_components(adjacency)[0] == 1
    position = multilevel_layout(adjacency, np.random.default_rng(0))
    y = data.y.numpy()
    centre = np.stack([position[y == label].mean(axis=0) for label in range(4)])
    nearest = np.linalg.norm(position[:, None] - centre, axis=2).argmin(axis=1)
    assert (nearest == y).mean() > 0.9


def test_a_lattice_unfolds():
    adjacency = lattice(40)
    position = multilevel_layout(adjacency, np.random.default_rng(0))
    i, j = adjacency.nonzero()
    edge = np.linalg.norm(position[i] - position[j], axis=1)
    assert edge.mean() < 0.05 * np.ptp(position)
    # opposite corners stay far apart
    assert np.linalg.norm(position[0] - position[-1]) > 0.5 * np.ptp(position)


STAR = symmetric(np.stack([np.zeros(900, int), np.arange(1, 901)]), 901)


@pytest.mark.parametrize(
    "adjacency",
    [symmetric(np.array([[0], [1]]), 2), complete(301), STAR],
    ids=["an edge", "all are neighbours", "a star"],
)
def test_edge_cases(adjacency):
    position = multilevel_layout(adjacency, np.random.default_rng(0))
    assert position.shape == (adjacency.shape[0], 2)
    assert position.dtype == np.float64
    assert np.isfinite(position).all()
    assert len(np.unique(position, axis=0)) == len(position)


def test_positions_depend_only_on_the_generator():
    first, again, other = (multilevel_layout(lattice(20), np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_each_node_is_grouped_with_the_highest_rank_around_it():
    path = symmetric(np.array([[0, 1, 2, 3], [1, 2, 3, 4]]), 5)
    generator = np.random.default_rng(3)
    rank = np.random.default_rng(3).permutation(5)
    group = multilevel._groups(path, generator)
    joined = [max(rank[max(0, node - 1) : node + 2]) for node in range(5)]
    assert [[a == b for b in joined] for a in joined] == [[a == b for b in group] for a in group]
    assert set(group) == set(range(group.max() + 1))


def test_edge_weights_between_groups_are_summed():
    square = symmetric(np.array([[0, 1, 2, 3, 0], [1, 2, 3, 0, 2]]), 4)
    merged = multilevel._merge(square, np.array([0, 0, 1, 1]))
    # 1 – 2, 3 – 0 and 0 – 2 connect the groups; 0 – 1 and 2 – 3 stay within
    assert merged.toarray().tolist() == [[0, 3], [3, 0]]


def test_the_field_approximates_the_sum_over_all_other_nodes():
    generator = np.random.default_rng(0)
    position = generator.random((300, 2)).astype(np.float32)
    mass = generator.random(300).astype(np.float32)
    apart = position[:, None].astype(np.float64) - position
    square = (apart**2).sum(axis=2)
    cell = np.ptp(position, axis=0).max() / (multilevel._cells(300) - 2)
    far = square > (4 * cell) ** 2  # the grid smooths what is nearer
    exact = np.where(far[..., None], mass[None, :, None] * apart / np.maximum(square, 1e-12)[..., None], 0).sum(axis=1)
    near = np.where(far, 0, mass / np.sqrt(np.maximum(square, cell**2))).sum(axis=1)
    off = np.linalg.norm(multilevel._field(mass, position) - exact, axis=1)
    assert (off <= near + 0.02 * np.linalg.norm(exact, axis=1)).all()
    assert torch.tensor(off).median() < 0.2 * np.median(np.linalg.norm(exact, axis=1))
