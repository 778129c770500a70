from dataclasses import replace

import pytest
import torch

from torque_core import BlockModel, DatasetSpec, load
from torque_core.training import PRESETS, Finished, train


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_learns(name):
    data = load(DatasetSpec("block_model", block_model=BlockModel(nodes=80, signal=3.0))).data
    preset = PRESETS[name]
    spec = replace(preset.training, epochs=15, hidden=16)
    *epochs, end = train(data, spec, layers=preset.layers, device="cpu")
    assert isinstance(end, Finished)
    assert epochs[-1].loss < epochs[0].loss
    assert len(end.model.convs) == preset.layers


def test_dir_gnn_listens_against_the_edges():
    """Node 1 points at node 0: with the preset, node 1 receives from node 0 and not the reverse."""
    data = load("karate").data
    data.edge_index = torch.tensor([[1], [0]])
    preset = PRESETS["dir_gnn"]
    *_, end = train(data, replace(preset.training, epochs=1, hidden=64), layers=2, device="cpu")
    x = data.x.clone().requires_grad_()
    out = end.model(x, data.edge_index)
    assert bool(torch.autograd.grad(out[1].sum(), x, retain_graph=True)[0][0].any())
    assert not bool(torch.autograd.grad(out[0].sum(), x)[0][1].any())
