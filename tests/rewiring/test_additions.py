import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from torque_core.rewiring.additions import ADDITIONS, bernoulli_additions, budget_additions, gap_additions

every_rule = pytest.mark.parametrize("name", ADDITIONS)


def test_names():
    assert {"budget": budget_additions, "gap": gap_additions, "bernoulli": bernoulli_additions} == ADDITIONS


@pytest.mark.parametrize(
    ("candidates", "kept", "budget", "expected"),
    [
        # the bar is the kept torque of rank int(.25 (K - 1)): of 5 the second
        ([0.1, 0.3, 0.2, 0.15], [0.5, 0.4, 0.3, 0.2, 0.1], 9, [0, 3]),
        ([0.1, 0.3, 0.2, 0.15], [0.5, 0.4, 0.3, 0.2, 0.1], 1, [0]),
        ([0.1, 0.3, 0.2, 0.15], [0.5, 0.4, 0.3, 0.2, 0.1], 0, []),
        ([0.1, 0.1, 0.1], [0.2, 0.2], 2, [0, 1]),  # ties by candidate id
        ([0.2, 0.3], [0.2], 2, []),  # the bar itself is not low enough
        ([0.3, 0.1, 0.2], [0.4], 2, [1, 2]),  # ascending, whatever their torques
    ],
)
def test_budget_by_hand(candidates, kept, budget, expected):
    for rule in (budget_additions, bernoulli_additions):
        assert rule(torch.tensor(candidates), torch.tensor(kept), budget).tolist() == expected


torques = st.lists(st.integers(0, 8).map(float), max_size=20)


@given(torques, torques, st.integers(0, 12))
def test_budget_is_naive(candidates, kept, budget):
    low = []
    if kept:
        bar = sorted(kept)[(len(kept) - 1) // 4]
        low = sorted((value, index) for index, value in enumerate(candidates) if value < bar)
    expected = sorted(index for _, index in low[:budget])
    assert budget_additions(torch.tensor(candidates), torch.tensor(kept), budget).tolist() == expected


@every_rule
@given(candidates=torques, kept=torques, budget=st.integers(0, 12))
def test_every_rule_adds_the_lowest_within_the_budget(name, candidates, kept, budget):
    chosen = ADDITIONS[name](torch.tensor(candidates), torch.tensor(kept), budget).tolist()
    assert len(chosen) <= budget
    # a budget of all would take some; a smaller one takes the first of these, by torque and then by id
    free = ADDITIONS[name](torch.tensor(candidates), torch.tensor(kept), len(candidates)).tolist()
    assert chosen == sorted(sorted(free, key=lambda index: (candidates[index], index))[:budget])
    left_out = [value for index, value in enumerate(candidates) if index not in free]
    assert not free or max(candidates[index] for index in free) < min(left_out, default=9.0)


@every_rule
def test_nothing_is_added_without_kept_edges_or_candidates(name):
    for candidates, kept in (([0.1], []), ([], [0.1]), ([], [])):
        chosen = ADDITIONS[name](torch.tensor(candidates), torch.tensor(kept), 5)
        assert (chosen.tolist(), chosen.dtype) == ([], torch.long)


def test_gap_by_hand():
    # S is the share of candidates of at most so much torque, S0 that of the kept edges, whose median is 2.
    # S(2) / S0(2) = .4 look kept; the gap is .8 - 1 at 9, .8 - .4 at 2 and .8 / 3 - .1 at 1, so the bar is 2
    candidates, kept = torch.tensor([9.0] * 60 + [2.0] * 30 + [1.0] * 10), torch.tensor([1.0, 2.0, 2.0])
    assert gap_additions(candidates, kept, 100).tolist() == list(range(60, 100))
    assert gap_additions(candidates, kept, 12).tolist() == [60, 61, *range(90, 100)]
    # the same shares of five candidates are within the sampling error, sqrt(ln 40 / 10) = .607
    assert gap_additions(torch.tensor([9.0] * 3 + [2.0] * 2), kept, 100).tolist() == []


@pytest.mark.parametrize("seed", range(3))
def test_gap_adds_candidates_that_resemble_kept_edges(seed):
    generator = torch.Generator().manual_seed(seed)
    kept = 0.3 + 0.1 * torch.randn(2_000, generator=generator)
    alike = 0.3 + 0.1 * torch.randn(300, generator=generator)
    others = 1.0 + 0.2 * torch.randn(700, generator=generator)
    chosen = gap_additions(torch.cat([alike, others]), kept, 1_000)
    assert float((chosen < 300).float().mean()) > 0.95
    assert int((chosen < 300).sum()) > 0.9 * 300
    assert gap_additions(others, kept, 1_000).tolist() == []
