"""Stores of results as compressed files (.xz), a fifth of the size: read into memory, never changed in place."""

import lzma
from functools import lru_cache
from pathlib import Path

from torque_core.errors import BadConfig

__all__ = ["MOST_BYTES", "is_packed", "pack_file", "unpack_file"]

MOST_BYTES = 256_000_000
"""What a store may hold when it is unpacked."""


def is_packed(path: Path) -> bool:
    """Whether the name says that a store is compressed."""
    return path.suffix == ".xz"


def pack_file(source: Path, target: Path) -> None:
    """Compress a file into another."""
    target.write_bytes(lzma.compress(source.read_bytes(), preset=9))


def unpack_file(path: Path) -> bytes:
    """What a compressed file holds; read once, as long as it stays the same.

    Raises:
        BadConfig: It is damaged, or holds more than :data:`MOST_BYTES`.
    """
    about = path.stat()
    return _unpacked(path, about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=2)
def _unpacked(path: Path, written: int, size: int) -> bytes:
    unpacker = lzma.LZMADecompressor()
    try:
        content = unpacker.decompress(path.read_bytes(), max_length=MOST_BYTES)
    except lzma.LZMAError as error:
        raise BadConfig(f"{path} is damaged, or not compressed by xz: {error}; use a copy of it") from error
    if not unpacker.eof:
        raise BadConfig(f"{path} is cut off, or holds more than {MOST_BYTES:,} bytes; use a copy of it")
    return content
