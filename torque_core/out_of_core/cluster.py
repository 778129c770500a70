"""Rewiring in files on the workers of a Dask cluster."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from torque_core.errors import BadConfig
from torque_core.out_of_core.stages import run_task
from torque_core.utils.dask_client import connect
from torque_core.utils.optional import require

__all__ = ["DaskRunner"]

_ONE_AT_A_TIME = threading.Lock()


class DaskRunner:
    """Runs the tasks of a rewiring in files on a Dask cluster whose workers see the same folder.

    Workers read and write the files; only the numbers of tasks and their ends pass through the scheduler. The tasks of
    a worker that dies are run by another one, and nothing else is repeated. ``max_memory`` is the memory of a worker,
    which runs one task at a time.

    Args:
        scheduler: Address of the scheduler, see :func:`~torque_core.utils.dask_client.connect`.

    Raises:
        BadConfig: If no scheduler answers at the address, or it has no workers.

    Example:
        .. code-block:: python

            with DaskRunner("tcp://192.168.0.1:8786") as runner:
                rewire_store("edges.parquet", "x.npy", "out", runner=runner)
    """

    def __init__(self, scheduler: str) -> None:
        self._address = scheduler
        require("distributed", extra="large")
        self._client: Any = connect(scheduler)

    def __call__(self, folder: Path, stage: str, tasks: list[int]) -> Iterator[int]:
        """See :class:`~torque_core.out_of_core.rewire_store.TaskRunner`."""
        distributed = require("distributed", extra="large")
        numbers = {self._client.submit(_on_worker, str(folder), stage, task, pure=False): task for task in tasks}
        for future in distributed.as_completed(numbers, loop=self._client.loop):
            if future.cancelled():
                raise BadConfig(
                    f"the Dask scheduler at {self._address} is gone; start it and the same rewiring again, which "
                    "continues"
                )
            error = future.exception()
            if isinstance(error, distributed.KilledWorker):
                raise BadConfig(
                    f"several workers of {self._address} died in {stage}, one after the other; give less memory by "
                    "max_memory, which each worker may use"
                ) from error
            if error is not None:
                raise error
            yield numbers[future]

    def close(self) -> None:
        """Close the connection; tasks in progress are dropped."""
        self._client.close()

    def __enter__(self) -> "DaskRunner":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _on_worker(folder: str, stage: str, task: int) -> None:
    if not Path(folder, "manifest.json").exists():
        raise BadConfig(f"a worker does not see {folder}; choose a folder on a file system that all workers share")
    with _ONE_AT_A_TIME:  # a worker may have several threads, but max_memory is that of its process
        run_task(folder, stage, task)
