import copy
import re

import pytest
import torch

from torque_core import BlockModel, DatasetSpec, Noise, RewireSpec, TrainSpec, add_noise, load, rewire, train
from torque_core.errors import BadConfig
from torque_core.graph.pairs import undirected_pairs
from torque_core.graph.propagation import Propagation, centred_unit
from torque_core.nn import BACKBONES
from torque_core.rewiring.cuts import CUTS
from torque_core.scoring.pair_features import PairFeatures
from torque_core.utils.device import DEVICES, available_devices, pick_device


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
def test_auto_is_the_first_available_device(machine, accelerators, available, automatic):
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
        BadConfig, match=re.escape("device 'cuda' is not available on this machine; choose one of auto, cpu, mps")
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
    def test_distances_equal_those_on_the_cpu(self, noisy, depth):
        x, pairs = centred_unit(noisy.x), undirected_pairs(noisy.edge_index, len(noisy.x))
        expected = PairFeatures(Propagation(x, pairs), pairs).cosine_distance(depth)
        found = PairFeatures(Propagation(x.cuda(), pairs.cuda()), pairs.cuda()).cosine_distance(depth)
        assert found.device.type == "cuda"
        torch.testing.assert_close(found.cpu(), expected, atol=1e-4, rtol=0)

    @pytest.mark.parametrize("cut", [*CUTS])
    @pytest.mark.parametrize("force", ["dirichlet", "pair", "pagerank_sum"])
    def test_cut_equals_that_on_the_cpu(self, noisy, cut, force):
        spec = RewireSpec(cut=cut, force=force, additions=0.0, fraction=0.3)
        expected = rewire(noisy, spec).layers[0]
        found = rewire(noisy.clone().to("cuda"), spec).layers[0]
        assert found.pruned_mask.device.type == "cuda"
        assert torch.equal(found.pairs.cpu(), expected.pairs)
        torch.testing.assert_close(found.torque.value.cpu(), expected.torque.value, atol=1e-4, rtol=0)
        differing = found.pruned_mask.cpu() != expected.pruned_mask
        assert float(differing.float().mean()) < 0.01  # rounding may move the cut by an edge or so

    def test_rewiring_runs_on_the_device_of_the_graph(self, noisy):
        expected, found = rewire(noisy), rewire(noisy.clone().to("cuda"))
        assert {graph.device.type for graph in found.edge_indices} == {"cuda"}
        for layer, other in zip(expected.layers, found.to("cpu").layers, strict=True):
            assert other.edge_index.device.type == "cpu"
            assert other.added.size(1) == pytest.approx(layer.added.size(1), rel=0.05)

    def test_weights_and_directions_are_preserved(self, noisy):
        one_way = copy.copy(noisy)
        one_way.edge_index = noisy.edge_index[:, noisy.edge_index[0] < noisy.edge_index[1]]
        one_way.edge_weight = 1.0 + one_way.edge_index.sum(dim=0) % 3
        spec = RewireSpec(cut="fixed", fraction=0.3, additions=0.0)
        expected, found = rewire(one_way, spec).layers[0], rewire(one_way.clone().to("cuda"), spec).layers[0]
        assert found.edge_weight.device.type == "cuda"
        differing = found.pruned_mask.cpu() != expected.pruned_mask
        assert float(differing.float().mean()) < 0.01
        assert set(found.edge_weight.tolist()) == {1, 2, 3}

    @pytest.mark.parametrize("cut", ["gap", "bernoulli"])
    @pytest.mark.parametrize("backbone", BACKBONES)
    def test_training_runs(self, noisy, cut, backbone):
        spec, rewiring = TrainSpec(epochs=40, warmup=10, backbone=backbone), RewireSpec(cut=cut)
        *_, on_cpu = train(noisy, spec, rewiring=rewiring, device="cpu")
        *_, on_cuda = train(noisy, spec, rewiring=rewiring, device="cuda")
        assert on_cuda.predictions.device.type == "cpu"
        assert on_cuda.test == pytest.approx(on_cpu.test, abs=0.1)
        assert noisy.x.device.type == "cpu"
