import re

import pytest
import torch

from torque_core import BlockModel, DatasetSpec, Noise, RewireSpec, TrainSpec, add_noise, load, rewire, train
from torque_core.device import DEVICES, available_devices, pick_device
from torque_core.errors import BadConfig
from torque_core.graph import undirected_pairs
from torque_core.propagation import Propagation, centred_unit


@pytest.fixture
def machine(monkeypatch):
    """A machine with the accelerators that are asked for, as far as torch can tell."""

    def has(*accelerators):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: "cuda" in accelerators)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: "mps" in accelerators)

    return has


@pytest.mark.parametrize(
    ("accelerators", "available", "automatic"),
    [
        ((), ("auto", "cpu"), "cpu"),
        (("cuda",), ("auto", "cpu", "cuda"), "cuda"),
        (("mps",), ("auto", "cpu", "mps"), "mps"),
        (("cuda", "mps"), DEVICES, "cuda"),
    ],
)
def test_auto_is_the_first_that_is_there(machine, accelerators, available, automatic):
    machine(*accelerators)
    assert available_devices() == available
    assert pick_device() == pick_device("auto") == torch.device(automatic)
    for name in available[1:]:
        assert pick_device(name) == torch.device(name)


def test_errors_name_the_value_and_the_choices(machine):
    machine("mps")
    with pytest.raises(BadConfig, match=re.escape("device must be one of auto, cpu, cuda, mps; got 'tpu'")):
        pick_device("tpu")
    with pytest.raises(
        BadConfig, match=re.escape("device 'cuda' is not on this machine; choose one of auto, cpu, mps")
    ):
        pick_device("cuda")


@pytest.fixture(scope="module")
def noisy():
    model = BlockModel(nodes=400, degree=8, homophily=0.9, signal=1.0)
    return add_noise(load(DatasetSpec("block_model", block_model=model)).data, Noise("insert", 0.5)).data


cuda = [pytest.mark.cuda, pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no CUDA device")]


class TestCuda:
    pytestmark = cuda

    @pytest.mark.parametrize("depth", [0, 1, 2])
    def test_distances_are_those_of_the_cpu(self, noisy, depth):
        x, pairs = centred_unit(noisy.x), undirected_pairs(noisy.edge_index, len(noisy.x))
        expected = Propagation(x, pairs).cosine_distance(pairs, depth=depth)
        found = Propagation(x.cuda(), pairs.cuda()).cosine_distance(pairs.cuda(), depth=depth)
        assert found.device.type == "cuda"
        torch.testing.assert_close(found.cpu(), expected, atol=1e-4, rtol=0)

    @pytest.mark.parametrize("spec", [RewireSpec(additions=0.0), RewireSpec(additions=0.0, cut="fixed", fraction=0.3)])
    def test_the_cut_is_that_of_the_cpu(self, noisy, spec):
        expected = rewire(noisy, spec).layers[0]
        found = rewire(noisy.clone().to("cuda"), spec).layers[0]
        assert found.pruned_mask.device.type == "cuda"
        assert torch.equal(found.pairs.cpu(), expected.pairs)
        torch.testing.assert_close(found.torque.value.cpu(), expected.torque.value, atol=1e-4, rtol=0)
        differing = found.pruned_mask.cpu() != expected.pruned_mask
        assert float(differing.float().mean()) < 0.01  # rounding may move the cut by an edge or so

    def test_all_of_rewiring_runs_there_and_comes_back(self, noisy):
        expected, found = rewire(noisy), rewire(noisy.clone().to("cuda"))
        assert {graph.device.type for graph in found.edge_indices} == {"cuda"}
        for layer, other in zip(expected.layers, found.to("cpu").layers, strict=True):
            assert other.edge_index.device.type == "cpu"
            assert other.added.size(1) == pytest.approx(layer.added.size(1), rel=0.05)

    def test_training_runs_there(self, noisy):
        spec = TrainSpec(epochs=40, warmup=10)
        *_, on_cpu = train(noisy, spec, rewiring=RewireSpec(), device="cpu")
        *_, on_cuda = train(noisy, spec, rewiring=RewireSpec(), device="cuda")
        assert on_cuda.predictions.device.type == "cpu"
        assert on_cuda.test == pytest.approx(on_cpu.test, abs=0.1)
        assert noisy.x.device.type == "cpu"
