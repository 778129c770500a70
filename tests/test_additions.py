import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from torque_core.additions import lowest_torques


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
        ([0.1], [], 5, []),
        ([], [0.1], 5, []),
    ],
)
def test_hand_computed(candidates, kept, budget, expected):
    assert lowest_torques(torch.tensor(candidates), torch.tensor(kept), budget).tolist() == expected


torques = st.lists(st.integers(0, 8).map(float), max_size=20)


@given(torques, torques, st.integers(0, 12))
def test_fast_is_naive(candidates, kept, budget):
    low = []
    if kept:
        bar = sorted(kept)[(len(kept) - 1) // 4]
        low = sorted((value, index) for index, value in enumerate(candidates) if value < bar)
    expected = sorted(index for _, index in low[:budget])
    assert lowest_torques(torch.tensor(candidates), torch.tensor(kept), budget).tolist() == expected
