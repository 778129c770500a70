"""Random numbers that belong to one purpose, whatever else draws meanwhile."""

import threading
from contextlib import AbstractContextManager

import torch

from torque_core.errors import BadConfig

__all__ = ["RandomStream", "check_seed"]

_ONE_AT_A_TIME = threading.RLock()


def check_seed(seed: int) -> None:
    """Raise :class:`BadConfig` unless ``seed`` is one that torch's generators take.

    Example:
        >>> check_seed(-1)
        Traceback (most recent call last):
        ...
        torque_core.errors.BadConfig: seed must be an integer from 0 to 2**63 - 1, got -1
    """
    if type(seed) is not int or not 0 <= seed < 2**63:
        raise BadConfig(f"seed must be an integer from 0 to 2**63 - 1, got {seed!r}")


class RandomStream:
    """A context in which torch draws from this stream; outside of it, torch's global numbers go on as if nothing was.

    Trainings that take turns so do not disturb each other, nor whoever else draws. torch's numbers are those of the
    whole process, so threads are in such a context one after another.

    Args:
        seed: Of the stream.
        device: Where the numbers are drawn; the CPU's always belong to the stream.

    Example:
        >>> stream = RandomStream(0, torch.device("cpu"))
        >>> with stream:
        ...     first = torch.rand(2)
        >>> other = torch.rand(100)
        >>> with stream:
        ...     second = torch.rand(2)
        >>> bool((torch.cat([first, second]) == torch.rand(4, generator=torch.Generator().manual_seed(0))).all())
        True
    """

    def __init__(self, seed: int, device: torch.device) -> None:
        self._devices = [device] if device.type == "cuda" else []
        with _ONE_AT_A_TIME, self._fork():
            torch.manual_seed(seed)
            self._keep()

    def __enter__(self) -> None:
        _ONE_AT_A_TIME.acquire()
        self._outer = self._fork()
        self._outer.__enter__()
        torch.set_rng_state(self._cpu)
        for device, state in zip(self._devices, self._cuda, strict=True):
            torch.cuda.set_rng_state(state, device)

    def __exit__(self, *error: object) -> None:
        self._keep()
        self._outer.__exit__(None, None, None)
        _ONE_AT_A_TIME.release()

    def _keep(self) -> None:
        self._cpu = torch.get_rng_state()
        self._cuda = [torch.cuda.get_rng_state(device) for device in self._devices]

    def _fork(self) -> AbstractContextManager[None]:
        return torch.random.fork_rng(devices=self._devices)
