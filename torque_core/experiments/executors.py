"""Where experiments run: in this process, or on the workers of a Dask cluster."""

import heapq
import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol

import torch

from torque_core.errors import BadConfig
from torque_core.experiments.experiment import Experiment, Result, key
from torque_core.experiments.results.store import software
from torque_core.utils.plugins import load_plugins

__all__ = ["DaskPool", "InProcess", "Outcome", "Pool", "execute"]

_ANSWER_WITHIN, _WORKERS_WITHIN = 10, 60  # seconds
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class Outcome:
    """What came of an experiment: its result or the message of what went wrong, after how long, with what software."""

    answer: Result | str
    seconds: float
    versions: Mapping[str, str]


def execute(experiment: Experiment) -> Outcome:
    """Run an experiment; whatever it raises is its outcome."""
    started = time.perf_counter()
    answer: Result | str
    try:
        answer = experiment.run()
    except Exception as error:  # one experiment that fails must not end a study of thousands
        answer = _message(error)
    return Outcome(answer, time.perf_counter() - started, software())


def _message(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


class Pool(Protocol):
    """Takes experiments and hands back what came of them."""

    def submit(self, experiment: Experiment, place: int) -> None:
        """Take an experiment, to be run before those of a higher place."""

    def wait(self) -> tuple[Experiment, Outcome]:
        """The next that is done, of those submitted and not handed back yet."""


class InProcess:
    """One experiment after the other, here; each when it is waited for."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int, Experiment]] = []
        self._submitted = 0

    def submit(self, experiment: Experiment, place: int) -> None:
        """See :class:`Pool`."""
        self._submitted += 1  # so that of one place the first comes first
        heapq.heappush(self._waiting, (place, self._submitted, experiment))

    def wait(self) -> tuple[Experiment, Outcome]:
        """See :class:`Pool`."""
        _, _, experiment = heapq.heappop(self._waiting)
        return experiment, execute(experiment)


class DaskPool:
    """Many at once, on a cluster; what a worker did not finish that died goes to another.

    Args:
        scheduler: Address of a Dask scheduler, whose workers can import this package. It is sent code and data without
            encryption: it must be one that you trust, in a network that you trust.
        workers: Without a scheduler, a cluster of so many processes is started on this machine, and ended in the end.

    Raises:
        BadConfig: No scheduler answers there, or it has no workers.
    """

    def __init__(self, scheduler: str | None = None, workers: int = 0) -> None:
        from distributed import Client, LocalCluster, as_completed  # slow to import

        # of what happens to connections: what matters of it is raised
        logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
        self._cluster: Any = None
        if scheduler is None:
            self._cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.CRITICAL,
            )
            scheduler = str(self._cluster.scheduler_address)
        self._where = scheduler
        try:
            self._client = Client(scheduler, timeout=_ANSWER_WITHIN, set_as_default=False)
        except (OSError, ValueError) as error:
            raise BadConfig(
                f"no Dask scheduler answers at {scheduler!r}: {error}; start one with 'dask scheduler' and give the "
                f"address that it prints"
            ) from error
        try:
            self._client.wait_for_workers(1, timeout=_WORKERS_WITHIN)
        except TimeoutError as error:
            self.close()
            raise BadConfig(
                f"the Dask scheduler at {self._where} has no workers; start some with 'dask worker {self._where}'"
            ) from error
        self._done = as_completed(loop=self._client.loop)
        self._experiments: dict[object, Experiment] = {}

    def submit(self, experiment: Experiment, place: int) -> None:
        """See :class:`Pool`."""
        future = self._client.submit(
            _on_worker, experiment, key=f"{experiment.kind}-{key(experiment)}", pure=False, priority=-place
        )
        self._experiments[future.key] = experiment
        self._done.add(future)

    def wait(self) -> tuple[Experiment, Outcome]:
        """See :class:`Pool`.

        Raises:
            BadConfig: The scheduler is gone.
        """
        future = next(self._done)
        experiment = self._experiments.pop(future.key)
        if future.cancelled():
            raise BadConfig(f"the Dask scheduler at {self._where} is gone; start it and the study again: it goes on")
        if (error := future.exception()) is not None:  # its workers died, or it does not unpickle there
            return experiment, Outcome(_message(error), 0.0, software())
        return experiment, future.result()

    def close(self) -> None:
        """Let go of the cluster; what is still to be done there is dropped."""
        self._client.close()
        if self._cluster is not None:
            self._cluster.close()

    def __enter__(self) -> "DaskPool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _on_worker(experiment: Experiment) -> Outcome:
    # a worker may have several threads, but torch's random numbers are those of the process
    with _ONE_AT_A_TIME:
        load_plugins()
        torch.set_num_threads(1)
        return execute(experiment)
