from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.data import Data

from tests.conftest import PATH, STAR, all_pairs, as_set, pair_sets
from torque_core.baselines import FoSR
from torque_core.baselines.fosr import _power_step
from torque_core.graph.pairs import pairs_to_edge_index, undirected_pairs


def run(pairs, num_nodes, **options):
    data = Data(x=torch.ones(num_nodes, 1), edge_index=pairs_to_edge_index(pairs))
    return as_set(undirected_pairs(FoSR(**options)(data).edge_index, num_nodes))


def dense(edges, num_nodes):
    a = np.zeros((num_nodes, num_nodes))
    for i, j in edges:
        a[i, j] = a[j, i] = 1
    degree = a.sum(axis=1)
    scale = np.array([d**-0.5 if d else 0.0 for d in degree])
    return scale[:, None] * a * scale, degree


def slow_step(vector, edges, num_nodes):
    matrix, degree = dense(edges, num_nodes)
    if degree.sum():
        first = np.sqrt(degree / degree.sum())
        vector = vector - (vector @ first) * first
    product = vector + matrix @ vector
    length = np.linalg.norm(product)
    return product / length if length else vector


@given(pair_sets(min_nodes=3, max_nodes=9), st.integers(0, 4), st.integers(0, 99))
@settings(max_examples=80)
def test_each_step_takes_the_lowest_product(drawn, power_iterations, seed):
    pairs, num_nodes = drawn
    edges = as_set(pairs)
    vector = np.random.default_rng(seed).uniform(-1, 1, num_nodes)
    for _ in range(power_iterations):
        vector = slow_step(vector, edges, num_nodes)
    for iterations in range(1, 5):
        found = run(pairs, num_nodes, iterations=iterations, power_iterations=power_iterations, seed=seed)
        _, degree = dense(edges, num_nodes)
        free = as_set(all_pairs(num_nodes)) - edges
        product = {
            (i, j): vector[i] * vector[j] / np.sqrt((1 + degree[i]) * (1 + degree[j]))
            for i, j in all_pairs(num_nodes).T.tolist()
        }
        if not free:
            assert found == edges
            return
        (new,) = found - edges
        assert new in free
        assert product[new] <= min(product[pair] for pair in free) + 1e-12
        edges = found
        vector = slow_step(vector, edges, num_nodes)


@pytest.mark.parametrize("seed", [0, 1])
def test_power_iteration_finds_the_second_eigenvector(seed):
    generator = torch.Generator().manual_seed(seed)
    ring = torch.stack([torch.arange(20), (torch.arange(20) + 1) % 20])  # so that it is connected
    pairs = undirected_pairs(torch.cat([ring, torch.randint(20, (2, 12), generator=generator)], dim=1), 20)
    source, target = pairs_to_edge_index(pairs).numpy()
    vector = np.random.default_rng(0).uniform(-1, 1, 20)
    for _ in range(3000):
        vector = _power_step(vector, source, target)
    _, eigenvectors = np.linalg.eigh(dense(as_set(pairs), 20)[0])
    assert abs(vector @ eigenvectors[:, -2]) == pytest.approx(1)


def test_by_hand():
    # the second eigenvector of a path is antisymmetric, and its ends differ most
    assert run(PATH, 4, iterations=1) - as_set(PATH) == {(0, 3)}
    # two components: any link between them
    ((i, j),) = run(torch.tensor([[0, 1, 3, 4], [1, 2, 4, 5]]), 6, iterations=1) - {(0, 1), (1, 2), (3, 4), (4, 5)}
    assert (i < 3) != (j < 3)


def test_the_spectral_gap_widens():
    barbell = torch.cat([all_pairs(6), all_pairs(6) + 6, torch.tensor([[5], [6]])], dim=1)
    edges = as_set(barbell)
    gaps = [1 - np.linalg.eigvalsh(dense(edges, 12)[0])[-2]]
    for iterations in range(1, 9):
        found = run(barbell, 12, iterations=iterations)
        ((i, j),) = found - edges
        assert i < 6 <= j
        edges = found
        gaps.append(1 - np.linalg.eigvalsh(dense(edges, 12)[0])[-2])
    assert all(later > earlier for earlier, later in pairwise(gaps))
    assert gaps[-1] > 4 * gaps[0]


def test_it_ends_with_a_complete_graph():
    assert run(STAR, 4, iterations=100) == as_set(all_pairs(4))
    assert run(torch.tensor([[0], [1]]), 2, iterations=3) == {(0, 1)}


def test_no_iterations_and_the_seed():
    assert run(PATH, 4, iterations=0) == as_set(PATH)
    two = torch.cat([all_pairs(6), all_pairs(6) + 6], dim=1)
    assert len({frozenset(run(two, 12, iterations=3, power_iterations=3, seed=seed)) for seed in range(10)}) > 1


@pytest.mark.timeout(30)
def test_many_nodes_and_a_hub():
    nodes = 20_000
    node = torch.arange(1, nodes)
    generator = torch.Generator().manual_seed(0)
    other = torch.randint(nodes, (2, nodes), generator=generator)
    pairs = undirected_pairs(torch.cat([torch.stack([torch.zeros_like(node), node]), other], dim=1), nodes)
    assert len(run(pairs, nodes, iterations=20)) == pairs.size(1) + 20
