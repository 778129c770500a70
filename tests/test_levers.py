import pytest
import torch

from tests.conftest import PATH, all_pairs
from torque_core.levers import LEVERS, feature_lever, structural_lever, unit_lever
from torque_core.propagation import Propagation

# unit rows on a path 0 - 1 - 2 - 3
ROWS = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])


def test_names():
    assert {"structural": structural_lever, "feature": feature_lever, "unit": unit_lever} == LEVERS


def test_feature_lever_is_hand_computed():
    pairs = torch.tensor([[0, 0, 0], [1, 2, 3]])
    assert feature_lever(Propagation(ROWS, PATH), pairs).tolist() == [0, 1, 2]


def test_unit_lever():
    assert unit_lever(Propagation(ROWS, PATH), all_pairs(4)).tolist() == [1] * 6


def test_structural_lever_leaves_the_edge_out():
    # without 1 - 2: nodes 0, 1 both (1, 0); nodes 2, 3 both (-1/2, 1/2) after one propagation and after two
    lever = structural_lever(Propagation(ROWS, PATH), torch.tensor([[1], [2]]))
    assert lever.item() == pytest.approx(1 + 0.5**0.5)


def test_structural_lever_of_a_pair_that_is_no_edge():
    # one propagation: (1, 0), (2/3, 1/3), (0, 1/3), (-1/2, 1/2); two, up to scale: (5, 1) at 0, (-3, 5) at 3
    lever = structural_lever(Propagation(ROWS, PATH), torch.tensor([[0], [3]]))
    assert lever.item() == pytest.approx(1 + 10 / (26 * 34) ** 0.5)
