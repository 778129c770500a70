"""Labels and masks in every form that PyG data sets have them give the results of int64 labels and boolean masks."""

import pytest
import torch

from torque_core import Noise, RewireSpec, TrainSpec, add_noise, load, rewire, train
from torque_core.attacks import AttackSpec, attack
from torque_core.datasets.splits import stratified_split
from torque_core.diagnostics import calibration, confusion
from torque_core.diagnostics.homophily import (
    adjusted_homophily,
    class_insensitive_homophily,
    edge_homophily,
    label_informativeness,
    node_homophily,
)
from torque_core.diagnostics.influence import influence_by_class
from torque_core.errors import BadGraph
from torque_core.scoring.class_probabilities import ClassProbabilities
from torque_core.training import score_of

DTYPES = [torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.float16, torch.float32, torch.float64]
FORMS = {str(dtype): lambda y, dtype=dtype: y.to(dtype) for dtype in DTYPES} | {
    "column": lambda y: y[:, None],
    "column of floats": lambda y: y[:, None].float(),
}
MASK_FORMS = {
    "uint8": lambda mask: mask.byte(),
    "int64": lambda mask: mask.long(),
    "float": lambda mask: mask.float(),
    "column": lambda mask: mask[:, None],
    "index": lambda mask: mask.nonzero().flatten(),
    "int32 index": lambda mask: mask.nonzero().flatten().int(),
}
SPEC = TrainSpec(epochs=4, warmup=1, refresh_every=2, hidden=4)
LABEL_FORMS = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


def karate():
    """Two classes."""
    data = load("karate").data.clone()
    data.y = (data.y > 0).long()
    return data


def losses(data, **options):
    return [event.loss for event in train(data, SPEC, device="cpu", **options) if hasattr(event, "loss")]


@LABEL_FORMS
@pytest.mark.parametrize("rewiring", [None, RewireSpec(force="pair")])
def test_training_on_every_form_of_labels(form, rewiring):
    data = karate()
    data.y = form(data.y)
    assert losses(data, rewiring=rewiring) == losses(karate(), rewiring=rewiring)


@pytest.mark.parametrize("form", MASK_FORMS.values(), ids=MASK_FORMS)
def test_training_on_every_form_of_masks(form):
    data = karate()
    for name in ("train_mask", "val_mask", "test_mask"):
        data[name] = form(data[name])
    *_, end = train(data, SPEC, rewiring=RewireSpec(force="disparity"), device="cpu")
    *_, expected = train(karate(), SPEC, rewiring=RewireSpec(force="disparity"), device="cpu")
    assert (end.validation, end.test) == (expected.validation, expected.test)
    assert torch.equal(end.probabilities, expected.probabilities)


@LABEL_FORMS
@pytest.mark.parametrize("force", ["pair", "free", "disparity"])
def test_torque_of_every_form_of_labels(form, force):
    data, spec = karate(), RewireSpec(force=force, cut="fixed")
    expected = rewire(karate(), spec).layers[0].torque.value
    data.y = form(data.y)
    assert torch.equal(rewire(data, spec).layers[0].torque.value, expected)
    data.train_mask = data.train_mask.nonzero().flatten()
    assert torch.equal(rewire(data, spec).layers[0].torque.value, expected)


def test_nan_is_an_unknown_label():
    data, expected = karate(), karate()
    data.y = data.y.float()
    data.y[33], expected.y[33] = torch.nan, -1
    for name in ("train_mask", "val_mask", "test_mask"):
        data[name][33] = expected[name][33] = False
    assert losses(data) == losses(expected)
    data.train_mask[33] = True
    with pytest.raises(BadGraph, match=r"a node of a mask has no label \(y < 0\)"):
        losses(data)


@pytest.mark.parametrize("rewiring", [None, RewireSpec()])
def test_multi_label_and_regression_targets_are_refused(rewiring):
    data = karate()
    data.y = torch.randint(2, (34, 3)).float()
    with pytest.raises(BadGraph, match=r"y has shape \(34, 3\); one class per node is needed"):
        losses(data, rewiring=rewiring)
    with pytest.raises(BadGraph, match=r"y has shape \(34, 3\)"):
        rewire(data, RewireSpec(force="pair"))
    data.y = torch.linspace(0, 1, 34)
    with pytest.raises(BadGraph, match="y must hold class indices"):
        losses(data, rewiring=rewiring)


def test_rewiring_without_classes_ignores_multi_label_targets():
    data = karate()
    labels = data.y
    del data.y
    expected = rewire(data).layers[0].torque.value
    data.y = labels
    assert not torch.equal(rewire(data).layers[0].torque.value, expected)  # classes are used
    data.y = torch.rand(34, 3)
    assert torch.equal(rewire(data).layers[0].torque.value, expected)


@LABEL_FORMS
def test_diagnostics_and_splits_of_every_form(form):
    data = karate()
    y, pairs, probabilities = data.y, rewire(data).layers[0].pairs, torch.rand(34, 2).softmax(dim=1)
    measures = [
        edge_homophily,
        node_homophily,
        class_insensitive_homophily,
        adjusted_homophily,
        label_informativeness,
    ]
    for measure in measures:
        assert measure(pairs, form(y)) == measure(pairs, y)
    predictions, mask = probabilities.argmax(dim=1), data.test_mask
    assert torch.equal(confusion(predictions, form(y), 2), confusion(predictions, y, 2))
    assert calibration(probabilities, form(y)).error == calibration(probabilities, y).error
    assert torch.equal(influence_by_class(torch.rand(34) * 0 + 1, form(y)), torch.bincount(y).float())
    expected = score_of(probabilities, y, mask, "accuracy")
    assert score_of(probabilities, form(y), mask.nonzero().flatten(), "accuracy") == expected
    split, reference = (stratified_split(labels, (0.5, 0.25, 0.25), seed=0) for labels in (form(y), y))
    assert torch.equal(split.train, reference.train)


@LABEL_FORMS
def test_noise_across_classes_of_every_form(form):
    data, noise = karate(), Noise("dice", 0.3)
    expected = add_noise(karate(), noise)
    data.y = form(data.y)
    noisy = add_noise(data, noise)
    assert torch.equal(noisy.injected, expected.injected)
    assert torch.equal(noisy.removed, expected.removed)


def test_noise_across_classes_ignores_nodes_with_nan():
    data, expected = karate(), karate()
    data.y = data.y.float()
    data.y[:5], expected.y[:5] = torch.nan, -1
    assert torch.equal(add_noise(data, Noise("dice", 0.2)).injected, add_noise(expected, Noise("dice", 0.2)).injected)
    data.y[:] = torch.nan
    with pytest.raises(BadGraph, match="dice needs node labels y"):
        add_noise(data, Noise("dice", 0.2))


def test_attacks_on_every_form():
    *_, trained = train(karate(), SPEC, device="cpu")
    spec = AttackSpec(budget=0.05, epochs=5)
    expected = attack(trained.model, karate(), spec)
    data = karate()
    data.y, data.test_mask = data.y[:, None].float(), data.test_mask.nonzero().flatten()
    result = attack(trained.model, data, spec)
    assert torch.equal(result.added, expected.added)
    assert torch.equal(result.removed, expected.removed)


@pytest.mark.parametrize("dtype", [torch.int32, torch.uint8, torch.float32])
def test_known_labels_of_class_probabilities(dtype):
    known = torch.tensor([1, 0]).to(dtype)
    expected = ClassProbabilities(torch.zeros(2, 2), torch.tensor([1, 0])).probabilities
    assert torch.equal(ClassProbabilities(torch.zeros(2, 2), known).probabilities, expected)
