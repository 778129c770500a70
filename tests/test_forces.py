import pytest
import torch

from tests.conftest import PATH, all_pairs
from torque_core.forces import FORCES, energy_force, unit_force
from torque_core.propagation import Propagation

ROWS = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])


def test_names():
    assert {"energy": energy_force, "unit": unit_force} == FORCES


def test_unit_force():
    assert unit_force(Propagation(ROWS, PATH), all_pairs(4), 1).tolist() == [1] * 6


def test_energy_of_the_first_layer_is_that_of_the_features():
    force = energy_force(Propagation(ROWS, PATH), PATH, 0)
    assert force.tolist() == [0, 1, 1]
    halved_square = (ROWS[PATH[0]] - ROWS[PATH[1]]).square().sum(dim=1) / 2
    torch.testing.assert_close(force, halved_square)


def test_energy_of_the_second_layer_is_after_one_propagation():
    # 0 - 1 left out: (1, 0) against (1, 1); 1 - 2: (1, 0) against (-1, 1); 2 - 3: (1, 1) against (-1, 0)
    force = energy_force(Propagation(ROWS, PATH), PATH, 1)
    half = 0.5**0.5
    assert force.tolist() == pytest.approx([1 - half, 1 + half, 1 + half])


def test_energy_stays_at_the_deepest_propagation():
    propagation = Propagation(ROWS, PATH)
    assert torch.equal(energy_force(propagation, PATH, 5), energy_force(propagation, PATH, 2))
