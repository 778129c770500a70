import math
import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from torque_core.diagnostics.calibration import calibration
from torque_core.errors import BadConfig, BadGraph


def test_every_number_is_hand_computed():
    probabilities = torch.tensor([[0.9, 0.1], [0.7, 0.3], [0.45, 0.55], [0.2, 0.8]], dtype=torch.double)
    y = torch.tensor([0, 1, 1, 1])  # right, wrong, right, right
    result = calibration(probabilities, y, bins=4)  # confidences 0.9 | 0.7 and 0.55 | and 0.8 with the first
    assert result.count.tolist() == [0, 0, 2, 2]
    assert result.confidence[2:].tolist() == pytest.approx([0.625, 0.85])
    assert result.accuracy[2:].tolist() == pytest.approx([0.5, 1.0])
    assert bool(result.confidence[:2].isnan().all())
    assert bool(result.accuracy[:2].isnan().all())
    assert result.error == pytest.approx((2 * 0.125 + 2 * 0.15) / 4)
    assert result.brier == pytest.approx(2 * (0.01 + 0.49 + 0.2025 + 0.04) / 4)
    assert result.nll == pytest.approx(-math.log(0.9 * 0.3 * 0.55 * 0.8) / 4)


@pytest.mark.parametrize("dtype", [torch.float, torch.double])
@pytest.mark.parametrize("bins", [5, 10, 15, 20])
def test_a_border_belongs_to_the_bin_below_it(bins, dtype):
    for border in range(bins // 2 + 1, bins + 1):
        confidence = torch.tensor(border, dtype=dtype) / bins
        result = calibration(torch.stack([confidence, 1 - confidence])[None], torch.tensor([0]), bins=bins)
        assert result.count.nonzero().tolist() == [[border - 1]]


def test_confident_predictions_are_calibrated_only_if_correct():
    sure = torch.eye(3)
    right = calibration(sure, torch.tensor([0, 1, 2]))
    assert (right.error, right.brier, right.nll) == (0, 0, 0)
    wrong = calibration(sure, torch.tensor([1, 2, 0]))
    assert (wrong.error, wrong.brier, wrong.nll) == (1, 2, math.inf)
    assert calibration(torch.full((4, 4), 0.25), torch.tensor([0, 1, 2, 3])).error == 0


def test_unlabelled_rows_are_ignored():
    probabilities = torch.tensor([[0.9, 0.1], [0.3, 0.3], [0.2, 0.8]])  # the second is not a distribution
    kept = calibration(probabilities[[0, 2]], torch.tensor([0, 0]))
    result = calibration(probabilities, torch.tensor([0, -1, 0]))
    assert (result.error, result.brier, result.nll) == (kept.error, kept.brier, kept.nll)
    assert int(result.count.sum()) == 2


@given(st.integers(1, 40), st.integers(2, 5), st.integers(1, 20), st.integers(0, 2**31))
def test_fast_is_naive(rows, classes, bins, seed):
    generator = torch.Generator().manual_seed(seed)
    probabilities = torch.randn(rows, classes, generator=generator, dtype=torch.double).mul(2).softmax(dim=1)
    y = torch.randint(classes, (rows,), generator=generator)
    result = calibration(probabilities, y, bins=bins)

    members = [[] for _ in range(bins)]
    brier = 0.0
    for p, label in zip(probabilities.tolist(), y.tolist(), strict=True):
        members[math.ceil(max(p) * bins) - 1].append((max(p), p.index(max(p)) == label))
        brier += sum((value - (c == label)) ** 2 for c, value in enumerate(p)) / rows
    gaps = [abs(sum(right for _, right in held) - sum(sure for sure, _ in held)) for held in members]
    assert result.error == pytest.approx(sum(gaps) / rows)
    assert result.count.tolist() == [len(held) for held in members]
    assert result.brier == pytest.approx(brier)
    assert result.nll == pytest.approx(log_loss(y, probabilities, labels=range(classes)))


two = torch.tensor([[0.9, 0.1], [0.5, 0.5]])


@pytest.mark.parametrize(
    ("probabilities", "y", "message"),
    [
        (two, torch.tensor([0]), "must have shape (nodes, classes) and y (nodes,), got (2, 2) and (1,)"),
        (two[0], torch.tensor([0, 1]), "must have shape (nodes, classes) and y (nodes,), got (2,) and (2,)"),
        (two, torch.tensor([-1, -1]), "no label is known (y is -1 everywhere); calibration needs some"),
        (two, torch.tensor([0, 2]), "y holds class 2, but probabilities has 2 columns"),
        (two + torch.tensor([[0], [1]]), torch.tensor([0, 1]), "row 1 is not a distribution"),
        (torch.tensor([[1.5, -0.5]]), torch.tensor([0]), "row 0 is not a distribution"),
        (torch.tensor([[math.nan, 1.0]]), torch.tensor([0]), "row 0 is not a distribution"),
    ],
)
def test_mismatched_inputs_raise(probabilities, y, message):
    with pytest.raises(BadGraph, match=re.escape(message)):
        calibration(probabilities, y)


@pytest.mark.parametrize("bins", [0, 2.0])
def test_number_of_bins_must_be_positive(bins):
    with pytest.raises(BadConfig, match=f"bins must be an integer of at least 1, got {bins}"):
        calibration(two, torch.tensor([0, 1]), bins=bins)
