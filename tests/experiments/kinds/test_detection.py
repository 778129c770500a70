import pytest

from tests.conftest import as_set
from torque_core import Noise, add_noise, load
from torque_core.diagnostics import auroc
from torque_core.errors import BadConfig
from torque_core.experiments import from_json, to_json
from torque_core.experiments.kinds.detection import DETECTORS, Detection
from torque_core.graph.pairs import undirected_pairs
from torque_core.rewiring.rewire import rewire

KARATE = Detection(dataset="karate", noise=Noise("insert", 0.5, 3))


def test_an_area_for_every_detector():
    found = KARATE.run().metrics
    areas = [found[f"auroc_{name}"] for name in DETECTORS]
    assert all(0 <= area <= 1 for area in areas)
    assert list(found) == [*(f"auroc_{name}" for name in DETECTORS), "pruned", "precision", "recall"]


def test_the_cut_is_that_of_the_default_settings():
    noise = Noise("insert", 1.0, 3)
    found = Detection(dataset="karate", noise=noise).run().metrics
    noisy = add_noise(load("karate").data, noise)
    layer = rewire(noisy.data).layers[0]
    pruned, injected = as_set(layer.pruned), as_set(layer.pairs[:, noisy.is_injected(layer.pairs)])
    assert found["pruned"] == pytest.approx(len(pruned) / layer.pairs.size(1))
    assert found["recall"] == pytest.approx(len(pruned & injected) / len(injected))
    assert found["precision"] == (pytest.approx(len(pruned & injected) / len(pruned)) if pruned else None)


def test_torque_is_that_of_the_first_layer():
    noisy = add_noise(load("karate").data, KARATE.noise)
    layer = rewire(noisy.data, force="dirichlet").layers[0]
    expected = auroc(layer.torque.value, noisy.is_injected(undirected_pairs(noisy.data.edge_index, 34)))
    assert KARATE.run().metrics["auroc_torque"] == pytest.approx(expected)


def test_the_form_that_fits_is_one_of_the_forms():
    found = KARATE.run().metrics
    areas = {value for name, value in found.items() if name.startswith("auroc_") and name != "auroc_auto"}
    assert found["auroc_auto"] in areas


def test_it_can_be_written_and_read():
    assert from_json("detection", to_json(KARATE)) == KARATE


@pytest.mark.parametrize("noise", [Noise("delete", 0.5), Noise("features", 0.5), Noise("insert", 0.0)])
def test_noise_that_inserts_nothing_is_refused(noise):
    with pytest.raises(BadConfig, match="noise must insert edges"):
        Detection(dataset="karate", noise=noise)
