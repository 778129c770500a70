import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import PATH, all_pairs, graphs
from torque_core.errors import BadConfig
from torque_core.forces import FORCES
from torque_core.graph import undirected_pairs
from torque_core.levers import LEVERS
from torque_core.propagation import Propagation, centred_unit
from torque_core.torque import Torque, torque

ROWS = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])


def test_torque_of_an_edge_is_hand_computed():
    # lever of 1 - 2: 1 + sqrt(1/2), see the levers; force: the features are at a right angle
    found = torque(Propagation(ROWS, PATH), torch.tensor([[1], [2]]))
    assert found.lever.item() == pytest.approx(1 + 0.5**0.5)
    assert found.force.item() == 1
    assert found.value.item() == pytest.approx(1 + 0.5**0.5)


@given(graphs(), st.sampled_from(sorted(LEVERS)), st.sampled_from(sorted(FORCES)), st.integers(0, 3))
def test_torque_is_lever_times_force_and_bounded(data, lever, force, layer):
    propagation = Propagation(centred_unit(data.x), undirected_pairs(data.edge_index, len(data.x)))
    every = all_pairs(len(data.x))
    found = torque(propagation, every, lever=lever, force=force, layer=layer)
    assert torch.equal(found.lever, LEVERS[lever](propagation, every))
    assert torch.equal(found.force, FORCES[force](propagation, every, layer))
    assert torch.equal(found.value, found.lever * found.force)
    for values, high in ((found.lever, 2), (found.force, 2), (found.value, 4)):
        assert bool(((values >= 0) & (values <= high)).all())


def test_no_gradient_is_kept():
    found = torque(Propagation(ROWS.clone().requires_grad_(), PATH), PATH)
    assert not found.value.requires_grad


def test_selection_and_device():
    both = Torque(torch.tensor([1.0, 2.0, 3.0]), torch.tensor([4.0, 5.0, 6.0]))
    assert both[torch.tensor([2, 0])].value.tolist() == [18, 4]
    assert both[torch.tensor([False, True, False])].value.tolist() == [10]
    assert both.to("cpu").value.tolist() == [4, 10, 18]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lever": "long"}, "lever must be one of structural, feature, unit; got 'long'"),
        ({"force": "strong"}, "force must be one of energy, unit; got 'strong'"),
    ],
)
def test_unknown_names(options, message):
    with pytest.raises(BadConfig, match=re.escape(message)):
        torque(Propagation(ROWS, PATH), PATH, **options)
