import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.data import Data

from tests.conftest import as_set, pair_sets, unit_rows
from torque_core.baselines import CosineRewire
from torque_core.graph.pairs import pairs_to_edge_index, undirected_pairs
from torque_core.utils import nearest


def run(x, pairs, **options):
    rewired = CosineRewire(**options)(Data(x=x, edge_index=pairs_to_edge_index(pairs)))
    return as_set(undirected_pairs(rewired.edge_index, len(x)))


def slow(x, pairs, fraction, neighbours):
    near = unit_rows(x.double())
    edges = as_set(pairs)
    by_similarity = sorted(edges, key=lambda edge: float(near[edge[0]] @ near[edge[1]]))
    found = set(by_similarity[round(fraction * len(edges)) :])
    for node in range(len(x)):
        free = [other for other in range(len(x)) if other != node and (min(node, other), max(node, other)) not in edges]
        free.sort(key=lambda other: -float(near[node] @ near[other]))
        found |= {(min(node, other), max(node, other)) for other in free[:neighbours]}
    return found


@given(pair_sets(max_nodes=12), st.sampled_from([0.0, 0.1, 0.5, 1.0]), st.integers(0, 12), st.integers(0, 99))
@settings(max_examples=100)
def test_fast_is_naive(drawn, fraction, neighbours, seed):
    pairs, num_nodes = drawn
    x = torch.randn(num_nodes, 6, generator=torch.Generator().manual_seed(seed))
    assert run(x, pairs, fraction=fraction, neighbours=neighbours) == slow(x, pairs, fraction, neighbours)


def test_more_nodes_and_a_hub():
    generator = torch.Generator().manual_seed(0)
    hub = torch.stack([torch.zeros(150, dtype=torch.long), torch.arange(1, 151)])
    pairs = undirected_pairs(torch.cat([hub, torch.randint(200, (2, 300), generator=generator)], dim=1), 200)
    x = torch.randn(200, 100, generator=generator)
    assert run(x, pairs, fraction=0.3, neighbours=3) == slow(x, pairs, 0.3, 3)


def test_by_hand():
    x = torch.tensor([[1.0, 0.0], [2.0, 0.1], [0.0, 1.0], [0.1, 3.0]])
    path = torch.tensor([[0, 1, 2], [1, 2, 3]])
    assert run(x, path, fraction=1 / 3, neighbours=0) == {(0, 1), (2, 3)}
    assert run(x, path, fraction=0.0, neighbours=0) == as_set(path)
    # 0 and 3 each have two left to choose from, 1 and 2 one
    assert run(x, path, fraction=1.0, neighbours=1) == {(0, 3), (1, 3), (0, 2)}


def test_ties_go_by_edge_id():
    x = torch.ones(4, 2)
    path = torch.tensor([[0, 1, 2], [1, 2, 3]])
    assert run(x, path, fraction=1 / 3, neighbours=0) == {(1, 2), (2, 3)}


@pytest.mark.parametrize("zero", [False, True])
def test_the_inverted_file(monkeypatch, zero):
    generator = torch.Generator().manual_seed(0)
    centre = torch.randn(30, 16, generator=generator)
    x = centre.repeat_interleave(40, dim=0) + 0.3 * torch.randn(1_200, 16, generator=generator)
    x = 0 * x if zero else x
    pairs = undirected_pairs(torch.randint(1_200, (2, 3_000), generator=generator), 1_200)
    exact = run(x, pairs, fraction=0.0, neighbours=4)
    monkeypatch.setattr(nearest, "_EXACT_UP_TO", 100)
    first, again = (run(x, pairs, fraction=0.0, neighbours=4) for _ in range(2))
    assert first == again
    assert as_set(pairs) < first
    if not zero:
        assert len(first & exact - as_set(pairs)) > 0.8 * len(exact - as_set(pairs))
