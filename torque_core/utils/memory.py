"""Amounts of memory: what a text names, and whether a large computation fits, before it starts."""

import re

import psutil

from torque_core.errors import BadConfig

__all__ = ["check_memory", "parse_bytes"]

_UNITS = {"": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12} | {
    f"{letter}IB": 1 << 10 * power for power, letter in enumerate("KMGT", start=1)
}


def check_memory(needed: float, purpose: str) -> None:
    """Raise :class:`BadConfig` if a computation needs more memory than this machine has available.

    Args:
        needed: Estimated memory in bytes.
        purpose: The computation, as the subject of the message, such as ``"Metattack on 2,485 nodes"``.

    Example:
        >>> check_memory(1e18, "a dense matrix")
        Traceback (most recent call last):
        ...
        torque_core.errors.BadConfig: a dense matrix needs about 1,000,000,000.0 GB of memory, but only ... GB are
        available; choose a smaller graph or a machine with more memory
    """
    available = psutil.virtual_memory().available
    if needed > available:
        raise BadConfig(
            f"{purpose} needs about {needed / 1e9:,.1f} GB of memory, but only {available / 1e9:,.1f} GB are "
            "available; choose a smaller graph or a machine with more memory"
        )


def parse_bytes(text: str) -> int:
    """Number of bytes that a text such as ``8GB``, ``512 MiB`` or ``4e9`` names.

    Raises:
        BadConfig: If the text names no number of bytes.

    Example:
        >>> parse_bytes("8GB"), parse_bytes("1.5 kib")
        (8000000000, 1536)
        >>> parse_bytes("8 gigs")
        Traceback (most recent call last):
        ...
        torque_core.errors.BadConfig: memory must be a number with a unit, such as 8GB or 512MiB; got '8 gigs'
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d*)?(?:e\d+)?)\s*([a-z]*)\s*", text.lower())
    if match is None or match[2].upper() not in _UNITS:
        raise BadConfig(f"memory must be a number with a unit, such as 8GB or 512MiB; got {text!r}")
    return int(float(match[1]) * _UNITS[match[2].upper()])
