import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import PATH, STAR, pair_sets
from torque_core.diagnostics import receptive_field
from torque_core.figures import ring_layout, ring_positions


def star(leaves):
    return torch.stack([torch.zeros(leaves, dtype=torch.long), torch.arange(1, leaves + 1)])


def radius(position):
    return np.linalg.norm(position, axis=1)


def test_by_hand():
    # the first node of a ring is at twelve o'clock
    assert ring_positions(receptive_field(1, [PATH], 4)).tolist() == pytest.approx(
        np.array([[0, 0.2], [0, 0], [0, -0.2], [math.nan, math.nan]]), nan_ok=True
    )
    triangle = ring_positions(receptive_field(0, [STAR], 4))
    assert triangle[1:] == pytest.approx(0.2 * np.array([[0, 1], [-(3**0.5) / 2, -0.5], [3**0.5 / 2, -0.5]]))


@given(pair_sets(), st.integers(1, 3), st.data())
def test_the_radius_is_the_number_of_steps(drawn, layers, data):
    pairs, num_nodes = drawn
    node = data.draw(st.integers(0, num_nodes - 1))
    field = receptive_field(node, [pairs] * layers, num_nodes)
    position = ring_positions(field)
    assert position.shape == (num_nodes, 2)
    assert position[node].tolist() == [0, 0]
    assert np.isfinite(position).all(axis=1).tolist() == (field.hops >= 0).tolist()
    inside = field.hops >= 0
    # so few nodes leave every ring at its step
    assert radius(position[inside]) == pytest.approx(0.2 * field.hops[inside].numpy())
    assert len(np.unique(position[inside], axis=0)) == int(inside.sum())


def test_a_crowded_ring_widens_the_rings_around_it():
    widths = [radius(ring_positions(receptive_field(0, [star(leaves)], leaves + 1)))[1] for leaves in (1, 25, 26, 80)]
    # 0.05 along the ring for each node: from 26 nodes on that is more than the radius of 0.2 has
    assert widths == pytest.approx([0.2, 0.2, 26 * 0.05 / (2 * math.pi), 80 * 0.05 / (2 * math.pi)])
    tail = torch.cat([star(80), torch.tensor([[80], [81]])], dim=1)
    assert radius(ring_positions(receptive_field(0, [tail, tail], 82)))[81] == pytest.approx(widths[-1] + 0.2)


def test_a_ring_is_ordered_by_parent_and_class():
    # 1 and 2 are neighbours of 0; 3 and 5 send to 1, 4 and 6 to 2
    tree = torch.tensor([[0, 0, 1, 2, 1, 2], [1, 2, 3, 4, 5, 6]])
    position = ring_positions(receptive_field(0, [tree, tree], 7), y=torch.tensor([0, 0, 0, 1, 0, 0, 1]))
    angle = np.arctan2(position[:, 1], position[:, 0])
    near = [int(np.cos(angle[3:] - angle[parent]).argsort()[-2:].sum()) for parent in (1, 2)]
    assert near == [0 + 2, 1 + 3]  # children 3 and 5, 4 and 6, counted from 3
    order = sorted(range(3, 7), key=lambda node: (angle[node] - angle[1] + math.pi / 2) % (2 * math.pi))
    assert order.index(5) + 1 == order.index(3)  # the class of 5 comes first


def test_the_overflow_of_a_ring_is_counted():
    layout = ring_layout(receptive_field(0, [star(100)], 101), most=25)
    (ring,) = layout.rings
    assert (len(layout.nodes), ring.omitted) == (26, 75)
    assert ring.end - ring.start == pytest.approx(math.pi / 3)
    angle = np.arctan2(*layout.position[layout.nodes[1:]].T[::-1]) % (2 * math.pi)
    inside = (angle > ring.start % (2 * math.pi)) & (angle < ring.end % (2 * math.pi))
    assert not inside.any()
    assert radius(layout.position[layout.nodes[1:]]) == pytest.approx(ring.radius)


def test_two_fields_share_positions():
    before, after = receptive_field(0, [PATH, PATH], 5), receptive_field(0, [STAR, STAR], 5)
    position = ring_positions(before, after)
    # by the path 2 is two steps away and 3 is not reached; by the star both are one step away
    assert radius(position)[:4] == pytest.approx([0, 0.2, 0.2, 0.2])
    assert np.isnan(position[4]).all()
    assert np.array_equal(position, ring_positions(after, before), equal_nan=True)
