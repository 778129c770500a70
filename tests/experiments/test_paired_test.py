"""False positives and power of the paired test, on simulated splits of graphs whose nodes are themselves a sample."""

import math

import numpy as np
import pytest
import torch

from torque_core.errors import BadConfig
from torque_core.experiments.answers import node_variance, pack_answers, unpack_answers
from torque_core.experiments.paired_test import LEVEL, Paired, compare, compare_all, detectable, holm

SIMULATIONS = 300
AT_MOST = LEVEL + 3 * math.sqrt(LEVEL * (1 - LEVEL) / SIMULATIONS)  # three standard errors


def simulated(generator, *, nodes=400, splits=10, test=0.8, mean=0.0, by_node=0.0, by_train=0.0, by_split=0.0):
    """Answers of two methods that disagree on about a fifth of the nodes, (splits, nodes), NaN outside of the test set.

    The difference in the probability to be right is ``mean`` plus an effect of the node, one of the training nodes of
    the split, of which each contributes its own, and one of the split alone, as of noise and initial weights.
    """
    node, trains = generator.normal(0, by_node, nodes), generator.normal(0, 1, nodes)
    answers = np.full((2, splits, nodes), np.nan)
    for split in range(splits):
        order = generator.permutation(nodes)
        tested, rest = order[: round(test * nodes)], order[round(test * nodes) :]
        shift = mean + by_train * trains[rest].mean() * math.sqrt(len(rest)) + generator.normal(0, by_split)
        lead = np.clip(node[tested] + shift, -0.2, 0.2)
        draw = generator.random(len(tested))
        first_only, second_only = draw < 0.1 + lead / 2, draw > 0.9 + lead / 2
        answers[0, split, tested], answers[1, split, tested] = ~second_only, ~first_only
    return answers


def found(answers, *, ratio, measured=True):
    """p value of a simulated study, by the test, or by the strict one if the answers are not stored."""
    first, second = np.nanmean(answers, axis=2)
    nodes = answers.shape[2]
    error = math.sqrt(node_variance(*answers) / nodes) if measured else None
    return compare(first, second, ratio=ratio, node_error=error).p


def rate(significant):
    return sum(significant) / SIMULATIONS


@pytest.mark.parametrize(
    "effects",
    [{}, {"by_node": 0.1}, {"by_train": 0.02}, {"by_split": 0.02}, {"by_node": 0.1, "by_train": 0.02}],
    ids=["none", "nodes", "training nodes", "splits", "nodes and training nodes"],
)
def test_false_positives_are_at_most_as_frequent_as_the_level_says(effects):
    generator = np.random.default_rng(0)
    p = [found(simulated(generator, **effects), ratio=4) for _ in range(SIMULATIONS)]
    assert rate(value < LEVEL for value in p) <= AT_MOST


def test_the_plain_t_test_has_too_many_false_positives_and_with_few_test_nodes_the_strict_one_counts():
    generator = np.random.default_rng(1)
    studies = [simulated(generator, by_node=0.1, by_train=0.02) for _ in range(SIMULATIONS)]
    assert rate(found(study, ratio=0) < LEVEL for study in studies) > AT_MOST
    small = simulated(generator, test=0.2, by_node=0.1)
    assert found(small, ratio=0.25) == found(small, ratio=0.25, measured=False)


def test_the_power_is_the_one_that_was_stated_where_the_strict_test_has_hardly_any():
    generator, effects = np.random.default_rng(2), {"nodes": 1000, "by_node": 0.05, "by_split": 0.005}
    pilot = [simulated(generator, **effects) for _ in range(30)]
    spread = np.mean([np.diff(np.nanmean(study, axis=2), axis=0).std(ddof=1) for study in pilot])
    error = math.sqrt(np.mean([node_variance(*study) for study in pilot]) / 1000)
    difference = detectable(10, spread, ratio=4, node_error=error)
    assert difference < 0.5 * detectable(10, spread, ratio=4)
    studies = [simulated(generator, mean=difference, **effects) for _ in range(100)]
    powers = [np.mean([found(study, ratio=4, measured=known) < LEVEL for study in studies]) for known in (True, False)]
    assert powers[0] > 0.85
    assert powers[1] < 0.5


def test_by_hand():
    # d is 1, 2, 3 points with variance 1; v1 = (1/3 + 4) 1 and v2 = (1/3 + 1/4) 1 + 1/4 = 5/6
    test = compare([2.0, 4.0, 6.0], [1.0, 2.0, 3.0], ratio=4, node_error=0.5)
    assert (test.high - test.low) / 2 == pytest.approx(4.302653 * math.sqrt(5 / 6))
    for p, variance in ((test.p, 5 / 6), (test.p_strict, 13 / 3)):
        t = 2 / math.sqrt(variance)  # the distribution with 2 degrees of freedom is known in closed form
        assert p == pytest.approx(1 - t / math.sqrt(2 + t * t))


def test_intervals_of_a_family_agree_with_the_corrected_p_values():
    generator = np.random.default_rng(3)
    pairs = [
        Paired(shift + generator.normal(0.7, 0.01, 5), [0.7] * 5, 4.0, 0.002) for shift in (0.0, 0.01, 0.02, 0.04, 0.1)
    ]
    tests = compare_all(pairs)
    corrected = holm([test.p for test in tests])
    assert 0 < sum(corrected < LEVEL) < 5
    for test, p in zip(tests, corrected, strict=True):
        assert (p < LEVEL) == (not test.low <= 0 <= test.high)


def test_the_variance_between_nodes_ignores_the_variance_between_splits():
    generator = np.random.default_rng(4)
    one = np.array([[1.0] * 400, [0.0] * 400] * 5)  # differs by split, not by node
    assert node_variance(one, np.zeros_like(one)) < 0.01
    node = np.tile(generator.random(400) < 0.5, (10, 1)).astype(float)
    assert node_variance(node, np.zeros_like(node)) == pytest.approx(0.25, abs=0.01)
    assert math.isnan(node_variance(np.ones((1, 5)), np.zeros((1, 5))))


def test_answers_survive_packing_and_damage_is_reported():
    generator = torch.Generator().manual_seed(0)
    correct, tested = torch.rand(2, 1001, generator=generator) < 0.7
    values = unpack_answers(text := pack_answers(correct, tested))
    assert np.array_equal(~np.isnan(values), tested.numpy())
    assert np.array_equal(values[tested.numpy()], correct[tested].numpy())
    assert len(text) < 0.5 * 1001
    for damaged in (
        "",
        "7",
        f"-1:{text.partition(':')[2]}",
        f"99999999999:{text.partition(':')[2]}",
        text[:-9],
        "9:!!",
    ):
        with pytest.raises(BadConfig, match="answers are damaged"):
            unpack_answers(damaged)
