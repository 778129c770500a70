"""Columns of numbers as text, for the figures that a browser draws."""

from base64 import b64encode

import numpy as np
from torch import Tensor

__all__ = ["encode_column"]


def encode_column(values: Tensor | np.ndarray, dtype: str) -> str:
    """Encode numbers as the base64 text of a little-endian array.

    As a JSON list they would take many times as long to write and to read.

    Args:
        values: The numbers, :math:`(K,)`.
        dtype: Type of the array, such as ``<f4``.

    Example:
        >>> encode_column(np.array([0, 1]), "<i4")
        'AAAAAAEAAAA='
    """
    if isinstance(values, Tensor):
        values = values.detach().cpu().numpy()
    return b64encode(values.astype(dtype).tobytes()).decode()
