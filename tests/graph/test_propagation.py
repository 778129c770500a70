import networkx as nx
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import PATH, STAR, all_pairs, as_weights, edge_weights, pair_sets, slow_means
from torque_core.graph.propagation import Propagation, centred_unit
from torque_core.scoring.pair_features import PairFeatures


@st.composite
def weighted_pair_sets(draw):
    """The edges of a small graph, its number of nodes, and weights or None."""
    pairs, num_nodes = draw(pair_sets())
    return pairs, num_nodes, draw(st.none() | edge_weights(pairs.size(1)))


def random_rows(count, width=3):
    return torch.randn(count, width, dtype=torch.double, generator=torch.Generator().manual_seed(0))


def test_means_on_a_path_are_hand_computed():
    propagation = Propagation(torch.tensor([[6.0], [0.0], [0.0], [12.0]]), PATH)
    assert propagation.weighted_degree.tolist() == [2, 3, 3, 2]
    torch.testing.assert_close(propagation.mean1.flatten(), torch.tensor([3.0, 2, 4, 6]))
    torch.testing.assert_close(propagation.mean2.flatten(), torch.tensor([2.5, 3, 4, 5]))


def test_means_on_a_star_are_hand_computed():
    propagation = Propagation(torch.tensor([[0.0], [4.0], [8.0], [12.0]]), STAR)
    torch.testing.assert_close(propagation.mean1.flatten(), torch.tensor([6.0, 2, 4, 6]))
    torch.testing.assert_close(propagation.mean2.flatten(), torch.tensor([4.5, 4, 5, 6]))


def test_weighted_means_on_a_path_are_hand_computed():
    # degrees 1 + 3, 1 + 3 + 0.5, 1 + 0.5; means (1 * 4 + 3 * 0)/4, (0 + 3 * 4 + 0.5 * 12)/4.5, (12 + 0)/1.5
    propagation = Propagation(torch.tensor([[4.0], [0.0], [12.0]]), PATH[:, :2], torch.tensor([3.0, 0.5]))
    assert propagation.weighted_degree.tolist() == [4, 4.5, 1.5]
    torch.testing.assert_close(propagation.mean1.flatten(), torch.tensor([1.0, 4, 8]))
    # to which the neighbours bring 3 * 4, 3 * 1 + 0.5 * 8 and 0.5 * 4
    torch.testing.assert_close(propagation.mean2.flatten(), torch.tensor([13 / 4, 11 / 4.5, 10 / 1.5]))


@given(weighted_pair_sets())
def test_means_equal_those_of_loops(drawn):
    pairs, num_nodes, weight = drawn
    x = random_rows(num_nodes)
    propagation = Propagation(x, pairs, weight)
    weights = as_weights(pairs, weight)
    for depth, rows in enumerate((propagation.x, propagation.mean1, propagation.mean2)):
        torch.testing.assert_close(rows, slow_means(x, weights, depth))


def test_isolated_nodes_keep_their_own_row():
    x = torch.eye(3)
    propagation = Propagation(x, PATH[:, :0])
    assert torch.equal(propagation.mean1, x)
    assert torch.equal(propagation.mean2, x)


def test_rows_and_node_products_by_name():
    propagation = Propagation(random_rows(4), PATH)
    for name in ("x", "mean1", "mean2"):
        assert propagation.rows(name) is getattr(propagation, name)
        for other in ("x", "mean1", "mean2"):
            expected = (propagation.rows(name) * propagation.rows(other)).sum(dim=1)
            torch.testing.assert_close(propagation.node_product(name, other), expected)


def test_features_are_not_changed():
    x = random_rows(4)
    before = x.clone()
    assert Propagation(x, PATH).mean2.shape == x.shape
    assert torch.equal(x, before)


@given(weighted_pair_sets())
def test_weight_of_is_zero_for_pairs_that_are_not_edges(drawn):
    pairs, num_nodes, weight = drawn
    propagation = Propagation(random_rows(num_nodes), pairs, weight)
    every, weights = all_pairs(num_nodes), as_weights(pairs, weight)
    assert propagation.weight_of(every).tolist() == [weights.get(tuple(pair), 0) for pair in every.T.tolist()]
    assert torch.equal(propagation.weight_of(pairs), propagation.weight_of(pairs.clone()))
    assert propagation.weight_of(every).dtype == torch.double


def test_node_identities_of_a_small_graph_are_one_hot():
    weight = torch.tensor([3.0, 0.5, 1.0])
    names = Propagation(random_rows(4), PATH, weight).node_identities
    assert torch.equal(names.x, torch.eye(4, dtype=torch.double))
    # node 0 reaches itself and, with weight 3, node 1
    assert names.mean1[0].tolist() == [0.25, 0.75, 0, 0]


def test_node_identities_are_one_hot_up_to_4096_nodes():
    def width(nodes):
        return Propagation(torch.zeros(nodes, 1), PATH).node_identities.x.size(1)

    assert width(4_096) == 4_096
    assert width(4_097) == 256


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_node_identities_of_a_large_graph_give_unbiased_estimates(depth):
    # 100 copies of a graph of 60 nodes: each copy has different node identities and so a different estimate
    copies, size = 100, 60
    every = all_pairs(size)
    edges = every[:, torch.rand(every.size(1), generator=torch.Generator().manual_seed(0)) < 0.1]

    def in_all_copies(pairs):
        return (pairs[:, None] + size * torch.arange(copies)[:, None]).flatten(1)

    exact = PairFeatures(Propagation(random_rows(size), edges).node_identities, every).cosine_distance(depth)
    sketched = Propagation(random_rows(copies * size), in_all_copies(edges)).node_identities
    error = PairFeatures(sketched, in_all_copies(every)).cosine_distance(depth).view(copies, -1) - exact
    assert float(error.abs().max()) < 5 / 16  # 177,000 estimates, standard deviation up to 1/16
    assert float(error.std()) < 1.1 / 16
    assert float(error.mean(dim=0).abs().max()) < 5 / 160  # of each pair over the copies
    assert abs(float(error.mean())) < 0.01


def test_node_identities_are_deterministic():
    first, second = (Propagation(torch.zeros(4_097, 1), PATH).node_identities.x for _ in range(2))
    assert torch.equal(first, second)
    torch.testing.assert_close(first.norm(dim=1), torch.ones(4_097))


@given(weighted_pair_sets())
@settings(max_examples=50)
def test_pagerank_equals_that_of_networkx_with_mean_one(drawn):
    pairs, num_nodes, weight = drawn
    graph = nx.Graph()
    graph.add_nodes_from(range(num_nodes))
    graph.add_weighted_edges_from((i, j, w) for (i, j), w in as_weights(pairs, weight).items())
    rank = nx.pagerank(graph, alpha=0.85, tol=1e-12, max_iter=1_000)
    importance = Propagation(random_rows(num_nodes), pairs, weight).pagerank
    assert importance.tolist() == pytest.approx([num_nodes * rank[node] for node in range(num_nodes)], rel=1e-6)
    assert float(importance.mean()) == pytest.approx(1)


def test_pagerank_on_a_star_is_hand_computed():
    # leaf: r = 0.15 + 0.85 c / 3; middle: c = 0.15 + 0.85 * 3 r, so c (1 - 0.85^2) = 0.15 (1 + 3 * 0.85)
    middle = 0.15 * 3.55 / 0.2775
    leaf = 0.15 + 0.85 * middle / 3
    assert Propagation(torch.zeros(4, 1), STAR).pagerank.tolist() == pytest.approx([middle, leaf, leaf, leaf])


@given(st.integers(2, 8), st.integers(3, 6), st.integers(0, 2**31), st.sampled_from([1e-3, 1.0, 1e3]))
def test_centred_unit_rows_have_length_one(nodes, width, seed, scale):
    generator = torch.Generator().manual_seed(seed)
    x = torch.randn(nodes, width, generator=generator) * scale
    rows = centred_unit(x)
    torch.testing.assert_close(rows.norm(dim=1), torch.ones(nodes))
    direction = x - x.mean(dim=0)
    assert bool(((rows * direction).sum(dim=1) > 0).all())
    torch.testing.assert_close(centred_unit(10 * x), rows, atol=1e-4, rtol=0)  # units do not matter


def test_rare_features_have_more_weight():
    # both words split the nodes, 1 : 3 and 2 : 2; deviations sqrt(3) / 4 and 1 / 2
    x = torch.tensor([[1.0, 1.0], [0.0, 1.0], [0.0, 0.0], [0.0, 0.0]]).double()
    scaled = torch.tensor([0.75 / (3**0.5 / 4) ** 0.5, 0.5 / 0.5**0.5]).double()
    torch.testing.assert_close(centred_unit(x)[0], scaled / scaled.norm())


def test_a_constant_feature_is_ignored():
    x = random_rows(5)
    torch.testing.assert_close(centred_unit(torch.cat([x, torch.full((5, 1), 0.1)], dim=1))[:, :-1], centred_unit(x))


def test_centred_unit_ignores_a_common_offset():
    x = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
    torch.testing.assert_close(centred_unit(x + 5), centred_unit(x), atol=1e-5, rtol=0)


@pytest.mark.parametrize("value", [0.0, 1.0, 0.1, -1e6, 1e-8])
def test_constant_features_give_zero_rows(value):
    assert not centred_unit(torch.full((7, 3), value)).any()


def test_centred_unit_does_not_change_its_input_and_has_gradients():
    x = random_rows(5)
    before = x.clone()
    rows = centred_unit(x)
    assert torch.equal(x, before)
    assert torch.equal(centred_unit(x.clone().requires_grad_()), rows)
    assert torch.autograd.gradcheck(centred_unit, x.requires_grad_())
