"""Check that a large computation fits into memory, before it starts."""

import psutil

from torque_core.errors import BadConfig

__all__ = ["check_memory"]


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
