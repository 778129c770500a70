import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.data import Data

from tests.conftest import PATH, STAR, all_pairs, as_set, pair_sets
from torque_core.baselines import SDRF, forman
from torque_core.baselines.forman import FormanGraph
from torque_core.graph.pairs import pairs_to_edge_index, undirected_pairs


def curvatures(pairs, num_nodes):
    return FormanGraph(pairs.numpy(), num_nodes).curvature


def by_definition(edges, num_nodes, i, j):
    """Definition 1 of the paper, word by word."""
    a = np.zeros((num_nodes, num_nodes), dtype=int)
    for k, m in edges:
        a[k, m] = a[m, k] = 1
    near = [set(np.flatnonzero(row).tolist()) for row in a]
    d_i, d_j = len(near[i]), len(near[j])
    if min(d_i, d_j) == 1:
        return 0.0
    triangles = len(near[i] & near[j])
    squares_i = {k for k in near[i] - near[j] - {j} if (near[k] & near[j]) - near[i] - {i}}
    squares_j = {k for k in near[j] - near[i] - {i} if (near[k] & near[i]) - near[j] - {j}}
    assert bool(squares_i) == bool(squares_j)
    ric = 2 / d_i + 2 / d_j - 2 + 2 * triangles / max(d_i, d_j) + triangles / min(d_i, d_j)
    if squares_i:
        gamma = max(
            max(int(a[k] @ (a[j] - a[i] * a[j])) - 1 for k in squares_i),
            max(int(a[w] @ (a[i] - a[j] * a[i])) - 1 for w in squares_j),
        )
        ric += (len(squares_i) + len(squares_j)) / (gamma * max(d_i, d_j))
    return ric


def slow_curvatures(edges, num_nodes):
    return {(i, j): by_definition(edges, num_nodes, i, j) for i, j in edges}


def cycle(length):
    node = torch.arange(length)
    return undirected_pairs(torch.stack([node, (node + 1) % length]), length)


@pytest.mark.parametrize(("length", "expected"), [(3, 1.5), (4, 1.0), (5, 0.0), (6, 0.0), (9, 0.0)])
def test_cycles(length, expected):
    assert list(curvatures(cycle(length), length).values()) == pytest.approx([expected] * length)


@pytest.mark.parametrize("nodes", [3, 4, 5, 8])
def test_a_complete_graph(nodes):
    found = curvatures(all_pairs(nodes), nodes)
    assert list(found.values()) == pytest.approx([nodes / (nodes - 1)] * len(found))


def test_a_path_and_a_star():
    assert curvatures(PATH, 4) == {(0, 1): 0, (1, 2): 0, (2, 3): 0}
    assert curvatures(STAR, 4) == {(0, 1): 0, (0, 2): 0, (0, 3): 0}


def test_a_tree():
    # nodes 0 and 1 have three children or neighbours besides each other, all leaves
    tree = torch.tensor([[0, 0, 0, 0, 1, 1, 1], [1, 2, 3, 4, 5, 6, 7]])
    found = curvatures(tree, 8)
    assert found.pop((0, 1)) == pytest.approx(4 / 4 - 2)
    assert set(found.values()) == {0.0}


def test_a_grid():
    # on a torus every node has four neighbours and every edge lies in two squares
    side = 6
    node = torch.arange(side * side).view(side, side)
    right, down = node.roll(-1, dims=1), node.roll(-1, dims=0)
    edges = torch.stack([torch.cat([node, node]).flatten(), torch.cat([right, down]).flatten()])
    found = curvatures(undirected_pairs(edges, side * side), side * side)
    assert len(found) == 72
    assert list(found.values()) == pytest.approx([2 / 4 + 2 / 4 - 2 + 4 / 4] * 72)


def test_a_complete_bipartite_graph():
    # of the edge (0, 2): one neighbour of 0 and one of 2 are not its ends for K(2, 2); two and one for K(2, 3)
    pairs = torch.tensor([[0, 0, 0, 1, 1, 1], [2, 3, 4, 2, 3, 4]])
    # node 0 has degree 3 and its neighbours 3, 4 are adjacent to 1: rows 3 and 4, column 1, whose sum is 2
    expected = 2 / 3 + 2 / 2 - 2 + (2 + 1) / (2 * 3)
    assert list(curvatures(pairs, 5).values()) == pytest.approx([expected] * 6)


@given(pair_sets(max_nodes=9))
@settings(max_examples=150)
def test_fast_is_by_definition(drawn):
    pairs, num_nodes = drawn
    assert curvatures(pairs, num_nodes) == pytest.approx(slow_curvatures(as_set(pairs), num_nodes))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("most", [20, 1 << 24])
def test_fast_is_by_definition_on_larger_graphs(seed, most, monkeypatch):
    monkeypatch.setattr(forman, "_MAX_NUMBERS", most)  # in small blocks, and in one
    generator = torch.Generator().manual_seed(seed)
    ends = torch.randint(15, (2, 60), generator=generator)
    hub = torch.stack([torch.zeros(13, dtype=torch.long), torch.arange(1, 14)])
    pairs = undirected_pairs(torch.cat([ends, hub], dim=1), 15)
    assert curvatures(pairs, 15) == pytest.approx(slow_curvatures(as_set(pairs), 15))


@given(pair_sets(min_nodes=3, max_nodes=9), st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=8))
@settings(max_examples=150)
def test_changes_are_followed(drawn, changes):
    pairs, num_nodes = drawn
    graph, edges = FormanGraph(pairs.numpy(), num_nodes), as_set(pairs)
    for first, second in changes:
        i, j = first % num_nodes, second % num_nodes
        if i == j:
            continue
        pair = (min(i, j), max(i, j))
        if pair in edges:
            graph.remove(i, j)
        else:
            graph.add(i, j)
        edges = edges ^ {pair}
        assert graph.curvature == pytest.approx(slow_curvatures(edges, num_nodes))


@given(pair_sets(min_nodes=3, max_nodes=8))
@settings(max_examples=150)
def test_gains_are_what_adding_gives(drawn):
    pairs, num_nodes = drawn
    edges = as_set(pairs)
    graph = FormanGraph(pairs.numpy(), num_nodes)
    for i, j in edges:
        gains = graph.gains(i, j)
        assert gains.first.tolist() == sorted({i, *graph.neighbours[i].tolist()})
        assert gains.second.tolist() == sorted({j, *graph.neighbours[j].tolist()})
        now = by_definition(edges, num_nodes, i, j)
        for row, k in enumerate(gains.first.tolist()):
            for column, m in enumerate(gains.second.tolist()):
                pair = (min(k, m), max(k, m))
                expected = -math.inf
                if k != m and pair not in edges:
                    expected = by_definition(edges | {pair}, num_nodes, i, j) - now
                assert gains.values[row, column] == pytest.approx(expected)


def slow_sdrf(pairs, num_nodes, *, iterations, temperature, removal_bound, seed):
    """The paper's algorithm, everything anew at every step."""
    edges, generator = as_set(pairs), np.random.default_rng(seed)

    def ball(node):
        return sorted({node} | {other for edge in edges if node in edge for other in edge})

    for _ in range(iterations):
        done = False
        curvature = slow_curvatures(edges, num_nodes)
        if curvature:
            i, j = min(curvature, key=lambda pair: (round(curvature[pair], 9), pair))
            links = [(k, m) for k in ball(i) for m in ball(j)]
            new = [k != m and (min(k, m), max(k, m)) not in edges for k, m in links]
            if any(new):
                x = [
                    by_definition(edges | {(min(link), max(link))}, num_nodes, i, j) - curvature[i, j] if fits else None
                    for link, fits in zip(links, new, strict=True)
                ]
                highest = max(gain for gain in x if gain is not None)
                likelihood = np.array([0 if gain is None else math.exp(temperature * (gain - highest)) for gain in x])
                link = links[generator.choice(len(links), p=likelihood / likelihood.sum())]
                edges.add((min(link), max(link)))
                done = True
        curvature = slow_curvatures(edges, num_nodes)
        if removal_bound is not None and curvature:
            highest = min(curvature, key=lambda pair: (-round(curvature[pair], 9), pair))
            if curvature[highest] > removal_bound:
                edges.remove(highest)
                done = True
        if not done:
            break
    return edges


def run(pairs, num_nodes, **options):
    data = Data(x=torch.ones(num_nodes, 1), edge_index=pairs_to_edge_index(pairs))
    return as_set(undirected_pairs(SDRF(**options)(data).edge_index, num_nodes))


@given(
    pair_sets(min_nodes=3, max_nodes=9),
    st.sampled_from([0.0, 3.0, 50.0]),
    st.sampled_from([None, 0.45, 1.17]),
    st.integers(0, 99),
)
@settings(max_examples=80)
def test_the_flow_is_the_papers(drawn, temperature, removal_bound, seed):
    pairs, num_nodes = drawn
    options = {"iterations": 4, "temperature": temperature, "removal_bound": removal_bound, "seed": seed}
    assert run(pairs, num_nodes, **options) == slow_sdrf(pairs, num_nodes, **options)


BARBELL = torch.cat([all_pairs(5), all_pairs(5) + 5, torch.tensor([[4], [5]])], dim=1)


def test_the_bottleneck_is_relieved():
    # the bridge (4, 5) has curvature 2/5 + 2/5 - 2, all other edges are positive
    before = curvatures(BARBELL, 10)
    assert min(before, key=before.get) == (4, 5)
    assert before[4, 5] == pytest.approx(-1.2)
    added = run(BARBELL, 10, iterations=1, temperature=1e6) - as_set(BARBELL)
    (link,) = added
    gained = curvatures(undirected_pairs(torch.cat([BARBELL, torch.tensor(list(added)).T], dim=1), 10), 10)[4, 5]
    # a triangle gives 2/6 + 2/5 - 2 + 2/6 + 1/5 = -0.733; a square 2/5 + 2/5 - 2 + 2/5 = -0.8
    assert gained == pytest.approx(-11 / 15)
    assert (link[0] == 4) != (link[1] == 5)


def test_removal_bound():
    kept = run(BARBELL, 10, iterations=3, removal_bound=2.0)
    assert as_set(BARBELL) < kept
    assert len(kept) == len(as_set(BARBELL)) + 3
    assert len(run(BARBELL, 10, iterations=3, removal_bound=0.5)) == len(as_set(BARBELL))


def test_a_high_temperature_is_sure_and_the_seed_draws():
    assert len({frozenset(run(BARBELL, 10, iterations=1, temperature=0.0, seed=seed)) for seed in range(20)}) > 5
    for seed in range(20):
        (link,) = run(BARBELL, 10, iterations=1, temperature=1e6, seed=seed) - as_set(BARBELL)
        assert (link[0] == 4) != (link[1] == 5)


def test_links_of_equal_gain_are_drawn_alike():
    counts = {}
    for seed in range(200):
        (link,) = run(BARBELL, 10, iterations=1, temperature=1e6, seed=seed) - as_set(BARBELL)
        counts[link] = counts.get(link, 0) + 1
    # 4 to one of four nodes beyond 5, or 5 to one of four beyond 4
    assert len(counts) == 8
    assert all(abs(count - 25) < 5 * math.sqrt(200 / 8 * 7 / 8) for count in counts.values())


def test_it_ends_where_nothing_is_left_to_do():
    complete = all_pairs(4)
    assert run(complete, 4, iterations=10) == as_set(complete)
    assert run(complete[:, :0], 4, iterations=10, removal_bound=0.0) == set()
    # one edge in two, and nothing to be linked around it
    assert run(torch.tensor([[0], [1]]), 2, iterations=10) == {(0, 1)}


@pytest.mark.timeout(60)
def test_a_hub_of_many_leaves():
    leaves = 3_000
    star = torch.stack([torch.zeros(leaves, dtype=torch.long), torch.arange(1, leaves + 1)])
    assert len(run(star, leaves + 1, iterations=3)) == leaves + 3
