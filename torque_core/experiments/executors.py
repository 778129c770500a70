"""Execution of experiments: in this process, or on the workers of a Dask cluster."""

import heapq
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol

from torque_core.errors import BadConfig
from torque_core.experiments.experiment import Experiment, Result, key
from torque_core.experiments.results.versions import software
from torque_core.utils.dask_client import connect
from torque_core.utils.optional import require

__all__ = ["DaskExecutor", "Executor", "InProcess", "Outcome", "execute"]

_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Outcome:
    """Outcome of one run of an experiment.

    Attributes:
        answer: The result, or the message of the exception that was raised.
        seconds: Duration of the run.
        versions: Versions of the software that ran it.
    """

    answer: Result | str
    seconds: float
    versions: Mapping[str, str]


def execute(experiment: Experiment) -> Outcome:
    """Run an experiment; the message of an exception becomes its outcome."""
    started = time.perf_counter()
    answer: Result | str
    try:
        answer = experiment.run()
    except Exception as error:  # one failure must not end a study of thousands of experiments
        answer = _message(error)
    return Outcome(answer, time.perf_counter() - started, software())


def _message(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


class Executor(Protocol):
    """Runs experiments and returns their outcomes."""

    def submit(self, experiment: Experiment, priority: int) -> None:
        """Queue an experiment, to run before those of a higher priority number."""

    def wait(self) -> tuple[Experiment, Outcome]:
        """Return the next finished experiment of those submitted, with its outcome."""


class InProcess:
    """Runs one experiment after the other in this process, each when it is waited for."""

    def __init__(self) -> None:
        self._queue: list[tuple[int, int, Experiment]] = []
        self._submitted = 0

    def submit(self, experiment: Experiment, priority: int) -> None:
        """See :class:`Executor`."""
        self._submitted += 1  # first in, first out among those of one priority
        heapq.heappush(self._queue, (priority, self._submitted, experiment))

    def wait(self) -> tuple[Experiment, Outcome]:
        """See :class:`Executor`."""
        _, _, experiment = heapq.heappop(self._queue)
        return experiment, execute(experiment)


class DaskExecutor:
    """Runs many experiments at once on a Dask cluster; those of a worker that dies are run by another.

    Args:
        scheduler: Address of a Dask scheduler whose workers can import this package. Code and data are sent to it
            without encryption: use only a scheduler and a network that you trust.
        workers: Without a scheduler, number of processes of a cluster on this machine, which ends with the executor.

    Raises:
        BadConfig: If no scheduler answers at the address, or it has no workers.
    """

    def __init__(self, scheduler: str | None = None, workers: int = 0) -> None:
        distributed = require("distributed", extra="studies")
        self._cluster: Any = None
        if scheduler is None:
            self._cluster = distributed.LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address="127.0.0.1:0",
                silence_logs="CRITICAL",
            )
            scheduler = str(self._cluster.scheduler_address)
        self._address = scheduler
        try:
            self._client = connect(scheduler)
        except BadConfig:
            if self._cluster is not None:
                self._cluster.close()
            raise
        self._done = distributed.as_completed(loop=self._client.loop)
        self._experiments: dict[object, Experiment] = {}

    def submit(self, experiment: Experiment, priority: int) -> None:
        """See :class:`Executor`."""
        future = self._client.submit(
            _on_worker, experiment, key=f"{experiment.kind}-{key(experiment)}", pure=False, priority=-priority
        )
        self._experiments[future.key] = experiment
        self._done.add(future)

    def wait(self) -> tuple[Experiment, Outcome]:
        """See :class:`Executor`.

        Raises:
            BadConfig: If the connection to the scheduler is lost.
        """
        future = next(self._done)
        experiment = self._experiments.pop(future.key)
        if future.cancelled():
            raise BadConfig(
                f"the Dask scheduler at {self._address} is gone; start it and the study again, which continues"
            )
        if (error := future.exception()) is not None:  # its workers died, or it cannot be unpickled there
            return experiment, Outcome(_message(error), 0.0, software())
        return experiment, future.result()

    def close(self) -> None:
        """Close the connection, and the cluster if it is local; experiments in progress are dropped."""
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()

    def __enter__(self) -> "DaskExecutor":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _on_worker(experiment: Experiment) -> Outcome:
    # a worker may have several threads, but torch's random numbers are those of the process
    with _ONE_AT_A_TIME:
        return execute(experiment)
