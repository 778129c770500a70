import networkx as nx
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog
from torch_geometric.data import Data

from tests.conftest import PATH, STAR, all_pairs, as_set, pair_sets
from torque_core.baselines import BORF
from torque_core.baselines.ollivier import ollivier_ricci, transports
from torque_core.graph.pairs import pairs_to_edge_index, undirected_pairs


def curvatures(pairs, num_nodes):
    return dict(zip(map(tuple, pairs.T.tolist()), ollivier_ricci(pairs.numpy(), num_nodes).tolist(), strict=True))


def slow_curvature(graph, u, v):
    """One linear program over all plans, with distances from breadth-first search."""
    sources, targets = sorted(graph[u]), sorted(graph[v])
    hops = dict(nx.all_pairs_shortest_path_length(graph))
    cost = np.array([[hops[p][q] for q in targets] for p in sources], dtype=float)
    rows = np.kron(np.eye(len(sources)), np.ones(len(targets)))
    columns = np.kron(np.ones(len(sources)), np.eye(len(targets)))
    mass = np.concatenate([np.full(len(sources), 1 / len(sources)), np.full(len(targets), 1 / len(targets))])
    found = linprog(cost.ravel(), A_eq=np.vstack([rows, columns]), b_eq=mass, method="highs")
    assert found.status == 0
    return 1 - found.fun


def cycle(length):
    node = torch.arange(length)
    return undirected_pairs(torch.stack([node, (node + 1) % length]), length)


@pytest.mark.parametrize(("length", "expected"), [(3, 0.5), (4, 0.0), (5, 0.0), (6, 0.0), (8, 0.0)])
def test_cycles(length, expected):
    assert list(curvatures(cycle(length), length).values()) == [expected] * length


@pytest.mark.parametrize("nodes", [2, 3, 4, 5, 8])
def test_a_complete_graph(nodes):
    # all but the two ends themselves is shared: one mass of 1 / (n - 1) goes one step
    found = curvatures(all_pairs(nodes), nodes)
    assert list(found.values()) == pytest.approx([(nodes - 2) / (nodes - 1)] * len(found))


def test_a_path_and_a_star():
    assert set(curvatures(PATH, 4).values()) == {0.0}
    assert set(curvatures(STAR, 4).values()) == {0.0}


@pytest.mark.parametrize(("first", "second"), [(2, 2), (1, 3), (3, 4), (1, 1)])
def test_a_tree(first, second):
    # an edge with so many leaves at either end: kappa = -2 max(0, 1 - 1/d_u - 1/d_v)
    leaves = torch.arange(2, 2 + first + second)
    inner = torch.tensor([0] * first + [1] * second)
    tree = torch.cat([torch.tensor([[0], [1]]), torch.stack([inner, leaves])], dim=1)
    found = curvatures(undirected_pairs(tree, 2 + first + second), 2 + first + second)
    assert found.pop((0, 1)) == pytest.approx(-2 * max(0, 1 - 1 / (1 + first) - 1 / (1 + second)))
    assert list(found.values()) == pytest.approx([0.0] * (first + second))


@given(pair_sets(max_nodes=9))
@settings(max_examples=60)
def test_fast_is_a_linear_program(drawn):
    pairs, num_nodes = drawn
    graph = nx.Graph(pairs.T.tolist())
    for (u, v), found in curvatures(pairs, num_nodes).items():
        assert found == pytest.approx(slow_curvature(graph, u, v), abs=1e-9)


@pytest.mark.parametrize("seed", range(2))
def test_fast_is_a_linear_program_on_a_larger_graph(seed):
    generator = torch.Generator().manual_seed(seed)
    pairs = undirected_pairs(torch.randint(40, (2, 110), generator=generator), 40)
    graph = nx.Graph(pairs.T.tolist())
    for (u, v), found in curvatures(pairs, 40).items():
        assert found == pytest.approx(slow_curvature(graph, u, v), abs=1e-9)


@given(pair_sets(min_nodes=3, max_nodes=9))
@settings(max_examples=60)
def test_plans_move_one_measure_to_the_other(drawn):
    pairs, num_nodes = drawn
    graph = nx.Graph(pairs.T.tolist())
    hops = dict(nx.all_pairs_shortest_path_length(graph))
    seen = []
    for plan in transports(pairs.numpy(), num_nodes, range(pairs.size(1))):
        u, v = pairs[:, plan.edge].tolist()
        sides = [sorted(graph[u]), sorted(graph[v])]
        assert [plan.sources.tolist(), plan.targets.tolist()] in (sides, sides[::-1])
        assert (plan.moved >= 0).all()
        assert (plan.moved.sum(axis=1) * len(plan.sources) == plan.unit).all()
        assert (plan.moved.sum(axis=0) * len(plan.targets) == plan.unit).all()
        assert plan.distances.tolist() == [[hops[p][q] for q in plan.targets] for p in plan.sources]
        seen.append(plan.edge)
    assert sorted(seen) == list(range(pairs.size(1)))


def run(pairs, num_nodes, **options):
    data = Data(x=torch.ones(num_nodes, 1), edge_index=pairs_to_edge_index(pairs))
    return as_set(undirected_pairs(BORF(**options)(data).edge_index, num_nodes))


@given(pair_sets(min_nodes=4, max_nodes=9), st.integers(0, 4), st.integers(0, 4))
@settings(max_examples=60)
def test_a_batch(drawn, add, remove):
    pairs, num_nodes = drawn
    edges, graph = as_set(pairs), nx.Graph(pairs.T.tolist())
    hops = dict(nx.all_pairs_shortest_path_length(graph))
    found = run(pairs, num_nodes, batches=1, add=add, remove=remove)
    curvature = curvatures(pairs, num_nodes)
    highest = sorted(edges, key=lambda edge: (-curvature[edge], edge))[:remove]
    assert edges - found == set(highest)
    lowest = sorted(edges, key=lambda edge: (curvature[edge], edge))[:add]
    around = set()
    for plan in transports(pairs.numpy(), num_nodes, [sorted(edges).index(edge) for edge in lowest]):
        cost = plan.distances * plan.moved
        row, column = (int(index[0]) for index in np.nonzero(cost == cost.max()))
        p, q = sorted((int(plan.sources[row]), int(plan.targets[column])))
        if hops[p][q] > 1:
            around.add((p, q))
    assert found - edges == around


def test_batches_follow_each_other():
    generator = torch.Generator().manual_seed(0)
    pairs = undirected_pairs(torch.randint(20, (2, 40), generator=generator), 20)
    once = run(pairs, 20, batches=1, add=3, remove=2)
    then = torch.tensor(sorted(once)).T
    assert run(pairs, 20, batches=2, add=3, remove=2) == run(then, 20, batches=1, add=3, remove=2)
    assert run(pairs, 20, batches=0) == as_set(pairs)


def test_the_bottleneck_gets_a_way_around():
    barbell = torch.cat([all_pairs(5), all_pairs(5) + 5, torch.tensor([[4], [5]])], dim=1)
    curvature = curvatures(barbell[:, barbell[0].argsort(stable=True)], 10)
    # three fifths of the mass go three steps from clique to clique, one goes to 4, and that of 5 one step beyond
    assert curvature[4, 5] == pytest.approx(1 - (3 * 3 + 1 + 1) / 5)
    assert min(curvature, key=curvature.get) == (4, 5)
    ((p, q),) = run(barbell, 10, batches=1, add=1, remove=0) - as_set(barbell)
    assert p < 4
    assert q > 5


def test_a_batch_larger_than_the_graph():
    assert run(all_pairs(4), 4, batches=1, add=100, remove=100) == set()
    assert run(PATH[:, :1], 2, batches=3, add=5, remove=0) == {(0, 1)}
