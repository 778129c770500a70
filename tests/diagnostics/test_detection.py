import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from torque_core.diagnostics import DetectionReport, auroc, detection
from torque_core.diagnostics.detection import RocPoint, roc_curve

scored = st.lists(st.tuples(st.integers(0, 6).map(lambda n: n / 3), st.booleans()), max_size=60)


@given(scored)
def test_auroc_equals_that_of_scikit_learn(pairs):
    score = torch.tensor([value for value, _ in pairs])
    positive = torch.tensor([flag for _, flag in pairs], dtype=torch.bool)
    if positive.all() or not positive.any():
        assert auroc(score, positive) is None
    else:
        assert auroc(score, positive) == pytest.approx(roc_auc_score(positive, score))


@given(scored)
def test_auroc_is_the_fraction_of_ordered_pairs(pairs):
    high, low = ([value for value, flag in pairs if flag is wanted] for wanted in (True, False))
    if high and low:
        wins = sum((h > v) + (h == v) / 2 for h in high for v in low)
        score, positive = zip(*pairs, strict=True)
        assert auroc(torch.tensor(score), torch.tensor(positive)) == pytest.approx(wins / (len(high) * len(low)))


def test_auroc_of_many():
    generator = torch.Generator().manual_seed(0)
    score, positive = torch.rand(200_000, generator=generator), torch.rand(200_000, generator=generator) < 0.3
    assert auroc(score, positive) == pytest.approx(roc_auc_score(positive, score), abs=1e-9)


def test_detection_is_hand_computed():
    score = torch.tensor([5.0, 4.0, 3.0, 2.0, 1.0])
    pruned = torch.tensor([True, True, True, False, False])
    injected = torch.tensor([True, False, True, True, False])
    # pairs in order: 5 beats both others, 3 beats 1 of 2, 2 beats 1 of 2
    assert detection(score, pruned, injected) == DetectionReport(
        pruned=3, injected=3, hits=2, precision=2 / 3, recall=2 / 3, auroc=4 / 6
    )


def test_undefined_fractions_are_none():
    score, nothing, everything = torch.ones(3), torch.zeros(3).bool(), torch.ones(3).bool()
    assert detection(score, nothing, everything) == DetectionReport(0, 3, 0, None, 0.0, None)
    assert detection(score, everything, nothing) == DetectionReport(3, 0, 0, 0.0, None, None)
    assert detection(score[:0], nothing[:0], nothing[:0]) == DetectionReport(0, 0, 0, None, None, None)


def slow_roc(pairs):
    """A point for each threshold, from above the highest score down, by loops."""
    high, low = ([value for value, flag in pairs if flag is wanted] for wanted in (True, False))
    thresholds = [2.0**20, *sorted({value for value, _ in pairs}, reverse=True)]
    return [
        (sum(value >= at for value in low) / len(low), sum(value >= at for value in high) / len(high))
        for at in thresholds
    ]


@given(scored)
def test_roc_curve_fast_is_naive(pairs):
    score = torch.tensor([value for value, _ in pairs])
    positive = torch.tensor([flag for _, flag in pairs], dtype=torch.bool)
    curve = roc_curve(score, positive)
    if positive.all() or not positive.any():
        assert curve is None
    else:
        points = list(zip(curve.false_positive_rate.tolist(), curve.true_positive_rate.tolist(), strict=True))
        assert points == slow_roc(pairs)
        assert curve.auroc == auroc(score, positive)
        # straight lines between the points: ties count half
        assert float(torch.trapezoid(curve.true_positive_rate, curve.false_positive_rate)) == pytest.approx(curve.auroc)
        assert curve.cut is None


@given(scored, st.integers(-1, 8).map(lambda n: n / 3))
def test_cut_point_matches_the_threshold(pairs, threshold):
    score = torch.tensor([value for value, _ in pairs])
    positive = torch.tensor([flag for _, flag in pairs], dtype=torch.bool)
    curve = roc_curve(score, positive, threshold=threshold)
    if curve is not None:
        report = detection(score, score >= threshold, positive)
        assert curve.cut.true_positive_rate == report.recall
        assert curve.cut.false_positive_rate == (report.pruned - report.hits) / (len(pairs) - report.injected)


def test_nothing_passes_an_infinite_threshold():
    curve = roc_curve(torch.tensor([1.0, 2.0]), torch.tensor([False, True]), threshold=torch.inf)
    assert curve.cut == RocPoint(0, 0)


def test_long_curves_are_thinned_evenly():
    generator = torch.Generator().manual_seed(0)
    positive = torch.rand(50_000, generator=generator) < 0.01
    score = torch.rand(50_000, generator=generator) + positive
    curve = roc_curve(score, positive)
    x, y = curve.false_positive_rate, curve.true_positive_rate
    assert len(x) <= 500
    assert (x[0], y[0], x[-1], y[-1]) == (0, 0, 1, 1)
    # 499 steps of equal length along the two axes together, and what a single edge adds to that
    assert float((x.diff() + y.diff()).max()) < 2 / 499 + 1 / int(positive.sum()) + 1e-9
    assert curve.auroc == auroc(score, positive)
    assert float(torch.trapezoid(y, x)) == pytest.approx(curve.auroc, abs=2e-3)
    assert len(roc_curve(score, positive, most=20).false_positive_rate) <= 20
