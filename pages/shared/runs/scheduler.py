"""Background jobs of many users that share a few slots, in time slices, so that all of them progress."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from torque_core import TorqueError

__all__ = [
    "ABANDONED_AFTER", "ACTIVE_STATES", "MAX_BYTES", "MAX_JOBS", "MAX_JOBS_PER_OWNER", "Job", "Scheduler", "Stopped",
]  # fmt: skip

ABANDONED_AFTER = 90.0
"""Seconds after which a job ends that nobody watches."""
MAX_JOBS_PER_OWNER = 4
"""Largest number of active jobs of one owner."""
MAX_JOBS = 40
"""Largest number of active jobs of all owners."""

MAX_BYTES = 4_000_000_000
"""Largest memory of all active jobs together; a single job may take more."""

ACTIVE_STATES = ("waiting", "running", "paused")
"""States of a job that has not ended."""

_SLICE = 2.0  # seconds of work before a job gives its slot to one that waits


class Stopped(Exception):
    """Raised by :meth:`Job.checkpoint` if the job is over, so that its work ends."""


@dataclass(eq=False)
class Job:
    """Work in a thread of its own; the work calls :meth:`checkpoint`, and an interface calls :meth:`watch`.

    Attributes:
        owner: Id of the owner.
        device: Device type on which the job works.
        scheduler: The scheduler that runs it.
        is_watched: Called before the job is given up as abandoned; returns True if somebody still watches it.
        state: ``waiting``, ``running``, ``paused``, ``done``, ``cancelled``, ``failed`` or, as the server ended,
            ``interrupted``.
        error: Message of a failed job.
        nbytes: Estimated memory of the job.
        pausing: Whether a pause is requested; the job is ``paused`` from its next checkpoint on.
    """

    owner: str
    device: str
    scheduler: "Scheduler" = field(repr=False)
    is_watched: Callable[[], bool] = lambda: False
    state: str = "waiting"
    error: str = ""
    nbytes: int = 0
    pausing: bool = False
    _slice: int = 0  # number of its last slice
    _slice_began: float = 0.0
    _watched: float = field(default_factory=time.monotonic)
    _began: float | None = None
    _ended: float | None = None
    _pause_began: float | None = None
    _paused_seconds: float = 0.0  # of pauses that are over

    @property
    def active(self) -> bool:
        """Whether the job is waiting, running or paused."""
        return self.state in ACTIVE_STATES

    @property
    def seconds(self) -> float:
        """Seconds since the first slice without pauses, but with the time spent waiting for further slices."""
        if self._began is None:
            return 0.0
        end = self._ended or self._pause_began or time.monotonic()
        return end - self._began - self._paused_seconds

    def watch(self) -> None:
        """Note that somebody watches the job."""
        self._watched = time.monotonic()

    def pause(self) -> None:
        """Pause at the next checkpoint and give the slot to another job."""
        with self.scheduler.changed:
            if self.active and not self.pausing:
                self.pausing, self._pause_began = True, time.monotonic()
                self.scheduler.changed.notify_all()

    def resume(self) -> None:
        """Queue for a slot again after a pause."""
        with self.scheduler.changed:
            if self.active and self.pausing:
                self.pausing = False
                if self._began is not None:
                    self._paused_seconds += time.monotonic() - self._pause_began
                self._pause_began = None
                self.state = "waiting" if self.state == "paused" else self.state
                self.scheduler.changed.notify_all()

    def cancel(self) -> None:
        """End the job: its state changes at once, and its work ends at the next checkpoint."""
        self._end("cancelled")

    def checkpoint(self) -> None:
        """Honour cancellation and pause requests between work steps, and yield to other jobs.

        Raises:
            Stopped: If the job was cancelled, or nobody watches it any more.
        """
        with self.scheduler.changed:
            self._raise_if_over()
            slice_is_over = time.monotonic() - self._slice_began > self.scheduler.slice
            if self.pausing or (slice_is_over and self.scheduler._queue(self.device)):
                self.scheduler._release(self)
                self.scheduler._acquire(self)

    def _raise_if_over(self) -> float:
        """Raise :class:`Stopped` if the job is over; otherwise return the seconds until it counts as abandoned."""
        left = self._watched + self.scheduler.abandoned_after - time.monotonic()
        if left <= 0 and self.is_watched():
            self.watch()
            left = self.scheduler.abandoned_after
        if left <= 0:
            self._end("cancelled")
        if not self.active:
            raise Stopped
        return left

    def _end(self, state: str, error: str = "") -> None:
        with self.scheduler.changed:
            if self.active:
                self.state, self.error = state, error
                self._ended = self._pause_began or time.monotonic()
                self.scheduler.changed.notify_all()


class Scheduler:
    """Fair scheduler of background jobs: each device has a few slots, which jobs hold for a time slice.

    Slots pass from owner to owner, so that an owner with many jobs gets no more slices than one with a single job.
    Jobs in different slots run concurrently. A GPU has one slot, so that two jobs never fill its memory together. On
    the CPU, cancelled jobs that are still within a long step do not block the slots.

    Args:
        slots: Number of slots by device type; 1 for devices that are not listed.
        slice: Seconds of a time slice while other jobs wait.
        abandoned_after: Seconds after which a job ends that nobody watches.

    Example:
        >>> steps = []
        >>> def work(job):
        ...     for step in range(3):
        ...         job.checkpoint()
        ...         steps.append(step)
        >>> job = Scheduler().submit("Ada", work)
        >>> while job.active:
        ...     time.sleep(0.01)
        >>> job.state, steps
        ('done', [0, 1, 2])
    """

    def __init__(
        self,
        slots: Mapping[str, int] | None = None,
        *,
        slice: float = _SLICE,  # noqa: A002 - the term of the field
        abandoned_after: float = ABANDONED_AFTER,
    ) -> None:
        self.slice, self.abandoned_after = slice, abandoned_after
        self.changed = threading.Condition()
        self._slots = {"cpu": 2} if slots is None else dict(slots)
        self._running: list[Job] = []  # in a slot, a cancelled job too, until its work ends
        self._waiting: list[Job] = []  # without a slot, paused jobs included
        self._last_slice: dict[str, int] = {}  # number of the last slice of each owner
        self._slices = 0
        self._closed = False

    def submit(
        self,
        owner: str,
        work: Callable[[Job], None],
        *,
        device: str = "cpu",
        is_watched: Callable[[], bool] = lambda: False,
        nbytes: int = 0,
    ) -> Job:
        """Start work in the background.

        Args:
            owner: Id of the owner.
            work: Called with its job; it calls :meth:`Job.checkpoint` between small steps.
            device: Type of the device that the work uses.
            is_watched: Called if :meth:`Job.watch` was not called for :attr:`abandoned_after` seconds; returns True if
                somebody still watches the job.
            nbytes: Estimated memory of the job.

        Raises:
            TorqueError: If the owner has :data:`MAX_JOBS_PER_OWNER` active jobs, all owners have :data:`MAX_JOBS` or
                jobs of :data:`MAX_BYTES`, or the server is shutting down.
        """
        job = Job(owner, device, self, is_watched, nbytes=nbytes)
        with self.changed:
            if self._closed:
                raise TorqueError("the server is shutting down; try again when it is back")
            active = [other for other in (*self._running, *self._waiting) if other.active]
            if sum(other.owner == owner for other in active) >= MAX_JOBS_PER_OWNER:
                raise TorqueError(f"{MAX_JOBS_PER_OWNER} of your trainings are running; cancel one or wait for its end")
            if len(active) >= MAX_JOBS:
                raise TorqueError(f"{MAX_JOBS} trainings are running on this server; try again later")
            if active and sum(other.nbytes for other in active) + nbytes > MAX_BYTES:
                raise TorqueError("The trainings on this server need all its memory; try again later")
            self._last_slice.setdefault(owner, self._slices)  # a new owner queues behind those that wait already
            self._waiting.append(job)
        threading.Thread(target=self._run, args=(job, work), daemon=True, name=f"job of {owner}").start()
        return job

    def shut_down(self, timeout: float) -> None:
        """Interrupt all jobs, refuse new ones, and wait until the work of the jobs has reached its next checkpoint.

        Args:
            timeout: Largest number of seconds to wait.
        """
        with self.changed:
            self._closed = True
            for job in (*self._running, *self._waiting):
                job._end("interrupted")
            self.changed.wait_for(lambda: not self._running and not self._waiting, timeout)

    def queue_position(self, job: Job) -> int:
        """Return the number of jobs that wait for the same device and get a slot first."""
        with self.changed:
            queue = self._queue(job.device)
            return queue.index(job) if job in queue else 0

    def _acquire(self, job: Job) -> None:
        """Wait for a slot; called in the job's thread, which holds the lock, as in :meth:`_release`."""
        while not (self._queue(job.device)[:1] == [job] and self._has_slot(job.device)):
            left = job._raise_if_over()
            job.state = "paused" if job.pausing else "waiting"
            self.changed.wait(left)
        job._raise_if_over()
        self._waiting.remove(job)
        self._running.append(job)
        self._slices += 1
        job._slice = self._last_slice[job.owner] = self._slices
        job.state, job._slice_began = "running", time.monotonic()
        job._began = job._began or job._slice_began
        self.changed.notify_all()

    def _release(self, job: Job) -> None:
        """Give up the slot and queue again."""
        self._running.remove(job)
        self._waiting.append(job)
        self.changed.notify_all()

    def _queue(self, device: str) -> list[Job]:
        """Return the waiting jobs in the order in which they get a slot.

        Owners with fewer slots come first, then those whose last slice was longest ago.
        """
        running = [job.owner for job in self._running]
        waiting = [job for job in self._waiting if job.device == device and job.active and not job.pausing]
        return sorted(waiting, key=lambda job: (running.count(job.owner), self._last_slice[job.owner], job._slice))

    def _has_slot(self, device: str) -> bool:
        """Return True if a slot is free; a CPU has as many again for cancelled jobs that are still in a long step."""
        slots, running = self._slots.get(device, 1), [job for job in self._running if job.device == device]
        limit = 2 * slots if device == "cpu" else slots
        return len(running) < limit and sum(job.active for job in running) < slots

    def _forget(self, owner: str) -> None:
        """Drop the record of an owner without jobs."""
        if not any(job.owner == owner for job in (*self._running, *self._waiting)):
            self._last_slice.pop(owner, None)

    def _run(self, job: Job, work: Callable[[Job], None]) -> None:
        try:
            with self.changed:
                self._acquire(job)
            work(job)
            job._end("done")
        except Stopped:
            pass
        except TorqueError as error:
            job._end("failed", str(error))
        except Exception as error:  # the interface must show it, as nobody sees the thread
            job._end("failed", f"Unexpected error: {type(error).__name__}: {error}")
            raise
        finally:
            with self.changed:
                for jobs in (self._running, self._waiting):
                    if job in jobs:
                        jobs.remove(job)
                self._forget(job.owner)
                self.changed.notify_all()
