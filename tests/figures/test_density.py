import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from torque_core.figures import density
from torque_core.figures.density import edge_density


def test_edges_add_up_where_they_cross():
    position = np.array([[0.0, 2.5], [5.0, 2.5], [2.5, 0.0], [2.5, 5.0]])
    density_image = edge_density(position, np.array([[0, 2], [1, 3]]), (5, 5))
    expected = np.zeros((5, 5))
    expected[2] += 1
    expected[:, 2] += 1
    assert density_image.tolist() == expected.tolist()


def test_the_direction_of_an_edge_does_not_matter():
    position = np.array([[1.0, 0.0], [1.0, 8.0]])
    one, other = (edge_density(position, np.array(pair), (9, 3)) for pair in ([[0], [1]], [[1], [0]]))
    assert one[:8, 1].tolist() == [1] * 8
    assert one.sum() == other.sum() == 8


@given(st.integers(0, 99), st.integers(0, 30))
def test_the_total_is_the_sum_of_the_longer_sides(seed, edges):
    generator = np.random.default_rng(seed)
    position = generator.random((10, 2)) * (40, 30)
    pairs = generator.integers(0, 10, (2, edges))
    density_image = edge_density(position, pairs, (30, 40))
    sides = np.abs(position[pairs[0]] - position[pairs[1]]).max(axis=1)
    assert density_image.shape == (30, 40)
    assert abs(density_image.sum() - sides.sum()) <= edges  # each edge to a dot


def test_fewer_dots_have_a_larger_weight(monkeypatch):
    generator = np.random.default_rng(0)
    position = generator.random((200, 2)) * 50
    pairs = generator.integers(0, 200, (2, 20_000))
    every = edge_density(position, pairs, (50, 50))
    monkeypatch.setattr(density, "_MAX_DOTS", 100_000)
    some = edge_density(position, pairs, (50, 50))
    assert some.sum() == pytest.approx(every.sum(), rel=0.01)
    assert np.unique(some)[1] > 2  # what a single dot counts for
    assert np.corrcoef(some.ravel(), every.ravel())[0, 1] > 0.95


@pytest.mark.parametrize("dashed", [False, True])
@pytest.mark.parametrize("max_dots", [6_000_000, 4_000])
def test_fast_is_naive(monkeypatch, dashed, max_dots):
    monkeypatch.setattr(density, "_MAX_DOTS", max_dots)
    generator = np.random.default_rng(3)
    position = (generator.random((40, 2)) * (60, 50)).astype(np.float32)
    pairs = generator.integers(0, 40, (2, 500))
    expected = np.zeros((50, 60))
    start, direction = position[pairs[0]], position[pairs[1]] - position[pairs[0]]
    length = np.abs(direction).max(axis=1)
    spacing = max(1.0, float(length.sum(dtype=np.float64)) / max_dots)
    for edge, phase in enumerate(np.random.default_rng(0).random(500, np.float32)):
        stride = direction[edge] * (spacing / max(length[edge], 1e-9))
        for dot in range(max(0, int(np.ceil(length[edge] / spacing - phase)))):
            if not dashed or dot * spacing % 12 < 7:
                column, row = (start[edge] + stride * phase).astype(float) + stride.astype(float) * dot
                expected[int(row), int(column)] += spacing
    drawn = edge_density(position, pairs, (50, 60), dashed=dashed)
    np.testing.assert_allclose(drawn, expected)


def test_the_batch_size_does_not_change_the_density(monkeypatch):
    generator = np.random.default_rng(0)
    position = generator.random((50, 2)) * 20
    pairs = generator.integers(0, 50, (2, 300))
    whole = edge_density(position, pairs, (20, 20))
    monkeypatch.setattr(density, "_DOTS_PER_BATCH", 100)
    assert np.array_equal(edge_density(position, pairs, (20, 20)), whole)


def test_a_dashed_edge_has_gaps_in_it():
    position = np.array([[0.0, 0.5], [48.0, 0.5]])
    row = edge_density(position, np.array([[0], [1]]), (1, 48), dashed=True)[0]
    assert row.tolist() == ([1] * 7 + [0] * 5) * 4


def test_nothing_is_drawn_without_edges():
    assert edge_density(np.ones((3, 2)), np.empty((2, 0), int), (2, 3)).tolist() == [[0] * 3] * 2
    # an edge without a length leaves no dot, or one
    assert edge_density(np.ones((3, 2)), np.array([[0], [1]]), (2, 3)).sum() <= 1
