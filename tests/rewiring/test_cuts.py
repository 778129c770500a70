import math
from dataclasses import replace
from fractions import Fraction

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from torque_core.rewiring.cuts import (
    CUTS,
    CutInputs,
    bernoulli_cut,
    bounded_gap_cut,
    budget_cut,
    fixed_cut,
    gap_cut,
    mixture_cut,
    no_cut,
    otsu_cut,
)
from torque_core.rewiring.gap import torque_gap

NONE = torch.empty(0)


def cut_inputs(torque, null=NONE, **options):
    """CutInputs with null-model pairs of equal weight."""
    torque, null = (torch.as_tensor(values, dtype=torch.float) for values in (torque, null))
    return CutInputs(torque, null, torch.ones_like(null), **options)


def test_names():
    assert {
        "gap": gap_cut,
        "bounded_gap": bounded_gap_cut,
        "fixed": fixed_cut,
        "budget": budget_cut,
        "otsu": otsu_cut,
        "mixture": mixture_cut,
        "bernoulli": bernoulli_cut,
        "none": no_cut,
    } == CUTS


# ties within few values, and values in general position, where two distributions may be fitted
few_values = st.lists(st.integers(0, 12).map(lambda n: n / 4), max_size=40)
many_values = st.lists(st.floats(0, 4, width=32), max_size=40)
every_rule = pytest.mark.parametrize("name", CUTS)


@every_rule
@given(torque=few_values | many_values, null=few_values, options=st.data())
@settings(max_examples=40)
def test_every_threshold_is_a_torque_or_infinite(name, torque, null, options):
    fraction, budget = options.draw(st.floats(0, 1)), options.draw(st.integers(0, 50))
    cut = CUTS[name](cut_inputs(torque, null, fraction=fraction, budget=budget))
    assert cut.threshold == math.inf or cut.threshold in torch.tensor(torque).tolist()
    assert cut.reason.endswith(".")
    # so what has the same torque goes or stays together, and the order of the edges has no say
    order = torch.tensor(options.draw(st.permutations(range(len(torque)))), dtype=torch.long)
    shuffled = torch.tensor(torque)[order]
    assert CUTS[name](cut_inputs(shuffled, null[::-1], fraction=fraction, budget=budget)).threshold == cut.threshold


@pytest.mark.parametrize("name", ["otsu", "gap", "fixed", "budget"])
@given(torque=few_values, null=few_values, fraction=st.floats(0, 1), budget=st.integers(0, 50))
@settings(max_examples=40)
def test_threshold_scales_with_the_torques(name, torque, null, fraction, budget):
    assume(name != "otsu" or len(best_by_otsu(torque)) < 2)  # of two that are as good, rounding chooses
    before = cut_inputs(torque, null, fraction=fraction, budget=budget)
    after = replace(before, torque=7 * before.torque, null_torque=7 * before.null_torque)
    assert CUTS[name](after).threshold == 7 * CUTS[name](before).threshold


@every_rule
@pytest.mark.parametrize("edges", [0, 1, 50])
@pytest.mark.parametrize("value", [0.0, 3.0])
def test_equal_torques_are_not_pruned(name, edges, value):
    seen = cut_inputs([value] * edges, [0.0, 1.0, 3.0, 4.0], fraction=0.4, budget=edges // 2)
    assert CUTS[name](seen).threshold == math.inf


@pytest.mark.parametrize("name", ["fixed", "budget"])
def test_all_edges_can_be_pruned(name):
    assert CUTS[name](cut_inputs([2.0] * 9, fraction=1.0, budget=9)).threshold == 2


def fixed_count(torque, fraction):
    torque = torch.as_tensor(torque).float()
    return int((torque >= fixed_cut(cut_inputs(torque, fraction=fraction)).threshold).sum())


def budget_count(torque, budget):
    torque = torch.as_tensor(torque).float()
    return int((torque >= budget_cut(cut_inputs(torque, budget=budget)).threshold).sum())


@given(st.integers(0, 50), st.floats(0, 1), st.integers(0, 60), st.integers(0, 999))
def test_the_exact_number_is_pruned_without_ties(edges, fraction, budget, seed):
    torque = torch.randperm(edges, generator=torch.Generator().manual_seed(seed))
    assert fixed_count(torque, fraction) == round(fraction * edges)
    assert budget_count(torque, budget) == min(budget, edges)


@given(st.lists(st.integers(0, 4), max_size=30), st.floats(0, 1))
def test_ties_are_kept_together_within_the_budget(values, fraction):
    requested = round(fraction * len(values))
    # the longest run of whole groups of equal torques, from the top, that fits
    expected = max((count for v in {*values, 9} if (count := sum(u >= v for u in values)) <= requested), default=0)
    assert fixed_count(values, fraction) == expected
    assert budget_count(values, requested) == expected


def test_fixed_by_hand():
    torque = [0.5, 3.0, 1.0, 2.0]
    assert fixed_cut(cut_inputs(torque, fraction=0.5)).threshold == 2
    assert fixed_cut(cut_inputs(torque, fraction=0.0)).threshold == math.inf
    assert fixed_cut(cut_inputs(torque, fraction=1.0)).threshold == 0.5
    assert fixed_cut(cut_inputs([], fraction=1.0)).threshold == math.inf
    assert fixed_cut(cut_inputs([1.0, 2.0, 2.0, 3.0], fraction=0.5)).threshold == 3


def test_budget_by_hand():
    torque = [0.5, 3.0, 1.0, 2.0]
    assert [budget_cut(cut_inputs(torque, budget=count)).threshold for count in (0, 1, 3, 4, 9)] == [
        math.inf,
        3,
        1,
        0.5,
        0.5,
    ]
    assert budget_cut(cut_inputs([1.0, 2.0, 2.0, 3.0], budget=2)).threshold == 3


@pytest.mark.parametrize(
    ("rule", "options", "reason"),
    [
        (fixed_cut, {"fraction": 0.2}, "A fixed fraction of 20% of the edges is pruned."),
        (fixed_cut, {"fraction": 0.01}, "The number of edges to prune rounds to zero."),
        (budget_cut, {"budget": 5}, "A fixed number of 5 edges is pruned."),
    ],
)
def test_rules_with_a_number_report_it(rule, options, reason):
    cut = rule(cut_inputs(torch.arange(10.0), **options))
    assert (cut.reason, cut.gap) == (reason, None)


@pytest.mark.parametrize("rule", [fixed_cut, budget_cut])
def test_ties_at_the_highest_torque_are_reported(rule):
    cut = rule(cut_inputs(torch.ones(10), fraction=0.2, budget=2))
    assert cut.reason == "More edges tie for the highest torque than should be pruned, so none is pruned."


def between_classes(torque, threshold):
    """Otsu's variance between the classes below a threshold and from it upwards, without rounding."""
    low = [Fraction(t) for t in torque if t < threshold]
    high = [Fraction(t) for t in torque if t >= threshold]
    difference = sum(low) / len(low) - sum(high) / len(high)
    return Fraction(len(low) * len(high), len(torque) ** 2) * difference**2


def best_by_otsu(torque):
    """The thresholds of largest variance."""
    variance = {value: between_classes(torque, value) for value in set(torque) - {min(torque, default=0)}}
    return [value for value, result in variance.items() if result == max(variance.values())]


@given(st.lists(st.integers(0, 99).map(float), min_size=1, max_size=30))
def test_otsu_equals_a_search_over_all_thresholds(torque):
    assert otsu_cut(cut_inputs(torque)).threshold in (best_by_otsu(torque) or [math.inf])


def test_otsu_by_hand():
    # w0 w1 (mean1 - mean0) ** 2 is .16 * 5 ** 2 = 4 from 1 upwards, .24 * (19/3 - 1/2) ** 2 = 8.17 from 2,
    # .24 * 7.5 ** 2 = 13.5 from 8 and .16 * 6.25 ** 2 = 6.25 from 9; in images it is named by the value below, 2
    cut = otsu_cut(cut_inputs([8.0, 1.0, 0.0, 9.0, 2.0]))
    assert (cut.threshold, cut.reason, cut.gap) == (
        8,
        "The threshold separates the two classes of torque that differ most (Otsu).",
        None,
    )
    variances = [float(between_classes([0, 1, 2, 8, 9], at)) for at in (1, 2, 8, 9)]
    assert variances == pytest.approx([4, 0.24 * (19 / 3 - 1 / 2) ** 2, 13.5, 6.25])
    assert otsu_cut(cut_inputs([0.0] * 9 + [5.0])).threshold == 5
    assert otsu_cut(cut_inputs([5.0, 5.0])).reason == "All edges have the same torque, so none is pruned."


def lognormals(seed, *parts):
    """Torques whose logarithms are normal, for each ``(count, mean, spread)``."""
    generator = torch.Generator().manual_seed(seed)
    return torch.cat([(mean + spread * torch.randn(count, generator=generator)).exp() for count, mean, spread in parts])


@pytest.mark.parametrize("seed", range(4))
def test_mixture_separates_two_lognormals(seed):
    # as likely one as the other where 1400 N(x; -2, .4) = 600 N(x; .5, .4): x = -.75 + .16 ln(1400 / 600) / 2.5
    torque = lognormals(seed, (1400, -2, 0.4), (600, 0.5, 0.4))
    cut = mixture_cut(cut_inputs(torque))
    assert math.log(cut.threshold) == pytest.approx(-0.75 + 0.16 * math.log(1400 / 600) / 2.5, abs=0.1)
    assert int((torque >= cut.threshold).sum()) == pytest.approx(600, abs=5)
    assert cut.reason == "The threshold separates two distributions of the torque."


@pytest.mark.parametrize("size", [100, 2000, 30_000])
@pytest.mark.parametrize("seed", range(4))
def test_mixture_does_not_prune_one_lognormal(size, seed):
    cut = mixture_cut(cut_inputs(lognormals(seed, (size, -1, 0.5))))
    assert cut.threshold == math.inf
    assert cut.reason == "One distribution fits the torques as well as two, so no edge is pruned."


def test_mixture_uses_quantiles_of_many_torques():
    torque = lognormals(0, (28_000, -2, 0.4), (12_000, 0.5, 0.4))
    assert int((torque >= mixture_cut(cut_inputs(torque)).threshold).sum()) == pytest.approx(12_000, abs=100)


def test_mixture_accepts_zeros():
    # half of the torques are zero: they are a distribution of their own
    torque = torch.cat([torch.zeros(500), lognormals(0, (500, 1, 0.3))])
    assert mixture_cut(cut_inputs(torque)).threshold == float(torque[500:].min())


def test_mixture_needs_several_torques():
    assert mixture_cut(cut_inputs([1.0] * 50 + [9.0] * 50)).reason == (
        "2 distinct torques are too few to fit two distributions."
    )


def test_gap_cut_uses_the_threshold_of_the_gap():
    torque, null, weight = torch.arange(5.0).repeat(10), torch.tensor([3.0, 4.0]), torch.ones(2)
    cut, gap = gap_cut(CutInputs(torque, null, weight, fraction=0.9)), torque_gap(torque, null, weight)
    assert (cut.threshold, cut.reason) == (gap.threshold, gap.reason) == (3, gap.reason)
    assert torch.equal(cut.gap.heights, gap.heights)


def test_bernoulli_starts_at_the_gap():
    seen = cut_inputs(torch.arange(5.0).repeat(10), [3.0, 4.0])
    cut, gap = bernoulli_cut(seen), gap_cut(seen)
    assert cut.threshold == gap.threshold == 3
    assert cut.reason == f"The threshold is learned in training and starts here: {gap.reason}"
    assert cut.gap.null_fraction == gap.gap.null_fraction


def test_no_cut():
    cut = no_cut(cut_inputs(torch.arange(5.0), torch.ones(2), fraction=1.0, budget=5))
    assert (cut.threshold, cut.gap) == (math.inf, None)


@pytest.mark.parametrize("name", CUTS)
def test_rules_that_estimate_edge_confidence_are_declared(name):
    torque = torch.cat([torch.linspace(0, 0.4, 80), torch.linspace(0.8, 1.2, 40)])
    cut = CUTS[name](CutInputs(torque, torch.linspace(0.8, 1.2, 1000), torch.ones(1000)))
    assert (cut.edge_confidence is not None) == CUTS.properties(name).keeps_confidence
