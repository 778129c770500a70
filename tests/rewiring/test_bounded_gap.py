import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.rewiring.test_gap import mixture
from torque_core.rewiring.bounded_gap import bounded_gap
from torque_core.rewiring.gap import torque_gap


def bounded(torque, null_torque, **options):
    return bounded_gap(torque, null_torque, {"by degree": torch.ones_like(null_torque)}, **options)


@pytest.mark.parametrize("fraction", [0.1, 0.3, 0.5])
def test_the_bound_is_the_fraction_of_random_edges(fraction):
    torque, null_torque = mixture(fraction)
    gap = bounded(torque, null_torque)
    assert gap.null_fraction == pytest.approx(fraction, abs=0.05)
    assert math.isfinite(gap.threshold)
    assert (gap.null_model, gap.reliability) == ("by degree", 1)
    assert "resemble random pairs sampled by degree" in gap.reason


def test_the_bound_by_hand():
    # S is 1, 1/2 and 1/10 at 0, 1 and 2, S0 is 1, 1 and 1/2: the ratio is smallest at 2, with a standard error of .03
    torque = torch.tensor([0.0, 1.0, 2.0]).repeat_interleave(torch.tensor([50, 40, 10]))
    gap = bounded(torque, torch.tensor([1.0, 2.0]))
    assert gap.null_fraction == pytest.approx((0.1 + 0.03) / 0.5)
    # A = 1/2 + 2/5 (1/2 + 1/4) + 1/10 / 4 = .825, so a = (.825 - .13) / .74 = .939
    assert gap.reliability == 1


@given(
    st.lists(st.floats(0, 4, width=32), min_size=1, max_size=40),
    st.lists(st.floats(0, 4, width=32), min_size=1, max_size=40),
)
def test_the_bound_exceeds_the_estimate_at_the_median_at_most_by_its_error(torque, null_torque):
    torque, null_torque = torch.tensor(torque), torch.tensor(null_torque)
    median = torque_gap(torque, null_torque, torch.ones_like(null_torque)).null_fraction
    # at the median S0 is at least a half, and the standard error of S at most a half of the root of 1 / E
    assert bounded(torque, null_torque).null_fraction <= median + len(torque) ** -0.5 + 1e-6


def test_the_null_model_that_explains_most_edges_counts():
    torque = torch.cat([torch.linspace(0, 0.4, 80), torch.linspace(0.8, 1.2, 40)])
    null_torque = torch.cat([torch.linspace(0.8, 1.2, 500), torch.linspace(1.3, 2, 500)])
    first, second = (torch.arange(1000) < 500).float(), (torch.arange(1000) >= 500).float()
    gap = bounded_gap(torque, null_torque, {"by degree": second, "uniformly": first})
    assert gap.null_model == "uniformly"
    assert gap.null_fraction == pytest.approx(1 / 3 + (2 / 9 / 120) ** 0.5, abs=0.02)
    assert gap.threshold == pytest.approx(0.8)


def test_nothing_is_pruned_if_torque_does_not_separate():
    # a fifth is random, and the others are hardly lower than the null-model pairs: a = 1 - .4
    torque, null_torque = (
        torch.cat([torch.linspace(0.2, 0.6, 800), torch.linspace(0, 1, 200)]),
        torch.linspace(0, 1, 1000),
    )
    assert math.isfinite(torque_gap(torque, null_torque, torch.ones(1000)).threshold)
    gap = bounded(torque, null_torque)
    assert (gap.threshold, gap.reliability, gap.separates) == (math.inf, 0, False)
    assert gap.reason == "Torque hardly separates the edges of this graph from random pairs, so none is pruned."
    assert gap.edge_confidence is None


@pytest.mark.parametrize("reliability", [0.25, 0.5, 0.75])
def test_the_reliability_is_the_part_of_the_edges_above_the_gap_that_is_pruned(reliability):
    torque, null_torque = mixture(0.4)
    full, part = bounded(torque, null_torque), bounded(torque, null_torque, reliability=reliability)
    pruned, fewer = (int((torque >= gap.threshold).sum()) for gap in (full, part))
    assert fewer == int(reliability * pruned)  # those of highest torque, since no two are equal
    assert part.reliability == reliability
    assert part.null_fraction == full.null_fraction
    assert f"is not reliable, so only {reliability:.0%} of them are pruned." in part.reason
    # an edge that is kept is less suspicious too
    doubts = [1 - gap.edge_confidence(torque.sort().values[-pruned:]).mean() for gap in (full, part)]
    assert float(doubts[1]) == pytest.approx(reliability * float(doubts[0]), rel=0.05)


def test_without_reliability_nothing_is_pruned():
    gap = bounded(*mixture(0.4), reliability=0.0)
    assert (gap.threshold, gap.reliability) == (math.inf, 0)
    assert gap.reason.startswith("The estimate of an earlier layer, or of the features alone, is not reliable, so none")


def test_if_nearly_all_edges_seem_random_none_is_pruned():
    gap = bounded(*mixture(0.9))
    assert gap.threshold == math.inf
    assert gap.null_fraction == pytest.approx(0.9, abs=0.05)
    assert gap.reason.endswith("of the edges resemble random pairs, which is too many, so none is pruned.")
    assert gap.reliability == 0  # so that no later layer prunes either


def test_little_more_noise_changes_the_pruning_little():
    """No cliff: with more noise the pruned fraction grows, and falls to zero where all seems random, in small steps."""
    generator = torch.Generator().manual_seed(0)
    null_torque = 0.7 + 0.3 * torch.rand(4000, generator=generator)
    pruned = []
    for fraction in torch.arange(0, 0.9, 0.01).tolist():
        count = round(4000 * fraction / (1 - fraction))
        noise = 0.7 + 0.3 * torch.rand(count, generator=generator)
        torque = torch.cat([0.75 * torch.rand(4000, generator=generator), noise])
        pruned.append(float((torque >= bounded(torque, null_torque).threshold).float().mean()))
    assert max(abs(after - before) for before, after in pairwise(pruned)) < 0.12
    assert pruned[0] == pruned[-1] == 0
    assert max(pruned) > 0.6


def test_there_are_defined_answers_without_edges_or_null_model_pairs():
    empty = torch.empty(0)
    assert bounded(empty, torch.ones(3)).reason == "The graph has no edges."
    assert "no null-model pairs" in bounded(torch.ones(2), empty).reason
