import pytest
import torch

from torque_core.diagnostics.pruning_agreement import pruning_agreement
from torque_core.errors import BadGraph
from torque_core.rewiring.graph_change import GraphChange

PAIRS = torch.tensor([[0, 1, 2, 3], [1, 2, 3, 4]])


def change(pruned: list[int], added: list[tuple[int, int]], pairs: torch.Tensor = PAIRS) -> GraphChange:
    mask = torch.zeros(pairs.size(1), dtype=torch.bool)
    mask[pruned] = True
    ends = torch.tensor(added, dtype=torch.long).reshape(-1, 2).T
    return GraphChange(pairs=pairs, pruned_mask=mask, added=ends, num_nodes=5)


def test_masks_by_hand():
    first, second = change([0, 1], [(0, 2), (0, 3)]), change([1, 2], [(0, 3), (1, 4)])
    found = pruning_agreement(first, second)
    assert found.first_only.tolist() == [True, False, False, False]
    assert found.second_only.tolist() == [False, False, True, False]
    assert found.both.tolist() == [False, True, False, False]
    assert found.added_first_only.tolist() == [True, False]
    assert found.added_second_only.tolist() == [False, True]


def test_the_parts_have_the_edges_on_which_the_methods_disagree():
    first, second = change([0, 1], [(0, 2), (0, 3)]), change([1, 2], [(0, 3), (1, 4)])
    one, other = pruning_agreement(first, second).disagreement(first, second)
    assert one.pairs.tolist() == other.pairs.tolist() == [[0, 2], [1, 3]]
    assert one.pruned.tolist() == [[0], [1]]
    assert other.pruned.tolist() == [[2], [3]]
    assert (one.added.tolist(), other.added.tolist()) == ([[0], [2]], [[1], [4]])


def test_a_method_agrees_with_itself():
    one = change([0], [(0, 2)])
    found = pruning_agreement(one, one)
    assert not (found.first_only | found.second_only).any()
    assert not found.added_first_only.any()


def test_different_graphs_cannot_be_compared():
    with pytest.raises(BadGraph, match="did not start from the same graph"):
        pruning_agreement(change([], []), change([], [], PAIRS[:, :3]))
