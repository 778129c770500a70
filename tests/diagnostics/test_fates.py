import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import as_set, graphs
from torque_core.diagnostics.fates import FATES, edge_fates
from torque_core.rewiring.cuts import Cut
from torque_core.rewiring.record import LayerRewiring, Rewiring
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec
from torque_core.scoring.torque import Torque

NONE = [[], []]


def a_layer(pairs, pruned, added):
    pairs, added = torch.tensor(pairs, dtype=torch.long), torch.tensor(added, dtype=torch.long)
    torques = [Torque(torch.ones(links.size(1)), torch.ones(links.size(1))) for links in (pairs, added)]
    mask = torch.tensor(pruned, dtype=torch.bool)
    return LayerRewiring(
        pairs=pairs,
        torque=torques[0],
        pruned_mask=mask,
        added=added,
        added_torque=torques[1],
        cut=Cut(math.inf, "By hand."),
        num_nodes=5,
    )


def fates_by_pair(fates):
    """The fates of each edge, by its ends."""
    rows = [[FATES[code] for code in row] for row in fates.fates.T.tolist()]
    return dict(zip(map(tuple, fates.pairs.T.tolist()), rows, strict=True))


def test_independent_by_hand():
    # each layer judges 0-1, 1-2 and 2-3 anew; 0-4 is added in the first, 0-3 in the second and the third
    edges = [[0, 1, 2], [1, 2, 3]]
    layers = (
        a_layer(edges, [False, True, True], [[0], [4]]),
        a_layer(edges, [False, False, True], [[0], [3]]),
        a_layer(edges, [True, False, True], [[0], [3]]),
    )
    fates = edge_fates(Rewiring(layers, 5, RewireSpec(layers=3)), torch.tensor([False, True, False]))
    assert fates_by_pair(fates) == {
        (0, 1): ["kept", "kept", "pruned"],
        (0, 3): ["not yet", "added", "added"],
        (0, 4): ["added", "gone", "gone"],
        (1, 2): ["pruned", "kept", "kept"],
        (2, 3): ["pruned", "pruned", "pruned"],
    }
    assert fates.origin.tolist() == [True, False, False, True, True]
    assert fates.injected.tolist() == [False, False, False, True, False]
    assert [list(fates.count(layer).values()) for layer in range(3)] == [
        [1, 2, 1, 0, 1],
        [2, 1, 1, 1, 0],
        [1, 2, 1, 1, 0],
    ]
    assert tuple(fates.count(0)) == FATES


def test_nested_by_hand():
    # what the first layer cuts is not judged again: 1-2 comes back as a new link, 2-3 does not; 0-4 is judged later
    layers = (
        a_layer([[0, 1, 2], [1, 2, 3]], [False, True, True], [[0], [4]]),
        a_layer([[0, 0], [1, 4]], [False, False], [[1], [2]]),
        a_layer([[0, 0, 1], [1, 4, 2]], [False, True, False], NONE),
    )
    fates = edge_fates(Rewiring(layers, 5, RewireSpec(layers=3, hierarchy="nested")))
    assert fates_by_pair(fates) == {
        (0, 1): ["kept", "kept", "kept"],
        (0, 4): ["added", "kept", "pruned"],
        (1, 2): ["pruned", "added", "kept"],
        (2, 3): ["pruned", "gone", "gone"],
    }
    assert not fates.injected.any()


@given(graphs(max_nodes=10), st.sampled_from(["independent", "nested"]), st.integers(1, 4), st.integers(0, 99))
@settings(max_examples=40)
def test_fates_match_the_layers(data, hierarchy, layers, seed):
    spec = RewireSpec(cut="fixed", fraction=0.4, additions=1.0, layers=layers, hierarchy=hierarchy, seed=seed)
    rewiring = rewire(data, spec)
    first = rewiring.layers[0]
    injected = torch.rand(first.pairs.size(1), generator=torch.Generator().manual_seed(seed)) < 0.5
    fates = edge_fates(rewiring, injected)
    rows, seen = fates_by_pair(fates), set()
    for number, layer in enumerate(rewiring.layers):
        groups = {name: {edge for edge, row in rows.items() if row[number] == name} for name in FATES}
        assert groups["kept"] == as_set(layer.kept)
        assert groups["pruned"] == as_set(layer.pruned)
        assert groups["added"] == as_set(layer.added)
        here = groups["kept"] | groups["pruned"] | groups["added"]
        seen |= here
        assert groups["gone"] == seen - here
        assert groups["not yet"] == set(rows) - seen
    assert set(rows) == seen
    assert as_set(fates.pairs[:, fates.origin]) == as_set(first.pairs)
    assert as_set(fates.pairs[:, fates.injected]) == as_set(first.pairs[:, injected])


@pytest.mark.parametrize("layers", [1, 2])
def test_a_graph_without_edges(layers):
    empty = a_layer(NONE, [], NONE)
    fates = edge_fates(Rewiring((empty,) * layers, 5, RewireSpec(layers=layers)))
    assert fates.fates.shape == (layers, 0)
    assert set(fates.count(0).values()) == {0}
