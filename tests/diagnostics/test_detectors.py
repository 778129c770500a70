import pytest
import torch

from torque_core.datasets import load
from torque_core.diagnostics import auroc
from torque_core.diagnostics.detectors import detector_curves
from torque_core.diagnostics.edge_scores import cosine_score, jaccard_score
from torque_core.graph.noise import Noise, add_noise
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec


@pytest.mark.parametrize("product", ["scalar", "cross"])
def test_curves_of_torque_its_factors_and_other_scores(product):
    noisy = add_noise(load("block_model").data, Noise("insert", 0.4))
    layer = rewire(noisy.data, RewireSpec(cut="fixed", fraction=0.2, product=product)).layers[1]
    injected = noisy.is_injected(layer.pairs)
    curves = detector_curves(layer, noisy.data, injected)
    scores = {
        "torque": layer.torque.value,
        **layer.torque.factors,
        "cosine distance": cosine_score(noisy.data, layer.pairs),
        "Jaccard distance": jaccard_score(noisy.data, layer.pairs),
    }
    assert list(curves) == list(scores)
    assert {name: curve.auroc for name, curve in curves.items()} == {n: auroc(s, injected) for n, s in scores.items()}
    # the cut of the layer is on its torque, and on no other
    assert [name for name, curve in curves.items() if curve.cut] == ["torque"]
    assert curves["torque"].cut.true_positive_rate == float(layer.pruned_mask[injected].double().mean())
    assert curves["torque"].cut.false_positive_rate == float(layer.pruned_mask[~injected].double().mean())


@pytest.mark.parametrize("injected", [True, False])
def test_no_curve_without_both_kinds_of_edges(injected):
    data = load("karate").data
    layer = rewire(data).layers[0]
    assert detector_curves(layer, data, torch.full((layer.pairs.size(1),), injected)) == {}
