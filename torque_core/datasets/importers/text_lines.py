"""Lines of text files."""

import io
from collections.abc import Iterator

from torque_core.datasets.importers.limits import LimitChecker

__all__ = ["text_lines"]


def text_lines(content: bytes, checker: LimitChecker, *, any_encoding: bool = False) -> Iterator[str]:
    """Decode a file in UTF-8, or in UTF-16 with a byte order mark, line by line; check the time every 1,000 lines.

    Args:
        content: The file.
        checker: The limits.
        any_encoding: Read a file that is not UTF-8 as Latin-1, for formats that are older than Unicode.

    Raises:
        BadFile: If the file cannot be decoded, or a line exceeds the limit.

    Example:
        >>> from torque_core.datasets.importers.limits import ImportLimits
        >>> list(text_lines(b"a\\nb", LimitChecker("a.txt", ImportLimits())))
        ['a\\n', 'b']
    """
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    if any_encoding and _undecodable_line(content, encoding) is not None:
        encoding = "latin-1"
    text = io.TextIOWrapper(io.BytesIO(content), encoding, newline="")
    limit = checker.limits.line
    try:
        for number, line in enumerate(iter(lambda: text.readline(limit + 1), "")):
            if len(line) > 1000 or number % 1000 == 0:
                checker.check(line=len(line))
            yield line
    except UnicodeError:
        raise checker.error("not UTF-8; save it as CSV UTF-8", line=_undecodable_line(content, encoding)) from None


def _undecodable_line(content: bytes, encoding: str) -> int | None:
    """Number of the first line that cannot be decoded, if it is known."""
    try:
        content.decode(encoding)
    except UnicodeDecodeError as error:
        return content[: error.start].count(b"\n") + 1
    except UnicodeError:
        pass
    return None
