import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import pair_sets
from torque_core.figures.game_place import game_centres, game_place

STAR = torch.tensor([[0, 0, 0, 0, 0, 1], [1, 2, 3, 4, 5, 6]])


def test_a_centre_has_edges_of_both_kinds():
    two = torch.tensor([True, True, False, False, False, False])
    assert game_centres(STAR, two, 7) == [0]
    both = torch.cat([STAR, STAR + 7], dim=1)
    centres = game_centres(both, two.repeat(2), 14, seed=1)
    assert sorted(centres) == [0, 7]
    assert centres == game_centres(both, two.repeat(2), 14, seed=1)
    assert game_centres(STAR, torch.tensor([True] + [False] * 5), 7) == [0]  # none fits: the most injected edges
    assert game_centres(STAR, torch.zeros(6, dtype=torch.bool), 7) == []


@given(pair_sets(), st.data())
def test_a_place_has_all_edges_between_its_nodes(drawn, data):
    pairs, size = drawn
    centre = data.draw(st.integers(0, size - 1))
    place = game_place(pairs, centre, size)
    inside = set(place.nodes.tolist())
    assert centre in inside
    assert place.edges.tolist() == [i in inside and j in inside for i, j in pairs.T.tolist()]
    neighbours = {i + j - centre for i, j in pairs.T.tolist() if centre in (i, j)}
    assert len(neighbours) > 12 or neighbours <= inside
    assert len(inside) <= 1 + 12 + 6


def test_a_hub_has_some_of_its_neighbours():
    hub = torch.stack([torch.zeros(40, dtype=torch.long), torch.arange(1, 41)])
    assert len(game_place(hub, 0, 41).nodes) == 13
