"""Choice of the device: CUDA, MPS or CPU."""

import torch

from torque_core.errors import BadConfig

__all__ = ["DEVICES", "available_devices", "pick_device"]

DEVICES = ("auto", "cpu", "cuda", "mps")


def available_devices() -> tuple[str, ...]:
    """Return the devices that are available on this machine, always including ``auto`` and ``cpu``."""
    present = {"auto": True, "cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return tuple(name for name in DEVICES if present[name])


def pick_device(name: str = "auto") -> torch.device:
    """Return the device with this name; ``auto`` selects the first available one of cuda, mps and cpu.

    Raises:
        BadConfig: If the name is unknown or the device is not available.

    Example:
        >>> pick_device("cpu")
        device(type='cpu')
    """
    if name not in DEVICES:
        raise BadConfig(f"device must be one of {', '.join(DEVICES)}; got {name!r}")
    present = available_devices()
    if name not in present:
        raise BadConfig(f"device {name!r} is not available on this machine; choose one of {', '.join(present)}")
    if name == "auto":
        name = next(choice for choice in ("cuda", "mps", "cpu") if choice in present)
    return torch.device(name)
