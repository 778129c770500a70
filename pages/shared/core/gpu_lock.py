"""One computation at a time on a GPU: two together could fill its memory."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from torque_core.utils.device import pick_device

__all__ = ["guarded"]

_LOCK = threading.Lock()


@contextmanager
def guarded(device: str) -> Iterator[None]:
    """Wait until the GPU is free, if the device is one; the CPU needs no guard."""
    if pick_device(device).type == "cpu":
        yield
    else:
        with _LOCK:
            yield
