import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.data import Data

from tests.conftest import as_set, pair_sets
from torque_core.baselines import GCNJaccard
from torque_core.baselines.jaccard import feature_similarity
from torque_core.graph.pairs import pairs_to_edge_index, undirected_pairs


def run(x, pairs, **options):
    rewired = GCNJaccard(**options)(Data(x=x, edge_index=pairs_to_edge_index(pairs)))
    return as_set(undirected_pairs(rewired.edge_index, len(x)))


def slow_similarity(x, i, j):
    a, b = x[i].double(), x[j].double()
    if set(x.unique().tolist()) <= {0.0, 1.0}:
        first, second = set(a.nonzero().flatten().tolist()), set(b.nonzero().flatten().tolist())
        return len(first & second) / len(first | second) if first | second else 0.0
    return float(a @ b / (a.norm() * b.norm())) if a.norm() and b.norm() else 0.0


@given(pair_sets(), st.integers(1, 6), st.booleans(), st.integers(0, 99))
@settings(max_examples=80)
def test_fast_is_naive(drawn, width, binary, seed):
    pairs, num_nodes = drawn
    generator = torch.Generator().manual_seed(seed)
    x = torch.randint(2, (num_nodes, width), generator=generator).float()
    if not binary:
        x = x * torch.randn(num_nodes, width, generator=generator)
    expected = [slow_similarity(x, i, j) for i, j in pairs.T.tolist()]
    assert feature_similarity(x, pairs).tolist() == pytest.approx(expected, abs=1e-6)
    for threshold in (0.0, 0.3, -0.2):
        stays = {pair for pair, value in zip(as_list(pairs), expected, strict=True) if value > threshold + 1e-6}
        may_stay = {pair for pair, value in zip(as_list(pairs), expected, strict=True) if value > threshold - 1e-6}
        assert stays <= run(x, pairs, threshold=threshold) <= may_stay


def as_list(pairs):
    return list(map(tuple, pairs.T.tolist()))


PAIRS = torch.tensor([[0, 0, 1, 2], [1, 2, 3, 3]])


def test_binary_features_by_hand():
    x = torch.tensor([[1.0, 1, 1, 0], [0, 1, 1, 1], [0, 0, 0, 1], [1, 0, 0, 0]])
    # 2 of 4, none, none, none
    assert feature_similarity(x, PAIRS).tolist() == [0.5, 0, 0, 0]
    assert run(x, PAIRS) == {(0, 1)}
    assert run(x, PAIRS, threshold=0.5) == set()
    assert run(x, PAIRS, threshold=-1.0) == as_set(PAIRS)


def test_other_features_by_hand():
    x = torch.tensor([[3.0, 4.0], [4.0, 3.0], [-4.0, 3.0], [-3.0, 4.0]])
    assert feature_similarity(x, PAIRS).tolist() == pytest.approx([24 / 25, 0, 0, 24 / 25])
    assert run(x, PAIRS) == {(0, 1), (2, 3)}
    # scaled rows are as alike as before, also binary ones
    binary = torch.tensor([[1.0, 1, 0], [0, 1, 1], [0, 0, 1], [1, 0, 0]])
    assert run(binary, PAIRS) == run(binary / binary.sum(dim=1, keepdim=True), PAIRS) == {(0, 1)}


def test_a_node_without_features_is_like_none():
    x = torch.tensor([[0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [1.0, 1.0]])
    assert run(x, PAIRS) == {(2, 3)}
    assert run(2 * x, PAIRS) == {(2, 3)}
