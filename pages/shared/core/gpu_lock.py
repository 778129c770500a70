"""Lock of the GPU: one computation at a time, as two could exceed its memory."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from torque_core.utils.device import pick_device

__all__ = ["exclusive_gpu"]

_LOCK = threading.Lock()


@contextmanager
def exclusive_gpu(device: str) -> Iterator[None]:
    """Hold the lock of the GPU if the device is one; on a CPU do nothing."""
    if pick_device(device).type == "cpu":
        yield
    else:
        with _LOCK:
            yield
