"""The torque plane as columns: every edge at its factors, and a curve only if the torque has no third factor."""

from base64 import b64decode

import numpy as np
import torch

from tests.figures.test_columns import decode
from torque_core import Noise, RewireSpec, add_noise, load, rewire
from torque_core.figures.stage_plane import plane_data

NOISY = add_noise(load("davis").data, Noise("insert", 0.5))


def test_every_edge_stands_at_its_factors():
    layer = rewire(NOISY.data, RewireSpec(layers=1)).layers[0]
    injected = NOISY.is_injected(layer.pairs)
    plane = plane_data(layer, injected, selected=layer.pruned_mask, names=[f"n{i}" for i in range(32)])
    lever, force, torque = (decode(plane[name], "<f4") for name in ("lever", "force", "torque"))
    np.testing.assert_array_equal(torque, layer.torque.value.numpy())
    np.testing.assert_allclose(lever, layer.torque.lever.numpy())
    np.testing.assert_array_equal(decode(plane["source"], "<i4"), layer.pairs[0].numpy())
    assert b64decode(plane["injected"]) == bytes(injected.tolist())
    assert b64decode(plane["selected"]) == bytes(layer.pruned_mask.tolist())
    low, high = plane["axes"]["lever"]["range"]
    assert low <= lever.min() <= lever.max() <= high
    assert plane["curved"]
    assert len(force) == injected.numel()


def test_there_is_no_curve_with_a_third_factor_or_without_any_torque():
    layer = rewire(NOISY.data, RewireSpec(layers=1, product="cross")).layers[0]
    none = torch.zeros(layer.pairs.size(1), dtype=torch.bool)
    assert not plane_data(layer, none)["curved"]
    assert set(b64decode(plane_data(layer, none)["selected"])) == {0}
