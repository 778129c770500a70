"""Files compressed with gzip, decompressed within the limits."""

import zlib
from collections.abc import Mapping
from pathlib import PurePath

from torque_core.datasets.importers.limits import LimitChecker

__all__ = ["decompress_files"]

_CHUNK_BYTES = 1_000_000
_GZIP_WINDOW = 31  # zlib's code for a gzip header and the largest window


def decompress_files(files: Mapping[str, bytes], checkers: Mapping[str, LimitChecker]) -> dict[str, bytes]:
    """Decompress the files whose names end in ``.gz``, and remove this ending.

    All files together, decompressed, may be as large as files that are not compressed. Decompression stops at that
    size, whatever a file expands to.

    Raises:
        BadFile: If a file is damaged, the limit is exceeded, or two files have the same name without the ending.

    Example:
        >>> import gzip
        >>> from torque_core.datasets.importers.limits import ImportLimits
        >>> checkers = {"edges.csv.gz": LimitChecker("edges.csv.gz", ImportLimits())}
        >>> decompress_files({"edges.csv.gz": gzip.compress(b"a,b")}, checkers)
        {'edges.csv': b'a,b'}
    """
    decompressed: dict[str, bytes] = {}
    for name, content in files.items():
        path = PurePath(name)
        if path.suffix.lower() == ".gz":
            size = sum(map(len, decompressed.values()))
            content = _decompress(content, checkers[name], size)
            name = name[: -len(path.suffix)]
        if name in decompressed:
            raise checkers[next(iter(files))].error(f"there are two files named {name[:80]!r}; remove one of them")
        decompressed[name] = content
    return decompressed


def _decompress(content: bytes, checker: LimitChecker, size: int) -> bytes:
    """Decompress one file, which may consist of several members, one after the other."""
    limit = checker.limits.megabytes * 1_000_000 - size
    pieces, length, left = [], 0, content
    try:
        while left:
            member = zlib.decompressobj(_GZIP_WINDOW)
            while left and not member.eof:
                piece = member.decompress(left, _CHUNK_BYTES)
                left = member.unconsumed_tail
                pieces.append(piece)
                length += len(piece)
                checker.check()
                if length > limit:
                    raise checker.error(
                        f"decompresses to more than {checker.limits.megabytes} MB, which is the limit for all files"
                    )
            if not member.eof:
                raise checker.error("is truncated; compress it again")
            left = member.unused_data.lstrip(b"\0")  # some programs pad a file with zeros
    except zlib.error as error:
        raise checker.error(f"not a gzip file, or damaged: {str(error)[:100]}; compress it again") from None
    if not pieces:
        raise checker.error("is empty")
    return b"".join(pieces)
