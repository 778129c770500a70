import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from torque_core.diagnostics import Detection, auroc, detection

scored = st.lists(st.tuples(st.integers(0, 6).map(lambda n: n / 3), st.booleans()), max_size=60)


@given(scored)
def test_auroc_is_that_of_scikit_learn(pairs):
    score = torch.tensor([value for value, _ in pairs])
    positive = torch.tensor([flag for _, flag in pairs], dtype=torch.bool)
    if positive.all() or not positive.any():
        assert auroc(score, positive) is None
    else:
        assert auroc(score, positive) == pytest.approx(roc_auc_score(positive, score))


@given(scored)
def test_auroc_is_the_share_of_pairs_in_order(pairs):
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
    assert detection(score, pruned, injected) == Detection(
        pruned=3, injected=3, hits=2, precision=2 / 3, recall=2 / 3, auroc=4 / 6
    )


def test_shares_of_nothing_are_none():
    score, nothing, everything = torch.ones(3), torch.zeros(3).bool(), torch.ones(3).bool()
    assert detection(score, nothing, everything) == Detection(0, 3, 0, None, 0.0, None)
    assert detection(score, everything, nothing) == Detection(3, 0, 0, 0.0, None, None)
    assert detection(score[:0], nothing[:0], nothing[:0]) == Detection(0, 0, 0, None, None, None)
