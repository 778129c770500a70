"""Curves as bytes: half-precision numbers behind a header, compressed."""

import json
import zlib
from collections.abc import Mapping

import numpy as np

from torque_core.errors import BadConfig

__all__ = ["pack", "unpack"]

_LARGEST = 65504.0  # that half precision can say


def pack(curves: Mapping[str, tuple[float, ...]]) -> bytes | None:
    """Names and lengths as one line of JSON, then all numbers, compressed; None for no curves.

    Numbers keep three digits; those beyond 65504 become that.
    """
    if not curves:
        return None
    header = json.dumps({name: len(curve) for name, curve in curves.items()})
    numbers = np.concatenate([np.asarray(curve, dtype=np.float64) for curve in curves.values()])
    small = np.clip(numbers, -_LARGEST, _LARGEST).astype("<f2")
    return zlib.compress(header.encode() + b"\n" + small.tobytes(), level=9)


def unpack(packed: bytes | None) -> dict[str, tuple[float, ...]]:
    """What :func:`pack` made.

    Raises:
        BadConfig: It did not make that.

    Example:
        >>> unpack(pack({"loss": (1.0, 0.5)}))
        {'loss': (1.0, 0.5)}
    """
    if packed is None:
        return {}
    try:
        header, _, content = zlib.decompress(packed).partition(b"\n")
        lengths = json.loads(header)
        numbers = np.frombuffer(content, dtype="<f2").tolist()
        if sum(lengths.values()) != len(numbers):
            raise ValueError(f"{sum(lengths.values())} numbers are announced, {len(numbers)} are there")
    except (zlib.error, ValueError) as error:
        raise BadConfig(f"these curves are damaged: {error}; run the experiment again") from error
    curves, start = {}, 0
    for name, length in lengths.items():
        curves[name] = tuple(numbers[start : start + length])
        start += length
    return curves
