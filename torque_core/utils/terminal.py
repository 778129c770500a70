"""Manners of a command-line program: any encoding of the terminal, closed pipes, and Ctrl-C."""

import codecs
import io
import os
import sys
import unicodedata
from collections.abc import Callable

__all__ = ["INTERRUPTED", "run_program"]

INTERRUPTED = 130
"""Exit status after Ctrl-C: 128 and the number of the signal, as shells have it."""
_CLOSED_PIPE = 141
_ERRORS = "torque_core.printable"
_ASCII = {"±": "+-", "–": "-", "—": "-", "−": "-", "×": "x", "·": "-", "→": "->", "≥": ">=", "≤": "<=", "◇": "o"}


def run_program(program: Callable[[], int]) -> int:
    """Run a command-line program and return its exit status.

    Characters that the terminal cannot show are replaced by similar ones. If the reader of the output closes it, as
    ``head`` does, the program ends silently with status 141; after Ctrl-C it ends with status 130 and one line.

    Args:
        program: The program, which returns its exit status.

    Example:
        >>> run_program(lambda: 0)
        0
    """
    codecs.register_error(_ERRORS, _printable)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_ERRORS)
    try:
        try:
            return program()
        finally:
            sys.stdout.flush()  # here, so that a closed pipe is noticed before the interpreter ends
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is still in the buffer
        return _CLOSED_PIPE
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED


def _printable(error: UnicodeError) -> tuple[str, int]:
    """Replace the characters that cannot be encoded, as a handler of :func:`codecs.register_error`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_similar, error.object[error.start : error.end])), error.end


def _similar(character: str) -> str:
    plain = unicodedata.normalize("NFKD", character).encode("ascii", "ignore").decode()
    return _ASCII.get(character) or plain or "?"
