from math import cos, pi

import networkx as nx
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import PATH, all_pairs, pair_sets
from torque_core.diagnostics import spectral_gap, spectrum


def pairs_of(graph):
    return torch.tensor(sorted(map(sorted, graph.edges)), dtype=torch.long).T


def random_graph(size, degree=4):
    return pairs_of(nx.random_regular_graph(degree, size, seed=0))


@given(pair_sets(max_nodes=9))
def test_gap_equals_that_of_networkx(drawn):
    pairs, num_nodes = drawn
    graph = nx.Graph()
    graph.add_nodes_from(range(num_nodes))  # in this order, so that ties for the largest break the same way
    graph.add_edges_from(pairs.T.tolist())
    largest = graph.subgraph(max(nx.connected_components(graph), key=len))
    result = spectral_gap(pairs, num_nodes)
    if len(largest) == 1:
        assert result is None
    else:
        assert result == pytest.approx(nx.normalized_laplacian_spectrum(largest)[1], abs=1e-9)


@pytest.mark.parametrize("size", [5, 700])  # all eigenvalues, and Lanczos
@pytest.mark.parametrize(
    ("make", "gap"),
    [
        (nx.complete_graph, lambda n: n / (n - 1)),
        (nx.cycle_graph, lambda n: 1 - cos(2 * pi / n)),
        (nx.path_graph, lambda n: 1 - cos(pi / (n - 1))),
        (lambda n: nx.star_graph(n - 1), lambda n: 1.0),
    ],
)
def test_closed_forms(make, gap, size):
    # Chung (1997), section 1.2
    assert spectral_gap(pairs_of(make(size)), size) == pytest.approx(gap(size), rel=1e-6)


def test_two_nodes():
    # eigenvalues 0 and 2: the pair is bipartite
    assert spectral_gap(torch.tensor([[0], [1]]), 2) == pytest.approx(2)


def test_only_the_largest_component_counts():
    # a triangle, a pair and an isolated node: the gap is the triangle's 3 / 2, not 0
    assert spectral_gap(torch.tensor([[0, 1, 1, 2], [4, 2, 3, 3]]), 6) == pytest.approx(1.5)


def test_no_edge():
    assert spectral_gap(PATH[:, :0], 4) is None


def test_a_bottleneck_closes_the_gap():
    bridged = pairs_of(nx.barbell_graph(6, 0))
    assert spectral_gap(bridged, 12) < 0.1 < 1 < spectral_gap(all_pairs(12), 12)
    # two more edges, elsewhere
    assert spectral_gap(torch.cat([bridged, torch.tensor([[0, 1], [7, 8]])], dim=1), 12) > 2 * spectral_gap(bridged, 12)


def test_lanczos_equals_the_dense_solver(monkeypatch):
    pairs, size = random_graph(400, 3), 400
    dense = spectral_gap(pairs, size)
    monkeypatch.setattr(spectrum, "_DENSE_NODES", 2)
    assert spectral_gap(pairs, size) == pytest.approx(dense, rel=1e-9)


def test_chains_are_factorised_if_lanczos_fails(monkeypatch):
    monkeypatch.setattr(spectrum, "_RESTARTS", 5)
    size = 2_500
    assert spectral_gap(pairs_of(nx.path_graph(size)), size) == pytest.approx(1 - cos(pi / (size - 1)), rel=1e-5)


def test_gap_is_deterministic():
    pairs = random_graph(1_000)
    assert spectral_gap(pairs, 1_000) == spectral_gap(pairs, 1_000)


@given(st.permutations(range(6)))
def test_order_of_nodes_does_not_matter(order):
    # a triangle with a tail, and one node apart
    pairs = torch.tensor([[0, 0, 1, 2, 3], [1, 2, 2, 3, 4]])
    moved = torch.tensor(order)[pairs].sort(dim=0).values
    assert spectral_gap(moved, 6) == pytest.approx(spectral_gap(pairs, 6))
