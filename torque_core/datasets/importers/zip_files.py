"""Files in a zip archive, unpacked within the limits."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from torque_core.datasets.importers.limits import LimitChecker
from torque_core.datasets.importers.npz_archive import check_directory

__all__ = ["unpack_zip_files"]

_CHUNK_BYTES = 1_000_000
_ENCRYPTED = 0x1


def unpack_zip_files(
    files: Mapping[str, bytes], checkers: Mapping[str, LimitChecker], extensions: Sequence[str]
) -> tuple[dict[str, bytes], list[str]]:
    """Replace archives whose names end in ``.zip`` by the files in them, of whatever folder.

    All files together, unpacked, may be as large as files that are not compressed. Unpacking stops at that size,
    whatever the archive declares.

    Args:
        files: Content by file name.
        checkers: The limit checker of each file.
        extensions: Extensions of the files to unpack.

    Returns:
        The files by name, and the names of the other files in the archives.

    Raises:
        BadFile: If an archive is damaged or encrypted, contains no file of these types, contains two files of one
            name, or exceeds a limit.
    """
    unpacked: dict[str, bytes] = {}
    others: list[str] = []
    for name, content in files.items():
        checker = checkers[name]
        members = _members(content, checker, extensions, others) if name.lower().endswith(".zip") else None
        if members == {}:
            raise checker.error(f"contains no file of the types {', '.join(extensions)}")
        for member, data in ({name: content} if members is None else members).items():
            if member in unpacked:
                raise checker.error(f"there are two files named {member[:80]!r}; remove one of them")
            unpacked[member] = data
        checker.check(files=len(unpacked))
        if members is not None and sum(map(len, unpacked.values())) > checker.limits.megabytes * 1_000_000:
            raise _too_large(checker)
    return unpacked, others


def _members(content: bytes, checker: LimitChecker, extensions: Sequence[str], others: list[str]) -> dict[str, bytes]:
    check_directory(content, checker)
    members: dict[str, bytes] = {}
    left = checker.limits.megabytes * 1_000_000
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                path = PurePosixPath(info.filename)
                if info.is_dir() or path.name.startswith(".") or "__MACOSX" in path.parts:
                    continue
                if not path.name.lower().removesuffix(".gz").endswith(tuple(extensions)):
                    others.append(path.name)
                    continue
                if info.flag_bits & _ENCRYPTED or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                    raise checker.error(f"{path.name[:40]!r} is encrypted or compressed by an unsupported method")
                if path.name in members:
                    raise checker.error(f"there are two files named {path.name[:80]!r}; remove one of them")
                checker.check(files=len(members) + 1)
                members[path.name] = _read(archive, info, left, checker)
                left -= len(members[path.name])
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise checker.error(f"not a zip file, or damaged: {str(error)[:100]}; compress it again") from None
    return members


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, limit: int, checker: LimitChecker) -> bytes:
    pieces, length = [], 0
    with archive.open(info) as file:
        while piece := file.read(_CHUNK_BYTES):
            pieces.append(piece)
            length += len(piece)
            checker.check()
            if length > limit:
                raise _too_large(checker)
    return b"".join(pieces)


def _too_large(checker: LimitChecker) -> Exception:
    return checker.error(f"unpacks to more than {checker.limits.megabytes} MB, which is the limit for all files")
