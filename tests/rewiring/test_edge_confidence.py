"""Trust by hand, against a loop, and what must hold for any torques."""

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from torque_core.rewiring.edge_confidence import EdgeConfidence, estimate_edge_confidence
from torque_core.rewiring.gap import torque_gap


def test_by_hand_in_two_bins():
    # 40 edges; the null model expects none in the lower half and 10 of 20 in the upper
    torques = torch.arange(40.0)
    edges_above = 1 - torques / 40
    chance_above = torch.where(torques < 20, 10 / 40, (10 - (torques - 20) / 2) / 40)
    edge_confidence = estimate_edge_confidence(torques, edges_above, chance_above)
    assert edge_confidence.torques.tolist() == [10.0, 30.0]
    torch.testing.assert_close(edge_confidence.values, torch.tensor([1.0, 0.5], dtype=torch.float64))


def test_increasing_bins_are_pooled():
    # null model: all of the lower bin, none of the upper: together a half
    torques = torch.arange(40.0)
    edges_above = 1 - torques / 40
    chance_above = (0.5 - torques / 40).clamp(min=0)
    torch.testing.assert_close(
        estimate_edge_confidence(torques, edges_above, chance_above).values,
        torch.tensor([0.5, 0.5], dtype=torch.float64),
    )


def test_one_bin_gives_equal_confidence():
    edge_confidence = estimate_edge_confidence(
        torch.tensor([1.0, 2.0]), torch.tensor([1.0, 0.5]), torch.tensor([0.25, 0.25])
    )
    assert edge_confidence(torch.tensor([0.0, 1.0, 9.0])).tolist() == [0.75] * 3


def test_interpolation_equals_that_of_a_loop():
    edge_confidence = EdgeConfidence(torch.tensor([1.0, 2.0, 4.0]), torch.tensor([1.0, 0.5, 0.25]))

    def slow(torque: float) -> float:
        knots = list(zip(edge_confidence.torques.tolist(), edge_confidence.values.tolist(), strict=True))
        if torque <= knots[0][0]:
            return knots[0][1]
        for (left, a), (right, b) in pairwise(knots):
            if torque <= right:
                return a + (torque - left) / (right - left) * (b - a)
        return knots[-1][1]

    at = torch.linspace(0, 5, 41)
    torch.testing.assert_close(edge_confidence(at), torch.tensor([slow(value) for value in at.tolist()]))


def test_confidence_has_a_gradient():
    torque = torch.tensor([1.5, 3.0], requires_grad=True)
    EdgeConfidence(torch.tensor([1.0, 2.0, 4.0]), torch.tensor([1.0, 0.5, 0.25]))(torque).sum().backward()
    assert torque.grad.tolist() == [-0.5, -0.125]


@given(st.lists(st.floats(0, 1), min_size=20, max_size=300), st.integers(0, 2**31))
def test_confidence_is_nonincreasing_and_in_range(torques, seed):
    torque = torch.tensor(torques, dtype=torch.float64)
    null_torque = torch.rand(200, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    edge_confidence = torque_gap(torque, null_torque, torch.ones(200)).edge_confidence
    if edge_confidence is not None:
        result = edge_confidence(torque.sort().values)
        assert bool((result.diff() <= 1e-12).all())
        assert 0 < float(result.min()) <= float(result.max()) <= 1


def test_confidence_at_the_cut_is_one_half():
    generator = torch.Generator().manual_seed(0)
    real, null_torque = torch.randn(20_000, generator=generator), 2 + torch.randn(40_000, generator=generator)
    gap = torque_gap(torch.cat([real, null_torque[:20_000]]), null_torque[20_000:], torch.ones(20_000))
    assert float(gap.edge_confidence(torch.tensor([gap.threshold]))) == pytest.approx(0.5, abs=0.08)
    assert gap.threshold == pytest.approx(1.0, abs=0.1)
