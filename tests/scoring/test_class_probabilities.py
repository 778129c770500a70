import math
import re

import pytest
import torch
from scipy.optimize import minimize_scalar
from torch.nn.functional import cross_entropy, one_hot

from tests.conftest import PATH, all_pairs, slow_means
from torque_core.datasets import BlockModel, sample_block_model
from torque_core.errors import BadGraph
from torque_core.graph.pairs import undirected_pairs
from torque_core.graph.propagation import Propagation, centred_unit
from torque_core.scoring import class_probabilities as module
from torque_core.scoring.class_probabilities import ClassProbabilities, cross_fitted_probabilities

LN3 = math.log(3)
# believed: 3/4 the second class, unsure, 9/10 the first; known: the second class, against what the scores say
BELIEFS = ClassProbabilities(
    torch.tensor([[0.0, LN3], [0.0, 0.0], [2 * LN3, 0.0], [5.0, 0.0]]), torch.tensor([-1, -1, -1, 1]), confidence=0.75
)


def test_probabilities_are_one_hot_for_known_labels():
    expected = torch.tensor([[0.25, 0.75], [0.5, 0.5], [0.9, 0.1], [0.0, 1.0]])
    torch.testing.assert_close(BELIEFS.probabilities, expected)


def test_labels_are_known_or_confident():
    assert BELIEFS.labels.tolist() == [1, -1, 0, 1]
    assert ClassProbabilities(BELIEFS.logits, BELIEFS.known, confidence=0.8).labels.tolist() == [-1, -1, 0, 1]
    assert ClassProbabilities(BELIEFS.logits, BELIEFS.known, confidence=1.0).labels.tolist() == [-1, -1, -1, 1]


def test_directions_have_length_one_if_certain_and_zero_if_uniform():
    # two classes: p - 1/2 over sqrt(1/2), the length of (1/2, -1/2)
    expected = torch.tensor([[-0.25, 0.25], [0.0, 0.0], [0.4, -0.4], [-0.5, 0.5]]) / 0.5**0.5
    torch.testing.assert_close(BELIEFS.directions, expected)
    # three: (2/3, -1/3, -1/3) has length sqrt(2/3)
    three = ClassProbabilities(torch.zeros(2, 3), torch.tensor([0, -1])).directions
    torch.testing.assert_close(three, torch.tensor([[2 / 3, -1 / 3, -1 / 3], [0, 0, 0]]) / (2 / 3) ** 0.5)
    assert ClassProbabilities(torch.zeros(2, 1), torch.tensor([0, -1])).directions.tolist() == [[0], [0]]


def test_free_energy_is_hand_computed():
    # -log(1 + 3), -log(1 + 1), -log(9 + 1); at T = 2 the scores are halved: -2 log(1 + 3) where they were 0 and 2 log 3
    assert BELIEFS.free_energy().tolist()[:3] == pytest.approx([-math.log(4), -math.log(2), -math.log(10)])
    assert BELIEFS.free_energy(2.0).tolist()[1:3] == pytest.approx([-2 * math.log(2), -2 * math.log(4)])


def test_to_moves_all_tensors():
    moved = BELIEFS.to("cpu")
    assert torch.equal(moved.logits, BELIEFS.logits)
    assert torch.equal(moved.known, BELIEFS.known)
    assert moved.confidence == 0.75


@pytest.mark.parametrize(
    ("logits", "known", "shapes"),
    [((4,), (4,), "(4,) and (4,)"), ((4, 2), (3,), "(4, 2) and (3,)"), ((4, 2), (4, 1), "(4, 2) and (4, 1)")],
)
def test_mismatched_shapes_raise(logits, known, shapes):
    message = f"logits must have shape (nodes, classes) and known (nodes,), got {shapes}"
    with pytest.raises(BadGraph, match=re.escape(message)):
        ClassProbabilities(torch.zeros(logits), torch.zeros(known, dtype=torch.long))


def test_a_known_class_without_a_score_raises():
    with pytest.raises(BadGraph, match="known holds class 2, but logits has 2 classes"):
        ClassProbabilities(torch.zeros(2, 2), torch.tensor([-1, 2]))


def solve(rows, targets, ridge):
    """Ridge regression by the normal equations."""
    return torch.linalg.solve(rows.T @ rows + ridge * torch.eye(rows.size(1)).double(), rows.T @ targets)


def refitted(rows, known, ridge):
    """Scores of all nodes, those of the training nodes each from a fit without that node, by refitting each time."""
    train = (known >= 0).nonzero().flatten()
    targets = one_hot(known[train]).double()
    prior = targets.mean(dim=0)
    scores = prior + rows @ solve(rows[train], targets - prior, ridge)
    for place, node in enumerate(train.tolist()):
        others = torch.arange(len(train)) != place
        scores[node] = prior + rows[node] @ solve(rows[train[others]], targets[others] - prior, ridge)
    return scores


def calibrated(scores, known):
    """The lowest cross-entropy of the training nodes at any factor of the scores, and the scores times that factor."""
    train = known >= 0

    def loss(factor):
        return float(cross_entropy(factor * scores[train], known[train]))

    factor = minimize_scalar(loss, bounds=(0.01, 100), method="bounded", options={"xatol": 1e-9}).x
    return loss(factor), factor * scores


def noisy_layer(features, nodes=24, dtype=torch.double):
    """Three classes that features tell apart badly, so that no fit is perfect, and labels of the first half."""
    generator = torch.Generator().manual_seed(1)
    y = torch.arange(nodes) % 3
    x = centred_unit(torch.randn(nodes, features, generator=generator, dtype=torch.double) + one_hot(y, features))
    every = all_pairs(nodes)
    same = y[every[0]] == y[every[1]]
    edges = every[:, torch.rand(every.size(1), generator=generator) < torch.where(same, 0.3, 0.1)]
    return Propagation(x.to(dtype), edges), torch.where(torch.arange(nodes) < nodes // 2, y, -1)


@pytest.mark.parametrize("features", [4, 30])  # fewer and more than labels
@pytest.mark.parametrize("ridge", [0.1, 10.0])
def test_training_nodes_are_predicted_by_a_fit_without_them(monkeypatch, features, ridge):
    layer, known = noisy_layer(features)
    isolated = Propagation(layer.x, PATH[:, :0])  # propagated or not, the same features
    monkeypatch.setattr(module, "_RIDGES", (ridge,))
    _, expected = calibrated(refitted(layer.x, known, ridge), known)
    torch.testing.assert_close(cross_fitted_probabilities(isolated, known).logits, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("features", [4, 30])
def test_features_and_penalty_minimise_the_cross_entropy(features):
    layer, known = noisy_layer(features)
    edges = dict.fromkeys(map(tuple, layer.pairs.T.tolist()), 1.0)
    choices = [
        calibrated(refitted(slow_means(layer.x, edges, depth), known, ridge), known)
        for depth in (0, 2)
        for ridge in (0.1, 1.0, 10.0)
    ]
    losses = sorted(loss for loss, _ in choices)
    assert losses[1] - losses[0] > 1e-4  # one is the best
    _, expected = min(choices, key=lambda choice: choice[0])
    result = cross_fitted_probabilities(layer, known)
    torch.testing.assert_close(result.logits, expected, rtol=1e-3, atol=1e-4)
    assert torch.equal(result.known, known)


def test_calibration_improves_on_raw_scores(monkeypatch):
    layer, known = noisy_layer(4)
    train = known >= 0
    monkeypatch.setattr(module, "_RIDGES", (1.0,))
    result = cross_fitted_probabilities(layer, known).logits
    for depth in (0, 2):
        rows = slow_means(layer.x, dict.fromkeys(map(tuple, layer.pairs.T.tolist()), 1.0), depth)
        plain = cross_entropy(refitted(rows, known, 1.0)[train], known[train])
        assert cross_entropy(result[train], known[train]) < plain
    for factor in (0.9, 1.1):
        assert cross_entropy(factor * result[train], known[train]) > cross_entropy(result[train], known[train])


def block_model_layer(**changes):
    data = sample_block_model(BlockModel(nodes=400, degree=8, homophily=0.8, **changes))
    layer = Propagation(centred_unit(data.x), undirected_pairs(data.edge_index, len(data.x)))
    train = torch.rand(400, generator=torch.Generator().manual_seed(0)) < 0.2
    return layer, torch.where(train, data.y, -1), data.y


def test_unlabelled_nodes_are_predicted_better_than_at_random():
    layer, known, y = block_model_layer(signal=1.0)
    result = cross_fitted_probabilities(layer, known)
    for nodes in (known < 0, known >= 0):
        right = result.logits[nodes].argmax(dim=1) == y[nodes]
        assert float(right.double().mean()) > 0.8  # at random: 1/3
        assert cross_entropy(result.logits[nodes], y[nodes]) < 0.7 * math.log(3)


def test_random_labels_give_no_confident_predictions():
    # some 80 labels and 300 features: a plain fit would repeat every label; the best of six fits is slightly biased
    layer, known, y = block_model_layer(features=300)
    losses = []
    for seed in range(10):
        shuffled = torch.where(known >= 0, y[torch.randperm(400, generator=torch.Generator().manual_seed(seed))], -1)
        logits = cross_fitted_probabilities(layer, shuffled).logits[known >= 0]
        losses.append(cross_entropy(logits, shuffled[known >= 0]))
    assert float(torch.stack(losses).mean()) == pytest.approx(math.log(3), abs=0.05)


def test_confidence_and_type_are_passed_on():
    layer, known = noisy_layer(4, dtype=torch.float32)
    result = cross_fitted_probabilities(layer, known, confidence=0.6)
    assert result.confidence == 0.6
    assert result.logits.dtype == torch.float32


def test_fits_are_deterministic():
    first, second = (cross_fitted_probabilities(*noisy_layer(30)) for _ in range(2))
    assert torch.equal(first.logits, second.logits)


def test_uninformative_features_give_the_class_frequencies():
    # two of class 0 and one of class 1 are known: scores 2/3 and 1/3 of all nodes, times one factor
    layer = Propagation(torch.zeros(4, 2), PATH)
    logits = cross_fitted_probabilities(layer, torch.tensor([0, 0, 1, -1])).logits
    assert torch.equal(logits, logits[:1].expand(4, 2))
    # the softmax that fits best is 2/3 against 1/3
    torch.testing.assert_close(logits[0].softmax(dim=0), torch.tensor([2 / 3, 1 / 3]), atol=1e-3, rtol=0)


def test_a_single_class_is_predicted_for_all():
    layer, known = noisy_layer(4)
    result = cross_fitted_probabilities(layer, torch.where(known >= 0, 0, -1))
    assert result.logits.shape == (24, 1)
    assert result.labels.tolist() == [0] * 24


@pytest.mark.parametrize("labels", [0, 1])
def test_fewer_than_two_labels_raise(labels):
    layer, known = noisy_layer(4)
    few = torch.where((known >= 0).cumsum(0) <= labels, known, -1) if labels else torch.full_like(known, -1)
    with pytest.raises(BadGraph, match=rf"at least 2 nodes with a known label .*, got {labels}"):
        cross_fitted_probabilities(layer, few)
