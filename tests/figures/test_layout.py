import random

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import PATH, as_set, pair_sets
from torque_core.datasets import BlockModel, sample_block_model
from torque_core.figures import layout, node_layout
from torque_core.graph.pairs import undirected_pairs

NONE = torch.empty(2, 0, dtype=torch.long)


def parts_of(edges, num_nodes):
    """Connected components by merging sets."""
    parts = [{node} for node in range(num_nodes)]
    for i, j in edges:
        joined = [part for part in parts if i in part or j in part]
        parts = [part for part in parts if part not in joined] + [set().union(*joined)]
    return parts


@given(pair_sets(max_nodes=9), st.integers(0, 99))
def test_the_largest_component_fills_the_unit_square_above_the_others(drawn, seed):
    pairs, num_nodes = drawn
    position = node_layout(pairs, num_nodes, seed=seed)
    assert position.shape == (num_nodes, 2)
    assert position.dtype == np.float64
    assert np.isfinite(position).all()
    in_square = {node for node in range(num_nodes) if (position[node] >= 0).all()}
    assert (position[sorted(in_square)] <= 1).all()
    parts = parts_of(as_set(pairs), num_nodes)
    assert in_square in parts
    assert len(in_square) == max(map(len, parts))
    assert all(position[node, 1] < 0 for node in set(range(num_nodes)) - in_square)
    assert len(np.unique(position, axis=0)) == num_nodes  # no node hides another


def test_the_largest_component_reaches_two_opposite_sides():
    position = node_layout(PATH, 4)
    assert max(np.ptp(position[:, 0]), np.ptp(position[:, 1])) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("num_nodes", [1, 2, 30])
def test_without_edges(num_nodes):
    position = node_layout(NONE, num_nodes)
    assert position.shape == (num_nodes, 2)
    assert position[0].tolist() == [0.5, 0.5]
    assert len(np.unique(position, axis=0)) == num_nodes


def test_isolated_nodes_are_arranged_in_rows_below():
    position = node_layout(torch.stack([torch.arange(99), torch.arange(1, 100)]), 112)
    below = position[100:]
    assert below[:, 1].max() < position[:100, 1].min()
    assert 0 <= below[:, 0].min() < below[:, 0].max() <= 1
    # a lone node takes 0.1 and its margins of a quarter on either side: six fit into a row
    heights, counts = np.unique(below[:, 1].round(9), return_counts=True)
    assert counts.tolist() == [6, 6]
    assert np.diff(heights) == pytest.approx(0.15)


@pytest.mark.parametrize("nodes", [60, 1500], ids=["one by one", "on a grid"])
def test_positions_depend_only_on_the_seed(nodes):
    data = sample_block_model(BlockModel(nodes=nodes, classes=3))
    pairs = undirected_pairs(data.edge_index, nodes)
    random.seed(1)
    first = node_layout(pairs, nodes)
    random.seed(2)
    state = random.getstate()
    assert np.array_equal(node_layout(pairs, nodes), first)
    assert random.getstate() == state
    assert not np.array_equal(node_layout(pairs, nodes, seed=1), first)


def test_neighbours_are_closer_than_other_nodes():
    data = sample_block_model(BlockModel(nodes=90, classes=3, degree=8, homophily=1.0))
    pairs = undirected_pairs(data.edge_index, 90)
    position = node_layout(pairs, 90)
    distance = np.linalg.norm(position[:, None] - position[None], axis=2)
    assert distance[pairs[0], pairs[1]].mean() < 0.5 * distance.mean()


def test_without_a_large_component_the_rows_have_bounded_height():
    position = node_layout(NONE, 2_000)
    assert position[:, 1].min() > -10
    assert len(np.unique(position.round(6), axis=0)) == 2_000


def test_only_a_large_component_uses_the_multilevel_layout(monkeypatch):
    monkeypatch.setattr(layout, "_MAX_FORCE_DIRECTED", 300)
    ring = torch.stack([torch.arange(400), (torch.arange(400) + 1) % 400])
    pairs = torch.cat([ring, torch.tensor([[400], [401]])], dim=1)
    position = node_layout(pairs, 402)
    assert (position[:400] >= 0).all()
    assert (position[:400] <= 1).all()
    assert (position[400:, 1] < 0).all()
    around = np.linalg.norm(position[:400] - np.roll(position[:400], 1, axis=0), axis=1)
    assert around.max() < 0.1  # a random layout has 0.5 in the mean


def test_outliers_do_not_shrink_the_others():
    bulk = np.random.default_rng(0).random((1000, 2))
    scaled = layout._scale_to_unit_square(np.vstack([bulk, [[500.0, 0.5], [60.0, 0.5]]]))
    assert scaled.min() >= 0
    assert scaled.max() <= 1
    assert np.ptp(scaled[:1000], axis=0).min() > 0.7
    assert scaled[1000, 0] >= scaled[1001, 0] > scaled[:1000, 0].max()
