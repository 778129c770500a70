from dataclasses import dataclass

import torch

from tests.conftest import PATH
from torque_core.rewiring.cuts import Cut
from torque_core.rewiring.graph_change import GraphChange, part_of_change
from torque_core.rewiring.record import LayerRewiring
from torque_core.scoring.torque import Torque

PRUNED = torch.tensor([False, True, False])
ADDED = torch.tensor([[0, 1], [2, 3]])


def torques(count):
    return Torque(torch.ones(count), torch.ones(count))


def test_kept_pruned_and_rewired_edges_are_hand_computed():
    change = GraphChange(pairs=PATH, pruned_mask=PRUNED, added=ADDED, num_nodes=4)
    assert change.kept.T.tolist() == [[0, 1], [2, 3]]
    assert change.pruned.T.tolist() == [[1, 2]]
    assert change.rewired.T.tolist() == [[0, 1], [0, 2], [1, 3], [2, 3]]
    assert change.edge_index.T.tolist() == [[0, 1], [0, 2], [1, 3], [2, 3], [1, 0], [2, 0], [3, 1], [3, 2]]
    assert change.weight is change.rewired_weight is change.edge_weight is None
    assert not change.weighted


def test_weights_of_pruned_edges_are_zero():
    layer = LayerRewiring(
        pairs=PATH,
        pruned_mask=PRUNED,
        added=ADDED,
        num_nodes=4,
        torque=torques(3),
        added_torque=torques(2),
        cut=Cut(1.0, "By hand."),
        direction_weight=torch.tensor([[2.0, 3.0, 0.0], [4.0, 3.0, 8.0]]),
        edge_confidence=torch.tensor([1.0, 0.5, 0.25]),
    )
    assert isinstance(layer, GraphChange)
    assert layer.weighted
    # kept weights are 2, 4 and 2, so added edges have the weight 2
    assert layer.weight.tolist() == [[2, 0, 0, 2, 2], [4, 0, 2, 2, 2]]
    assert layer.rewired_weight.tolist() == [[2, 2, 2, 0], [4, 2, 2, 2]]
    assert layer.edge_index.T.tolist() == [[0, 1], [0, 2], [1, 3], [1, 0], [2, 0], [3, 1], [3, 2]]
    assert layer.edge_weight.tolist() == [2, 2, 2, 4, 2, 2, 2]


def test_a_part_keeps_fates_and_weights():
    @dataclass(frozen=True, kw_only=True, repr=False)
    class Weighted(GraphChange):
        weight: torch.Tensor | None = None

    weight = torch.tensor([[1.0, 0.0, 3.0, 4.0, 5.0], [1.5, 0.0, 3.5, 4.5, 5.5]])
    change = Weighted(pairs=PATH, pruned_mask=PRUNED, added=ADDED, num_nodes=4, weight=weight)
    part = part_of_change(change, torch.tensor([True, True, False]), torch.tensor([False, True]))
    assert part.pairs.T.tolist() == [[0, 1], [1, 2]]
    assert part.pruned.T.tolist() == [[1, 2]]
    assert part.added.T.tolist() == [[1, 3]]
    assert part.weight.tolist() == [[1, 0, 5], [1.5, 0, 5.5]]
