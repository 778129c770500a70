import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from torque_core.cuts import CUTS, fixed_cut, gap_cut, no_cut
from torque_core.gap import torque_gap

NONE = torch.empty(0)


def test_names():
    assert {"gap": gap_cut, "fixed": fixed_cut, "none": no_cut} == CUTS


def fixed_count(torque, fraction):
    return int((torque >= fixed_cut(torque, NONE, NONE, fraction).threshold).sum())


@given(st.integers(0, 50), st.floats(0, 1), st.integers(0, 999))
def test_fixed_cuts_exactly_so_many_without_ties(edges, fraction, seed):
    torque = torch.randperm(edges, generator=torch.Generator().manual_seed(seed)).float()
    assert fixed_count(torque, fraction) == round(fraction * edges)


@given(st.lists(st.integers(0, 4), max_size=30), st.floats(0, 1), st.randoms(use_true_random=False))
def test_fixed_keeps_ties_together_and_never_cuts_more(values, fraction, random):
    torque = torch.tensor(values).float()
    budget = round(fraction * len(values))
    # the longest run of whole groups of equal torques, from the top, that fits
    expected = max((count for v in {*values, 9} if (count := sum(u >= v for u in values)) <= budget), default=0)
    assert fixed_count(torque, fraction) == expected
    random.shuffle(values)
    assert fixed_count(torch.tensor(values).float(), fraction) == expected


def test_fixed_by_hand():
    torque = torch.tensor([0.5, 3.0, 1.0, 2.0])
    assert fixed_cut(torque, NONE, NONE, 0.5).threshold == 2
    assert fixed_cut(torque, NONE, NONE, 0.0).threshold == math.inf
    assert fixed_cut(torque, NONE, NONE, 1.0).threshold == 0.5
    assert fixed_cut(NONE, NONE, NONE, 1.0).threshold == math.inf
    tied = torch.tensor([1.0, 2.0, 2.0, 3.0])
    assert fixed_cut(tied, NONE, NONE, 0.5).threshold == 3
    assert fixed_cut(torch.ones(4), NONE, NONE, 0.5).threshold == math.inf
    assert fixed_cut(torch.ones(4), NONE, NONE, 1.0).threshold == 1


@pytest.mark.parametrize(
    ("torque", "fraction", "reason"),
    [
        (torch.arange(10.0), 0.2, "A fixed 20% of the edges, those of highest torque."),
        (torch.arange(10.0), 0.01, "The fraction to cut is less than half an edge."),
        (torch.ones(10), 0.2, "The highest torques tie: no cut of this size would be the torques' own."),
    ],
)
def test_fixed_says_why(torque, fraction, reason):
    cut = fixed_cut(torque, NONE, NONE, fraction)
    assert cut.reason == reason
    assert cut.gap is None


def test_gap_cut_is_the_gaps():
    torque, chance, weight = torch.arange(5.0).repeat(10), torch.tensor([3.0, 4.0]), torch.ones(2)
    cut, gap = gap_cut(torque, chance, weight, 0.9), torque_gap(torque, chance, weight)
    assert (cut.threshold, cut.reason) == (gap.threshold, gap.reason) == (3, gap.reason)
    assert torch.equal(cut.gap.heights, gap.heights)


def test_no_cut():
    cut = no_cut(torch.arange(5.0), torch.ones(2), torch.ones(2), 1.0)
    assert (cut.threshold, cut.gap) == (math.inf, None)
