import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from torque_core.attacks.degree_test import DegreeTest


def log_likelihood(degrees):
    """Maximum over the exponent, by a fine grid."""
    counted = [d for d in degrees if d >= 2]
    exponents = [1 + k / 5_000 for k in range(1, 60_000)]
    total = sum(math.log(d / 1.5) for d in counted)
    return max(len(counted) * math.log((a - 1) / 1.5) - a * total for a in exponents)


def test_statistic_is_the_likelihood_ratio():
    before, after = [1, 2, 2, 3, 4, 7], [2, 2, 3, 3, 5, 9]
    expected = 2 * (log_likelihood(before) + log_likelihood(after) - log_likelihood(before + after))
    test = DegreeTest(torch.tensor(before))
    assert float(test.statistic(torch.tensor(after))) == pytest.approx(expected, abs=1e-5)


@given(st.lists(st.integers(1, 9), min_size=3, max_size=12), st.sampled_from([1, -1]))
@settings(max_examples=25)
def test_allowed_flips_are_those_whose_statistic_stays_below_the_threshold(degrees, change):
    degree = torch.tensor(degrees)
    test = DegreeTest(torch.tensor([1, 2, 3, 4, 5]), threshold=0.05)
    table, row = test.allowed_flips(degree, change)
    for i in range(len(degrees)):
        for j in range(i):
            changed = degree.clone()
            changed[[i, j]] += change
            statistic = float(test.statistic(changed))
            if statistic != pytest.approx(0.05):
                assert bool(table[row[i], row[j]]) == (statistic < 0.05)


def test_degrees_without_a_power_law_pass():
    ones = torch.ones(4, dtype=torch.long)
    assert float(DegreeTest(ones).statistic(ones)) == 0
