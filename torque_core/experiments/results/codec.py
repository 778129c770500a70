"""Encodings of stored results: curves as bytes, stores as compressed files, runs as a table."""

import json
import lzma
import zlib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from torque_core.errors import BadConfig
from torque_core.utils.optional import require

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = [
    "COLUMNS",
    "MOST_BYTES",
    "is_compressed",
    "pack_curves",
    "read_compressed",
    "runs_frame",
    "unpack_curves",
    "write_compressed",
]

_LARGEST = 65504.0  # in half precision
MOST_BYTES = 256_000_000
"""Largest size of a store after decompression."""

COLUMNS = (
    "study", "label", "kind", "dataset", "scheme", "split", "noise_kind", "rate", "method", "options", "backbone",
    "seed",
)  # fmt: skip
"""First columns of every table of runs; the settings and metrics of the kinds in it follow, and ``key`` is the last."""


def pack_curves(curves: Mapping[str, tuple[float, ...]]) -> bytes | None:
    """Compress curves: one line of JSON with names and lengths, then all numbers in half precision.

    Numbers keep three significant digits; those beyond 65504 are clipped.

    Returns:
        The bytes; None if there are no curves.
    """
    if not curves:
        return None
    header = json.dumps({name: len(curve) for name, curve in curves.items()})
    numbers = np.concatenate([np.asarray(curve, dtype=np.float64) for curve in curves.values()])
    small = np.clip(numbers, -_LARGEST, _LARGEST).astype("<f2")
    return zlib.compress(header.encode() + b"\n" + small.tobytes(), level=9)


def unpack_curves(packed: bytes | None) -> dict[str, tuple[float, ...]]:
    """Decompress the result of :func:`pack_curves`.

    Raises:
        BadConfig: If the bytes are damaged.

    Example:
        >>> unpack_curves(pack_curves({"loss": (1.0, 0.5)}))
        {'loss': (1.0, 0.5)}
    """
    if packed is None:
        return {}
    try:
        header, _, content = zlib.decompress(packed).partition(b"\n")
        lengths = json.loads(header)
        numbers = np.frombuffer(content, dtype="<f2").tolist()
        if sum(lengths.values()) != len(numbers):
            raise ValueError(f"the header announces {sum(lengths.values())} numbers, but there are {len(numbers)}")
    except (zlib.error, ValueError) as error:
        raise BadConfig(f"these curves are damaged: {error}; run the experiment again") from error
    curves, start = {}, 0
    for name, length in lengths.items():
        curves[name] = tuple(numbers[start : start + length])
        start += length
    return curves


def is_compressed(path: Path) -> bool:
    """Return True if the name of a store ends in ``.xz``; such a store is read into memory and never changed."""
    return path.suffix == ".xz"


def write_compressed(content: bytes, path: Path) -> None:
    """Write a store as a compressed file, about a fifth of its size."""
    path.write_bytes(lzma.compress(content, preset=9))


def read_compressed(path: Path) -> bytes:
    """Return the content of a compressed file; cached until the file changes.

    Raises:
        BadConfig: If the file is damaged, or its content is larger than :data:`MOST_BYTES`.
    """
    status = path.stat()
    return _decompressed(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=2)
def _decompressed(path: Path, written: int, size: int) -> bytes:
    decompressor = lzma.LZMADecompressor()
    try:
        content = decompressor.decompress(path.read_bytes(), max_length=MOST_BYTES)
    except lzma.LZMAError as error:
        raise BadConfig(f"{path} is damaged, or not compressed by xz: {error}; use a copy of it") from error
    if not decompressor.eof:
        raise BadConfig(f"{path} is cut off, or holds more than {MOST_BYTES:,} bytes; use a copy of it")
    return content


def runs_frame(rows: Sequence[tuple[str, str, str, str, str, str]]) -> "DataFrame":
    """Return a table with a row for each run; see :meth:`~torque_core.experiments.results.store.Store.frame`.

    Args:
        rows: Study, label, kind, configuration (JSON), metrics (JSON) and key of each run.
    """
    pd = require("pandas", extra="studies")

    frame = pd.DataFrame.from_records([_row(*row) for row in rows], columns=None if rows else [*COLUMNS, "key"])
    return frame[[*(name for name in frame.columns if name != "key"), "key"]]


def _row(study: str, label: str, kind: str, config: str, metrics: str, key: str) -> dict[str, Any]:
    fields = json.loads(config)
    noise, training = fields.get("noise") or {}, fields.get("spec") or {}
    row: dict[str, Any] = dict.fromkeys(COLUMNS) | {"study": study, "label": label, "kind": kind}
    row |= {name: value for name, value in fields.items() if not isinstance(value, dict | list)}
    if noise:
        row |= {"noise_kind": noise["kind"] if noise["rate"] else "none", "rate": noise["rate"]}
    row |= {"options": json.dumps(dict(fields.get("options") or ())), "backbone": training.get("backbone")}
    row["seed"] = training.get("seed", fields.get("seed"))
    return row | json.loads(metrics) | {"key": key}
