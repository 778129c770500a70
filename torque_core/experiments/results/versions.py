"""Versions of the software that computes results."""

import platform
from functools import cache
from importlib.metadata import version

__all__ = ["software"]


@cache
def software() -> dict[str, str]:
    """Return the versions of Python and of the packages that compute results."""
    from torque_core import __version__

    return {
        "python": platform.python_version(),
        "torch": version("torch"),
        "torch_geometric": version("torch_geometric"),
        "torque_core": __version__,
    }
