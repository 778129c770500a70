import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch_geometric.data import Data

from tests.conftest import PATH, as_set
from torque_core.baselines import DelaunayRewire, delaunay
from torque_core.errors import MissingDependency
from torque_core.graph.pairs import pairs_to_edge_index, undirected_pairs


def run(x, pairs=PATH, **options):
    data = Data(x=torch.as_tensor(x, dtype=torch.float), edge_index=pairs_to_edge_index(pairs))
    return as_set(undirected_pairs(DelaunayRewire(**options)(data).edge_index, len(data.x)))


KITE = [[0.0, 0.0], [2.0, 1.0], [2.0, -1.0], [9.0, 0.0]]


def test_of_two_diagonals_the_short_one_is_an_edge():
    # the circle around 0, 1 and 2 has its centre at (1.25, 0) and does not reach 3
    assert run(KITE) == {(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)}


def test_the_given_edges_are_ignored():
    assert run(KITE, torch.tensor([[0], [3]])) == run(KITE) == run(KITE, PATH[:, :0])


def in_circle(a, b, c, d):
    """Whether d is in the circle through a, b and c, by the determinant."""
    rows = [[p[0] - d[0], p[1] - d[1], (p[0] - d[0]) ** 2 + (p[1] - d[1]) ** 2] for p in (a, b, c)]
    turn = np.linalg.det([[*p, 1] for p in (a, b, c)])
    return np.linalg.det(rows) * np.sign(turn) > 1e-9


@given(st.integers(4, 9), st.integers(0, 999))
@settings(max_examples=40)
def test_edges_are_those_of_empty_circles(nodes, seed):
    points = np.random.default_rng(seed).normal(size=(nodes, 2))
    every = range(nodes)
    expected = set()
    for a in every:
        for b in range(a + 1, nodes):
            for c in range(b + 1, nodes):
                others = set(every) - {a, b, c}
                if not any(in_circle(*points[[a, b, c]], points[d]) for d in others):
                    expected |= {(a, b), (a, c), (b, c)}
    assert as_set(DelaunayRewire()._triangulate(points)) == expected


@pytest.mark.parametrize("width", [1, 3, 40])
def test_equal_nodes_and_points_on_a_line_are_joined(width):
    for x in (torch.zeros(8, width), torch.arange(8.0)[:, None].expand(8, width), torch.ones(8, width).cumsum(1)):
        found = run(x)
        assert {node for pair in found for node in pair} == set(range(8))
        assert len(found) <= 3 * 8 - 6


def test_up_to_three_nodes_are_all_joined():
    assert run(torch.rand(3, 5), PATH[:, :2]) == {(0, 1), (0, 2), (1, 2)}
    assert run(torch.rand(2, 5), PATH[:, :1]) == {(0, 1)}


def test_components_of_many_features_are_those_of_few(monkeypatch):
    x = torch.randn(60, 30, generator=torch.Generator().manual_seed(0)) * torch.linspace(3, 0.1, 30)
    dense = delaunay._principal_components(x)
    left, values, _ = np.linalg.svd((x - x.mean(dim=0)).double().numpy())
    expected = left[:, :2] * values[:2]
    assert np.abs(dense) == pytest.approx(np.abs(expected), abs=1e-5)
    monkeypatch.setattr(delaunay, "_DENSE_UP_TO", 10)
    assert np.abs(delaunay._principal_components(x)) == pytest.approx(np.abs(expected), abs=1e-5)


def test_umap_gets_the_features_and_the_seed(monkeypatch):
    calls = []

    class Reducer:
        def __init__(self, **options):
            calls.append(options)

        def fit_transform(self, x):
            return np.asarray(KITE, dtype=np.float32) + 0 * x[:, :2]

    monkeypatch.setitem(sys.modules, "umap", SimpleNamespace(UMAP=Reducer))
    assert run(torch.rand(4, 5), reduction="umap", seed=3) == run(KITE)
    assert calls == [{"n_components": 2, "random_state": 3}]
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(MissingDependency, match="umap-learn is not installed; install it, or choose reduction='pca'"):
        run(KITE, reduction="umap")
