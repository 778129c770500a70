"""A right and a wrong decision on a path of four nodes, 0 - 1 - 2 - 3, whose last edges have the higher torque."""

import pytest
import torch

from tests.conftest import PATH
from torque_core import LayerRewiring
from torque_core.diagnostics import TellingEdges, factor_ranks, telling_edges
from torque_core.rewiring.cuts import Cut
from torque_core.scoring.torque import Torque


def layer(*pruned: bool) -> LayerRewiring:
    return LayerRewiring(
        pairs=PATH,
        torque=Torque(torch.tensor([0.2, 0.4, 0.6]), torch.tensor([1.0, 1.0, 0.8])),
        pruned_mask=torch.tensor(pruned),
        added=torch.empty(2, 0, dtype=torch.long),
        added_torque=Torque(torch.empty(0), torch.empty(0)),
        cut=Cut(0.3, "By hand."),
        num_nodes=4,
    )


@pytest.mark.parametrize(
    ("pruned", "injected", "expected"),
    [
        ((False, True, True), (False, False, True), TellingEdges(caught=2, mistaken=1)),
        ((False, True, True), (True, True, True), TellingEdges(caught=2, mistaken=0)),  # no true edge is pruned
        ((False, False, True), (True, True, True), TellingEdges(caught=2, mistaken=0)),  # of two, the lower torque
        ((False, True, True), (True, False, False), TellingEdges(caught=None, mistaken=2)),
        ((False, False, False), (False, False, True), TellingEdges(caught=None, mistaken=2)),
        ((False, True, True), (False, True, True), TellingEdges(caught=2, mistaken=None)),
    ],
)
def test_an_injected_edge_is_misleading(pruned, injected, expected):
    assert telling_edges(layer(*pruned), torch.tensor(injected), torch.zeros(4)) == expected


@pytest.mark.parametrize(
    ("y", "expected"),
    [
        ((0, 0, 0, 1), TellingEdges(caught=2, mistaken=1)),
        ((0, 0, 0, -1), TellingEdges(caught=None, mistaken=1)),  # nobody knows about the last edge
        ((-1, -1, -1, -1), TellingEdges(caught=None, mistaken=None)),
    ],
)
def test_without_injected_edges_the_classes_decide(y, expected):
    none = torch.zeros(3, dtype=torch.bool)
    assert telling_edges(layer(False, True, True), none, torch.tensor(y)) == expected


def test_ranks_of_the_factors():
    record = layer(False, False, True)
    assert factor_ranks(record, 2) == pytest.approx({"lever arm": 5 / 6, "force": 1 / 6})
    assert factor_ranks(record, 0) == pytest.approx({"lever arm": 1 / 6, "force": 2 / 3})  # equal forces count half
