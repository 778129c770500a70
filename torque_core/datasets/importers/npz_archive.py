"""Arrays in an npz archive. Names, sizes and headers of all of them are checked before any is unpacked."""

import io
import math
import zipfile
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.lib import format as npy

from torque_core.datasets.importers.limits import LimitChecker
from torque_core.errors import BadFile

__all__ = ["NpzArrays", "check_directory", "read_arrays"]

_MAX_DIRECTORY_BYTES = 100_000
_MAX_HEADER_BYTES = 10_000
_SMALL_BYTES = 64_000_000  # archives up to this size may be mostly zeros, such as one-hot features
_CHUNK_BYTES = 8_000_000
_ENCRYPTED = 0x1


class _Member(NamedTuple):
    """A file in the archive that contains an array, by its header."""

    info: zipfile.ZipInfo
    offset: int  # of the first number
    shape: tuple[int, ...]
    column_major: bool
    dtype: np.dtype


class NpzArrays(NamedTuple):
    """Arrays that were read from an npz archive."""

    arrays: dict[str, np.ndarray]
    """The arrays."""
    names: dict[str, str]
    """The name of each in the archive."""
    present: list[str]
    """The names of all arrays in the archive."""


def read_arrays(
    content: bytes,
    names: Mapping[str, Sequence[str]],
    checker: LimitChecker,
    *,
    features: str,
    optional: Collection[str] = (),
    check_shape: Callable[[str, tuple[int, ...]], None],
) -> NpzArrays:
    """Read arrays from an npz archive. Nothing is unpickled.

    Args:
        content: The archive.
        names: Accepted names of each array, in order of precedence. Other arrays are not unpacked.
        checker: The limits.
        features: The array whose numbers are converted to ``float32``.
        optional: Arrays that are ignored instead of refused if they contain objects.
        check_shape: Called with each array's key in ``names`` and its shape before any array is unpacked. It raises
            an exception if the shape exceeds a limit.

    Raises:
        BadFile: If the file is not an npz archive, is compressed by another method than deflation, or has an array
            that contains objects, is truncated or exceeds a limit.
    """
    check_directory(content, checker)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            present = _array_names(archive, checker)
            by_lower_case = {name.lower(): name for name in reversed(present)}
            by_lower_case |= {name: name for name in present}  # the exact name takes precedence
            used = {
                key: by_lower_case[name]
                for key, options in names.items()
                if (name := next((option for option in options if option in by_lower_case), None))
                or (name := next((option.lower() for option in options if option.lower() in by_lower_case), None))
            }
            members = {}
            for key, name in list(used.items()):
                member = _member(archive, f"{name}.npy", checker)
                if key in optional and member.dtype.hasobject:
                    del used[key]
                else:
                    members[key] = _checked(member, f"{name}.npy", checker)
            _check_sizes(list(members.values()), len(content), checker)
            for key, member in members.items():
                check_shape(key, member.shape)
            arrays = {
                key: _array(archive, member, checker, as_float32=key == features) for key, member in members.items()
            }
            return NpzArrays(arrays, used, present)
    except (BadFile, MemoryError):
        raise
    except Exception as error:  # zipfile raises a dozen types of errors on a damaged archive
        if error is checker.clock.interruption:
            raise
        message = f"not an npz file, or damaged: {str(error)[:100]}; save it again with numpy.savez_compressed"
        raise checker.error(message) from None


def check_directory(content: bytes, checker: LimitChecker) -> None:
    """Reject a zip directory with a million names, which would take more memory than the file."""
    end = content.rfind(b"PK\x05\x06")
    if end < 0 or len(content) < end + 22:
        raise checker.error("not an npz file or a zip archive: it has no directory; save it again")
    length = int.from_bytes(content[end + 12 : end + 16], "little")
    if length > _MAX_DIRECTORY_BYTES or content.rfind(b"PK\x06\x07", max(0, end - 20), end) >= 0:
        raise checker.error(f"its directory is longer than {_MAX_DIRECTORY_BYTES:,} bytes, which is the limit")


def _array_names(archive: zipfile.ZipFile, checker: LimitChecker) -> list[str]:
    """Names of the arrays; each occurs once and is stored or deflated, since other methods expand without bound."""
    names: dict[str, None] = {}
    for info in archive.infolist():
        name = info.filename.removesuffix(".npy")
        if name in names:
            raise checker.error(f"two arrays are named {name[:40]!r}; save it again with numpy.savez")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or info.flag_bits & _ENCRYPTED:
            raise checker.error(
                f"{name[:40]!r} is encrypted or compressed by an unsupported method; save it with "
                f"numpy.savez or numpy.savez_compressed"
            )
        names[name] = None
    return list(names)


def _member(archive: zipfile.ZipFile, name: str, checker: LimitChecker) -> _Member:
    """Read the header of an array, at most 10 kB, and check it against the size in the zip directory."""
    info = archive.getinfo(name)
    with archive.open(info) as file:
        prefix = file.read(npy.MAGIC_LEN + 4)
        version = tuple(prefix[6:8])
        if prefix[:6] != npy.MAGIC_PREFIX or version not in ((1, 0), (2, 0), (3, 0)):
            raise checker.error(f"{name} is not an array; save it with numpy.savez")
        width = 2 if version == (1, 0) else 4
        length = int.from_bytes(prefix[8 : 8 + width], "little")
        if length > _MAX_HEADER_BYTES:
            raise checker.error(f"the header of {name} is longer than {_MAX_HEADER_BYTES:,} bytes, which is the limit")
        offset = 8 + width + length
        header = io.BytesIO(prefix[8:] + file.read(max(0, offset - len(prefix))))
    read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    try:
        shape, column_major, dtype = read_header(header)
    except ValueError as error:
        raise checker.error(f"{name} is not an array: {str(error)[:100]}; save it with numpy.savez") from None
    return _Member(info, offset, shape, column_major, dtype)


def _checked(member: _Member, name: str, checker: LimitChecker) -> _Member:
    """Check the type and the shape of an array before it is unpacked."""
    if (
        member.dtype.kind not in "biufUS"
        or member.dtype.hasobject
        or not 0 < member.dtype.itemsize <= 4 * checker.limits.text
    ):
        raise checker.error(f"{name} contains {str(member.dtype)[:40]}; expected numbers or short texts")
    if any(length < 0 for length in member.shape):
        raise checker.error(f"{name} has the shape {str(member.shape)[:80]}; save it again with numpy.savez")
    checker.check(numbers=math.prod(member.shape))
    return member


def _check_sizes(members: list[_Member], file_size: int, checker: LimitChecker) -> None:
    """Check what all arrays take when unpacked, and that the zip directory declares the same sizes."""
    sizes = [math.prod(member.shape) * member.dtype.itemsize for member in members]
    checker.check(megabytes=sum(sizes) // 8_000_000)
    for member, size in zip(members, sizes, strict=True):
        missing = member.offset + size - member.info.file_size
        if missing:
            problem = "is truncated" if missing > 0 else "is longer than its header declares"
            raise checker.error(f"{member.info.filename} {problem}; save it again with numpy.savez")
    if sum(sizes) > max(_SMALL_BYTES, checker.limits.expansion * file_size):
        raise checker.error(
            f"unpacks to {sum(sizes) / 1e6:.0f} MB, more than {checker.limits.expansion} times its size, which is the "
            f"limit; save it with numpy.savez, or without features that are mostly 0"
        )


def _array(archive: zipfile.ZipFile, member: _Member, checker: LimitChecker, *, as_float32: bool) -> np.ndarray:
    """Unpack an array in chunks; each chunk is converted at once, so that no array is in memory twice."""
    name, count = member.info.filename, math.prod(member.shape)
    array = np.empty(count, np.float32 if as_float32 and member.dtype.kind in "biuf" else member.dtype)
    itemsize = member.dtype.itemsize
    with archive.open(member.info) as file:
        file.read(member.offset)
        step = max(1, _CHUNK_BYTES // itemsize)
        for start in range(0, count, step):
            checker.check()
            stop = min(start + step, count)
            chunk = file.read((stop - start) * itemsize)
            if len(chunk) != (stop - start) * itemsize:
                raise checker.error(f"{name} is truncated; save it again with numpy.savez")
            with np.errstate(over="ignore"):  # overflow gives infinity, which is reported with its position later
                array[start:stop] = np.frombuffer(chunk, member.dtype)
        file.read(1)  # at the end of the file its checksum is compared
    if member.dtype.kind == "S":  # text of C programs and of HDF5
        array = np.char.decode(array, "utf-8", "replace")
    return array.reshape(member.shape, order="F" if member.column_major else "C")
