"""Columns survive the way to text and back."""

from base64 import b64decode

import numpy as np
import pytest
import torch

from torque_core.figures.columns import encode_column


def decode(text: str, dtype: str) -> np.ndarray:
    return np.frombuffer(b64decode(text), dtype)


@pytest.mark.parametrize(
    ("values", "dtype"), [([1.5, -2.0], "<f4"), ([3, 70_000], "<i4"), ([0, 255], "u1"), ([], "<f4")]
)
def test_numbers_are_kept(values, dtype):
    for column in (np.array(values), torch.tensor(values, requires_grad=dtype == "<f4")):
        assert decode(encode_column(column, dtype), dtype).tolist() == values
