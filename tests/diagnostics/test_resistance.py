import networkx as nx
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import PATH, all_pairs, pair_sets
from torque_core.diagnostics import components, effective_resistance, resistance, total_effective_resistance
from torque_core.errors import BadConfig

close = pytest.approx


def networkx_resistance(pairs, num_nodes):
    graph = nx.Graph(pairs.T.tolist())
    graph.add_nodes_from(range(num_nodes))
    between = torch.full((num_nodes, num_nodes), torch.inf, dtype=torch.double)
    for part in nx.connected_components(graph):
        for i, row in nx.resistance_distance(graph.subgraph(part)).items():
            for j, value in row.items():
                between[i, j] = value
    return between


def communities():
    """Two dense halves, a bridge between them, and two nodes apart: pairs and the number of nodes."""
    graph = nx.disjoint_union(nx.gnp_random_graph(40, 0.3, seed=0), nx.gnp_random_graph(40, 0.3, seed=1))
    graph.add_edges_from([(0, 40), (80, 81)])
    return torch.tensor(sorted(map(sorted, graph.edges))).T, 82


@pytest.fixture
def large(monkeypatch):
    """Every graph counts as too large for the pseudo-inverse."""
    monkeypatch.setattr(resistance, "_DENSE_NODES", 0)


@given(pair_sets())
def test_resistance_equals_that_of_networkx(drawn):
    pairs, num_nodes = drawn
    every = torch.cartesian_prod(torch.arange(num_nodes), torch.arange(num_nodes)).T  # both orders, and i = i
    expected = networkx_resistance(pairs, num_nodes)
    torch.testing.assert_close(effective_resistance(pairs, num_nodes, every), expected.flatten())
    total = expected[expected.isfinite()].sum() / 2
    assert total_effective_resistance(pairs, num_nodes) == close(float(total), abs=1e-9)


@given(pair_sets())
def test_edges_sum_to_a_spanning_forest(drawn):
    # Foster's theorem: the resistance of an edge is its probability to be in a random spanning tree
    pairs, num_nodes = drawn
    edges = num_nodes - components(pairs, num_nodes)
    assert float(effective_resistance(pairs, num_nodes, pairs).sum()) == close(edges, abs=1e-9)


@given(pair_sets(min_nodes=3), st.data())
def test_an_additional_edge_never_increases_resistance(drawn, data):
    # Rayleigh's monotonicity law
    pairs, num_nodes = drawn
    every = all_pairs(num_nodes)
    more = torch.cat([pairs, every[:, [data.draw(st.integers(0, every.size(1) - 1))]]], dim=1).unique(dim=1)
    before, after = (effective_resistance(graph, num_nodes, every) for graph in (pairs, more))
    assert (after <= before + 1e-9).all()


def test_hand_computed():
    square = torch.tensor([[0, 0, 1, 2], [1, 3, 2, 3]])
    # one ohm beside three in a row; two beside two
    pairs = torch.tensor([[0, 0, 2, 1], [1, 2, 0, 1]])
    assert effective_resistance(square, 5, pairs).tolist() == close([3 / 4, 1, 1, 0])
    assert effective_resistance(square, 5, torch.tensor([[0], [4]])).tolist() == [torch.inf]
    # four sides and two diagonals
    assert total_effective_resistance(square, 5) == close(4 * 3 / 4 + 2 * 1)
    # along a path every step is one ohm
    assert effective_resistance(PATH, 4, torch.tensor([[0, 0, 0], [1, 2, 3]])).tolist() == close([1, 2, 3])


def test_total_by_eigenvalues():
    pairs, num_nodes = communities()
    total = 0.0
    graph = nx.Graph(pairs.T.tolist())
    for part in nx.connected_components(graph):
        eigenvalues = nx.laplacian_spectrum(graph.subgraph(part))[1:]
        total += len(part) * (1 / eigenvalues).sum()
    assert total_effective_resistance(pairs, num_nodes) == close(total)


def test_no_edge_and_no_pair():
    none = PATH[:, :0]
    assert effective_resistance(none, 4, PATH).tolist() == [torch.inf] * 3
    assert effective_resistance(PATH, 4, none).shape == (0,)
    assert total_effective_resistance(none, 4) == 0


@pytest.mark.usefixtures("large")
def test_no_edge_and_no_pair_of_a_large_graph():
    none = PATH[:, :0]
    assert effective_resistance(none, 4, PATH, projections=1).tolist() == [torch.inf] * 3
    assert effective_resistance(PATH, 4, none).shape == (0,)
    assert total_effective_resistance(none, 4) == 0


@pytest.mark.parametrize("steps", [1_000, 2])  # conjugate gradients, and what happens where they do not converge
def test_few_pairs_of_a_large_graph(monkeypatch, steps):
    pairs, num_nodes = communities()
    node_pairs = torch.tensor([[0, 80, 5, 7, 3, 0, 9], [40, 81, 60, 8, 80, 81, 9]])
    exact = effective_resistance(pairs, num_nodes, node_pairs)
    assert exact.isinf().tolist() == [False, False, False, False, True, True, False]
    monkeypatch.setattr(resistance, "_DENSE_NODES", 0)
    monkeypatch.setattr(resistance, "_STEPS", steps)
    torch.testing.assert_close(effective_resistance(pairs, num_nodes, node_pairs), exact, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("steps", [1_000, 2])
def test_many_pairs_of_a_large_graph(monkeypatch, steps):
    pairs, num_nodes = communities()
    every = all_pairs(num_nodes)
    exact, total = effective_resistance(pairs, num_nodes, every), total_effective_resistance(pairs, num_nodes)
    monkeypatch.setattr(resistance, "_DENSE_NODES", 0)
    monkeypatch.setattr(resistance, "_STEPS", steps)
    result = effective_resistance(pairs, num_nodes, every, projections=800)
    assert torch.equal(result.isinf(), exact.isinf())
    error = (result / exact - 1)[exact.isfinite()]
    # sqrt(2 / 800) = 0.05, at most
    assert 0.01 < error.square().mean().sqrt() < 0.06
    assert error.abs().max() < 0.3
    assert total_effective_resistance(pairs, num_nodes, projections=800) == close(total, rel=0.06)


@pytest.mark.usefixtures("large")
def test_bridges_are_exact_under_any_projection():
    # whatever the signs, all current of a bridge goes through it
    pairs, num_nodes = communities()
    result = effective_resistance(pairs, num_nodes, pairs, projections=3)
    bridges = [pairs.T.tolist().index(edge) for edge in ([0, 40], [80, 81])]
    assert result[bridges].tolist() == close([1, 1], rel=1e-3)


@pytest.mark.usefixtures("large")
def test_seeds():
    pairs, num_nodes = communities()
    first, again, other = (effective_resistance(pairs, num_nodes, pairs, projections=9, seed=s) for s in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    totals = [total_effective_resistance(pairs, num_nodes, projections=9, seed=seed) for seed in (0, 0, 1)]
    assert totals[0] == totals[1] != totals[2]


def test_a_real_size_stays_exact_for_few_pairs():
    # the path of 4,000 nodes needs the factorisation, the wheel does not
    size = 4_000
    ends = torch.tensor([[0, 10], [size - 1, 20]])
    path = torch.stack([torch.arange(size - 1), torch.arange(1, size)])
    assert effective_resistance(path, size, ends).tolist() == close([size - 1, 10], rel=1e-5)
    wheel = torch.tensor(sorted(map(sorted, nx.wheel_graph(size).edges))).T
    # a spoke of a large wheel: 1 / sqrt(5), as current leaks from the rim by the golden ratio
    assert effective_resistance(wheel, size, torch.tensor([[0], [9]])).tolist() == close([5**-0.5], rel=1e-5)


@pytest.mark.parametrize(
    "measure",
    [
        lambda **options: effective_resistance(PATH, 4, PATH, **options),
        lambda **options: total_effective_resistance(PATH, 4, **options),
    ],
)
def test_bad_options(measure):
    with pytest.raises(BadConfig, match="projections must be at least 1, got 0"):
        measure(projections=0)
    with pytest.raises(BadConfig, match="seed must be an integer"):
        measure(seed=-1)
