"""Where to compute: CUDA, Apple's MPS or the CPU."""

import torch

from torque_core.errors import BadConfig

__all__ = ["DEVICES", "available_devices", "pick_device"]

DEVICES = ("auto", "cpu", "cuda", "mps")


def available_devices() -> tuple[str, ...]:
    """The choices that this machine has, ``auto`` and ``cpu`` always among them."""
    present = {"auto": True, "cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return tuple(name for name in DEVICES if present[name])


def pick_device(name: str = "auto") -> torch.device:
    """The device of that name; ``auto`` is the first of cuda, mps, cpu that this machine has.

    Raises:
        BadConfig: The name is unknown, or this machine has no such device.

    Example:
        >>> pick_device("cpu")
        device(type='cpu')
    """
    if name not in DEVICES:
        raise BadConfig(f"device must be one of {', '.join(DEVICES)}; got {name!r}")
    present = available_devices()
    if name not in present:
        raise BadConfig(f"device {name!r} is not on this machine; choose one of {', '.join(present)}")
    if name == "auto":
        name = next(choice for choice in ("cuda", "mps", "cpu") if choice in present)
    return torch.device(name)
