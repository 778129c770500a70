import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from torque_core.rewiring import gap as module
from torque_core.rewiring.gap import distinct, gap_curve, torque_gap


def slow_gap(torque, null_torque, weight):
    """The formulas, by loops: the null fraction and the height at each distinct torque."""

    def edges_above(value):
        return sum(t >= value for t in torque) / len(torque)

    def chance_above(value):
        return sum(w for c, w in zip(null_torque, weight, strict=True) if c >= value) / sum(weight)

    total = sum(weight)
    median = min(
        c for c in null_torque if 2 * sum(w for d, w in zip(null_torque, weight, strict=True) if d <= c) >= total
    )
    fraction = min(1.0, edges_above(median) / chance_above(median))
    return fraction, {value: 2 * fraction * chance_above(value) - edges_above(value) for value in sorted(set(torque))}


# few distinct values, so that there are ties, within the torques and with the null-model pairs
few_values = st.integers(0, 12).map(lambda n: n / 4)


@given(
    st.lists(few_values, min_size=1, max_size=60),
    st.lists(st.tuples(few_values, st.integers(1, 9)), min_size=1, max_size=30),
)
def test_fast_is_naive(torque, weighted):
    null_torque, weight = zip(*weighted, strict=True)
    gap = torque_gap(torch.tensor(torque), torch.tensor(null_torque), torch.tensor(weight).float())
    fraction, heights = slow_gap(torque, null_torque, weight)
    assert gap.null_fraction == pytest.approx(fraction, abs=1e-12)
    assert gap.torques.tolist() == list(heights)
    assert gap.heights.tolist() == pytest.approx(list(heights.values()), abs=1e-6)
    assert gap.sampling_error == pytest.approx(math.sqrt(math.log(40) / (2 * len(torque))))
    highest = max(heights.values())
    if fraction > 0.75 or highest <= gap.sampling_error:
        assert gap.threshold == math.inf
    elif gap.threshold == math.inf:  # the best cuts take too much
        best = [value for value, height in heights.items() if height == pytest.approx(highest)]
        assert any(sum(t >= value for t in torque) > 0.75 * len(torque) for value in best)
    else:
        assert heights[gap.threshold] == pytest.approx(highest)
        assert sum(t >= gap.threshold for t in torque) <= 0.75 * len(torque)


@given(
    st.lists(st.floats(0, 4, width=32), min_size=1, max_size=40),
    st.lists(st.tuples(st.floats(0, 4, width=32), st.floats(0.125, 1e4, width=32)), max_size=40),
)
def test_the_gap_is_always_finite(torque, weighted):
    null_torque = torch.tensor([c for c, _ in weighted])
    gap = torque_gap(torch.tensor(torque), null_torque, torch.tensor([w for _, w in weighted]))
    assert 0 <= gap.null_fraction <= 1
    assert bool(torch.isfinite(gap.heights).all())
    assert gap.threshold == math.inf or gap.threshold in gap.torques.tolist()
    assert gap.heights.dtype == gap.torques.dtype == torch.float64
    assert gap.reason.endswith(".")


def test_hand_computed():
    # S is 1, .8, .6, .4, .2 at 0 .. 4 (each ten times), S0 is 1 up to 3 and .5 at 4; the null median is 3
    torque = torch.arange(5.0).repeat(10)
    gap = torque_gap(torque, torch.tensor([3.0, 4.0]), torch.ones(2))
    assert gap.null_fraction == pytest.approx(0.4)  # .4 / 1 at 3
    torch.testing.assert_close(gap.heights, torch.tensor([-0.2, 0.0, 0.2, 0.4, 0.2]).double())
    assert gap.sampling_error == pytest.approx(0.19206, abs=1e-5)
    assert gap.threshold == 3
    assert gap.reason == "About 40% of the edges resemble random pairs; above the threshold they are the majority."


def test_the_curve_by_hand():
    # S is 1, .75, .25 at 1, 2, 4; S0 is 1, 1, .75, so the null median is 4, and .25 / .75 look random
    curve = gap_curve(torch.tensor([2.0, 4.0, 1.0, 2.0]), torch.tensor([4.0, 2.0]), torch.tensor([3.0, 1.0]))
    assert curve.null_fraction == pytest.approx(1 / 3)
    assert curve.values.tolist() == [1, 2, 4]
    assert curve.heights.tolist() == pytest.approx([2 / 3 - 1, 2 / 3 - 0.75, 2 / 3 * 0.75 - 0.25])
    assert curve.sampling_error == pytest.approx(math.sqrt(math.log(40) / 8))


def test_the_gap_is_the_maximum_of_the_curve():
    torque, null_torque = mixture(0.4)
    gap, curve = (function(torque, null_torque, torch.ones_like(null_torque)) for function in (torque_gap, gap_curve))
    assert torch.equal(gap.torques, curve.values)
    assert torch.equal(gap.heights, curve.heights)
    assert (gap.null_fraction, gap.sampling_error) == (curve.null_fraction, curve.sampling_error)
    assert gap.threshold == curve.values[curve.heights.argmax()]


def test_a_curve_without_edges_or_null_model_pairs_is_zero():
    edgeless = gap_curve(torch.empty(0), torch.ones(3), torch.ones(3))
    assert (len(edgeless.values), len(edgeless.heights), edgeless.sampling_error) == (0, 0, math.inf)
    complete = gap_curve(torch.tensor([2.0, 1.0]), torch.empty(0), torch.empty(0))
    assert (complete.values.tolist(), complete.heights.tolist(), complete.null_fraction) == ([1, 2], [0, 0], 0)


@given(st.lists(few_values, max_size=30))
def test_distinct_torques_are_counted(torque):
    values, counts = distinct(torch.tensor(torque))
    assert values.tolist() == sorted(set(torque))
    assert counts.tolist() == [torque.count(value) for value in values.tolist()]
    assert values.dtype == counts.dtype == torch.float64


def test_distinct_torques_may_have_a_gradient():
    values, counts = distinct(torch.tensor([0.5, 0.25, 0.5], requires_grad=True))
    assert (values.tolist(), counts.tolist(), values.requires_grad) == ([0.25, 0.5], [1, 2], False)


def test_null_model_weights_are_used():
    torque = torch.arange(5.0).repeat(10)
    weighted = torque_gap(torque, torch.tensor([3.0, 4.0]), torch.tensor([3.0, 1.0]))
    repeated = torque_gap(torque, torch.tensor([3.0, 3.0, 3.0, 4.0]), torch.ones(4))
    assert weighted.null_fraction == repeated.null_fraction
    assert torch.equal(weighted.heights, repeated.heights)
    assert weighted.threshold == repeated.threshold


def test_no_edges():
    gap = torque_gap(torch.empty(0), torch.ones(3), torch.ones(3))
    assert (gap.threshold, gap.null_fraction, len(gap.torques), len(gap.heights)) == (math.inf, 0, 0, 0)
    assert gap.reason == "The graph has no edges."


def test_no_null_model_pairs():
    gap = torque_gap(torch.tensor([2.0, 1.0, 2.0]), torch.empty(0), torch.empty(0))
    assert (gap.threshold, gap.null_fraction) == (math.inf, 0)
    assert gap.torques.tolist() == [1, 2]
    assert gap.heights.tolist() == [0, 0]
    assert "no null-model pairs" in gap.reason


def test_one_edge_is_never_pruned():
    # sampling_error is 1.36 for one edge, more than any height
    assert torque_gap(torch.tensor([5.0]), torch.zeros(9), torch.ones(9)).threshold == math.inf
    assert torque_gap(torch.tensor([0.0]), torch.ones(9), torch.ones(9)).threshold == math.inf


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_torques_equal_to_those_of_the_null_model_are_not_pruned(value):
    gap = torque_gap(torch.full((100,), value), torch.full((50,), value), torch.ones(50))
    assert (gap.threshold, gap.null_fraction) == (math.inf, 1)
    assert gap.reason.startswith("100% of the edges resemble random pairs")
    assert not gap.separates


def test_torques_far_below_the_null_model_are_not_pruned():
    gap = torque_gap(torch.zeros(100), torch.ones(50), torch.ones(50))
    assert (gap.threshold, gap.null_fraction) == (math.inf, 0)
    assert "within the sampling error" in gap.reason
    assert gap.separates


def mixture(fraction, size=2_000, seed=0):
    """Edges of low torque with a fraction of random ones, and an overlapping sample of null-model pairs."""
    generator = torch.Generator().manual_seed(seed)

    def normal(mean, spread, count):
        return (mean + spread * torch.randn(count, generator=generator)).clamp(min=0)

    chance_edges = round(fraction * size)
    torque = torch.cat([normal(0.3, 0.15, size - chance_edges), normal(1.0, 0.25, chance_edges)])
    return torque, normal(1.0, 0.25, 4_000)


@pytest.mark.parametrize("fraction", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
def test_a_known_fraction_is_estimated(fraction):
    torque, null_torque = mixture(fraction)
    gap = torque_gap(torque, null_torque, torch.ones_like(null_torque))
    assert gap.null_fraction == pytest.approx(fraction, abs=0.04)
    cut = torque >= gap.threshold
    injected = torch.arange(2_000) >= 2_000 - round(fraction * 2_000)
    assert float((cut & injected).sum() / cut.sum()) > 0.9
    assert float((cut & injected).sum() / injected.sum()) > 0.8


def test_the_estimated_fraction_increases_with_the_injected_one():
    shares = [
        torque_gap(torque, null_torque, torch.ones_like(null_torque)).null_fraction
        for torque, null_torque in map(mixture, (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7))
    ]
    assert shares == sorted(shares)


def test_nothing_is_pruned_if_nearly_all_edges_are_random():
    torque, null_torque = mixture(0.9)
    gap = torque_gap(torque, null_torque, torch.ones_like(null_torque))
    assert gap.threshold == math.inf
    assert gap.null_fraction > 0.75


@pytest.mark.parametrize("seed", range(5))
def test_nothing_is_pruned_without_separation(seed):
    generator = torch.Generator().manual_seed(seed)
    torque, null_torque = torch.rand(500, generator=generator), torch.rand(3_000, generator=generator)
    assert torque_gap(torque, null_torque, torch.ones_like(null_torque)).threshold == math.inf


@pytest.mark.parametrize("seed", range(5))
def test_order_does_not_matter(seed):
    torque, null_torque = mixture(0.4)
    order = torch.randperm(len(torque), generator=torch.Generator().manual_seed(seed))
    first = torque_gap(torque, null_torque, torch.ones_like(null_torque))
    second = torque_gap(torque[order], null_torque.flip(0), torch.ones_like(null_torque))
    assert (first.threshold, first.null_fraction) == (second.threshold, second.null_fraction)


def test_a_gap_that_would_prune_most_edges_prunes_none():
    torque = torch.tensor([1.0] * 35 + [0.6] * 45 + [0.1] * 20)
    null_torque = torch.tensor([1.0] * 51 + [0.6] * 49)  # the median is 1: the share is 0.35 / 0.51
    gap = torque_gap(torque, null_torque, torch.ones(100))
    assert gap.null_fraction == pytest.approx(0.35 / 0.51)
    assert gap.heights.tolist() == pytest.approx([2 * 0.35 / 0.51 - 1, 2 * 0.35 / 0.51 - 0.8, 0.35])
    assert gap.threshold == math.inf  # the best cut, at 0.6, would take 80 % of the edges
    assert "80%" in gap.reason


def test_a_curve_with_fewer_points_has_the_same_maximum(monkeypatch):
    generator = torch.Generator().manual_seed(0)
    torque, null = torch.rand(5_000, generator=generator).square(), torch.rand(300, generator=generator) + 0.3
    every = torque_gap(torque, null, torch.ones(300))
    monkeypatch.setattr(module, "_MOST_POINTS", 400)
    some = torque_gap(torque, null, torch.ones(300))
    assert len(some.torques) <= 700 < len(every.torques)
    assert (some.threshold, some.null_fraction, some.reason) == (every.threshold, every.null_fraction, every.reason)
    assert some.heights.max() == every.heights.max()
    assert some.edge_confidence is not None
    one, other = (given.edge_confidence(torque) for given in (every, some))
    assert float((one - other).abs().mean()) < 0.02
