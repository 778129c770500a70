"""Connection to a Dask cluster whose workers run this package."""

from typing import Any

import torch

from torque_core.errors import BadConfig
from torque_core.utils.optional import require
from torque_core.utils.plugins import load_plugins

__all__ = ["connect"]

_CONNECT_SECONDS, _WORKER_SECONDS = 10, 60


def connect(scheduler: str) -> Any:
    """Return a client of the scheduler, whose workers use one thread of torch and have the plugins loaded.

    Args:
        scheduler: Address of a Dask scheduler whose workers can import this package. Code and data are sent to it
            without encryption: use only a scheduler and a network that you trust.

    Raises:
        BadConfig: If no scheduler answers at the address, or it has no workers.
    """
    distributed = require("distributed", extra="studies")
    try:
        client = distributed.Client(scheduler, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        raise BadConfig(
            f"no Dask scheduler answers at {scheduler!r}: {error}; start one with 'dask scheduler' and give the "
            f"address that it prints"
        ) from error
    try:
        client.wait_for_workers(1, timeout=_WORKER_SECONDS)
    except TimeoutError as error:
        client.close()
        raise BadConfig(
            f"the Dask scheduler at {scheduler} has no workers; start some with 'dask worker {scheduler}'"
        ) from error
    client.register_plugin(_worker_setup(), name="torque_core")
    return client


def _worker_setup() -> Any:
    """Return a Dask plugin that prepares the process of each worker, those that join later included."""

    class WorkerSetup(require("distributed", extra="studies").WorkerPlugin):  # type: ignore[misc]
        def setup(self, worker: Any) -> None:
            torch.set_num_threads(1)  # the cluster has a process or a thread for each core
            load_plugins()

    return WorkerSetup()
