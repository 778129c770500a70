import torch

from torque_core.bench.graphs import BENCH_GRAPHS, BenchGraph
from torque_core.diagnostics import edge_homophily
from torque_core.graph.pairs import undirected_pairs


def test_sizes_are_those_asked_for():
    data = BENCH_GRAPHS["cora"].make()
    assert data.x.shape == (2_708, 1_433)
    assert 0.98 * 5_278 < data.num_edges / 2 <= 5_278  # a few are drawn twice
    assert data.is_undirected()
    assert not data.has_self_loops()
    assert set(data.x.unique().tolist()) == {0.0, 1.0}
    assert 9 < data.x.sum(dim=1).mean() <= 18


def test_a_seed_gives_one_graph():
    first, second = BenchGraph(50, 100, 4).make(1), BenchGraph(50, 100, 4).make(1)
    assert torch.equal(first.x, second.x)
    assert torch.equal(first.edge_index, second.edge_index)


def test_edges_follow_the_classes_so_that_there_is_something_to_cut():
    # 70 % join one class; of the others a seventh does by chance: .7 + .3 / 7 = .74
    data = BenchGraph(2_000, 20_000, 4).make()
    assert abs(edge_homophily(undirected_pairs(data.edge_index, 2_000), data.y) - 0.743) < 0.02


def test_a_heavy_tail_has_hubs():
    def largest(heavy):
        data = BenchGraph(5_000, 20_000, 2, heavy_tail=heavy).make()
        return int(torch.bincount(data.edge_index[0]).max())

    assert largest(heavy=False) < 40 < 100 < largest(heavy=True)
