import pytest
import torch

from torque_core.diagnostics._blocks import squared_distances


@pytest.mark.parametrize("width", [1, 7, 1_000, 40_000])  # many pairs to a block, or a part of one pair's row too many
def test_fast_is_naive(width):
    generator = torch.Generator().manual_seed(0)
    rows = torch.randn(9, width, generator=generator)
    pairs = torch.randint(9, (2, 100), generator=generator)
    expected = torch.stack([(rows[i] - rows[j]).square().sum() for i, j in pairs.T.tolist()])
    torch.testing.assert_close(squared_distances(rows, pairs), expected)


def test_no_pairs():
    assert squared_distances(torch.ones(3, 2), torch.zeros(2, 0, dtype=torch.long)).shape == (0,)
