"""Scheduler: the background work of many users on few places, a slice at a time, so that all of them get on."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from torque_core import TorqueError

__all__ = ["ABANDONED_AFTER", "MAX_JOBS", "MAX_JOBS_PER_OWNER", "Job", "Scheduler", "Stopped"]

ABANDONED_AFTER = 90.0
"""Seconds after which a job ends that nobody watches."""
MAX_JOBS_PER_OWNER = 4
"""So many jobs of one owner can be under way."""
MAX_JOBS = 40
"""So many of all owners."""

_SLICE = 2.0  # seconds of work before somebody else has a turn


class Stopped(Exception):
    """The job is over, and its work has to end: raised by :meth:`Job.checkpoint`."""


@dataclass(eq=False)
class Job:
    """Work in a thread of its own. Whoever watches calls :meth:`watch`; the work calls :meth:`checkpoint`."""

    owner: str
    device: str
    turns: "Scheduler" = field(repr=False)
    is_watched: Callable[[], bool] = lambda: False
    """Asked before the job is given up."""
    state: str = "waiting"
    """waiting, running, paused, done, cancelled or failed."""
    error: str = ""
    _held: bool = False  # asked to pause
    _turn: int = 0  # when it had its last turn
    _since: float = 0.0  # of this turn
    _watched: float = field(default_factory=time.monotonic)
    _began: float | None = None
    _ended: float | None = None
    _paused: float | None = None  # since when
    _rested: float = 0.0  # seconds of pause that are over

    @property
    def active(self) -> bool:
        """Whether it is under way, be it waiting or paused."""
        return self.state in ("waiting", "running", "paused")

    @property
    def seconds(self) -> float:
        """Since its first turn, without pauses: its own work and waiting for its turns."""
        if self._began is None:
            return 0.0
        end = self._ended or self._paused or time.monotonic()
        return end - self._began - self._rested

    def watch(self) -> None:
        """Somebody looks at it."""
        self._watched = time.monotonic()

    def pause(self) -> None:
        """Rest, and leave the place to others, from the next checkpoint on."""
        with self.turns.changed:
            if self.active and not self._held:
                self._held, self._paused = True, time.monotonic()
                self.turns.changed.notify_all()

    def resume(self) -> None:
        """Go on after a pause, when its turn comes."""
        with self.turns.changed:
            if self.active and self._held:
                self._held = False
                if self._began is not None:
                    self._rested += time.monotonic() - self._paused
                self._paused = None
                self.state = "waiting" if self.state == "paused" else self.state
                self.turns.changed.notify_all()

    @property
    def resting(self) -> bool:
        """Whether it is paused, or about to."""
        return self._held

    def cancel(self) -> None:
        """End it: at once for all who look, and for its work at the next checkpoint."""
        self._end("cancelled")

    def checkpoint(self) -> None:
        """Between two small steps of the work: stop, rest, or let somebody else have a turn.

        Raises:
            Stopped: The job was cancelled, or nobody watches it any more.
        """
        with self.turns.changed:
            self._stop_if_over()
            if self._held or (time.monotonic() - self._since > self.turns.slice and self.turns.wanted(self.device)):
                self.turns.leave(self)
                self.turns.enter(self)

    def _stop_if_over(self) -> float:
        """Raise if it is over; else the seconds that it may go on unwatched."""
        left = self._watched + self.turns.abandoned_after - time.monotonic()
        if left <= 0 and self.is_watched():
            self.watch()
            left = self.turns.abandoned_after
        if left <= 0:
            self._end("cancelled")
        if not self.active:
            raise Stopped
        return left

    def _end(self, state: str, error: str = "") -> None:
        with self.turns.changed:
            if self.active:
                self.state, self.error, self._ended = state, error, self._paused or time.monotonic()
                self.turns.changed.notify_all()


class Scheduler:
    """Places for jobs, by device. A job has a place for a slice; then the next has it, owner after owner.

    However many jobs an owner has, all owners that wait have as many turns. On a GPU there is one place, so that two
    jobs never fill its memory together; on a CPU, one that was cancelled within a long step is in nobody's way.

    Args:
        places: On each device; on one that is not named there is one.
        slice: Seconds of a turn, while others wait.
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
        places: Mapping[str, int] | None = None,
        *,
        slice: float = _SLICE,  # noqa: A002 - the word for it
        abandoned_after: float = ABANDONED_AFTER,
    ) -> None:
        self.slice, self.abandoned_after = slice, abandoned_after
        self.changed = threading.Condition()
        self._places = {"cpu": 2} if places is None else dict(places)
        self._inside: list[Job] = []
        self._outside: list[Job] = []
        self._last_turn: dict[str, int] = {}
        self._count = 0

    def submit(
        self,
        owner: str,
        work: Callable[[Job], None],
        *,
        device: str = "cpu",
        is_watched: Callable[[], bool] = lambda: False,
    ) -> Job:
        """Do the work in the background; it gets its job, and calls :meth:`Job.checkpoint` between small steps.

        Args:
            owner: Whose it is.
            work: What to do.
            device: Where; each has its own places.
            is_watched: Asked, once nobody has called :meth:`Job.watch` for long, whether anybody is there.

        Raises:
            TorqueError: The owner has :data:`MAX_JOBS_PER_OWNER` jobs under way, or all have :data:`MAX_JOBS`.
        """
        job = Job(owner, device, self, is_watched)
        with self.changed:
            under_way = [other for other in (*self._inside, *self._outside) if other.active]
            if sum(other.owner == owner for other in under_way) >= MAX_JOBS_PER_OWNER:
                raise TorqueError(
                    f"{MAX_JOBS_PER_OWNER} trainings of yours are under way; cancel one, or wait for its end"
                )
            if len(under_way) >= MAX_JOBS:
                raise TorqueError(f"{MAX_JOBS} trainings are under way on this server; try again in a while")
            self._last_turn.setdefault(owner, self._count)  # a newcomer comes after those who wait already
            self._outside.append(job)
        threading.Thread(target=self._run, args=(job, work), daemon=True, name=f"job of {owner}").start()
        return job

    def adopt(self, job: Job, owner: str) -> None:
        """Let it go on as a job of this owner, with all that counts for one."""
        with self.changed:
            if job in (*self._inside, *self._outside):
                former, job.owner = job.owner, owner
                self._last_turn.setdefault(owner, self._last_turn[former])
                self._forget(former)

    def queue_position(self, job: Job) -> int:
        """How many of those that wait for the same device come before it."""
        with self.changed:
            queue = self._queue(job.device)
            return queue.index(job) if job in queue else 0

    def wanted(self, device: str) -> bool:
        """Whether anybody waits for a place there."""
        return bool(self._queue(device))

    def enter(self, job: Job) -> None:
        """Wait for a place. As :meth:`leave`, for the work's own thread, which holds ``changed``."""
        while not (self._queue(job.device)[:1] == [job] and self._has_room(job.device)):
            left = job._stop_if_over()
            job.state = "paused" if job.resting else "waiting"
            self.changed.wait(left)
        job._stop_if_over()
        self._outside.remove(job)
        self._inside.append(job)
        self._count += 1
        job._turn = self._last_turn[job.owner] = self._count
        job.state, job._since = "running", time.monotonic()
        job._began = job._began or job._since
        self.changed.notify_all()

    def leave(self, job: Job) -> None:
        """Give the place away, and queue up again."""
        self._inside.remove(job)
        self._outside.append(job)
        self.changed.notify_all()

    def _queue(self, device: str) -> list[Job]:
        """Who waits, the next first: of the owner who has the fewest places and whose last turn was longest ago."""
        inside = [job.owner for job in self._inside]
        waiting = [job for job in self._outside if job.device == device and job.active and not job.resting]
        return sorted(waiting, key=lambda job: (inside.count(job.owner), self._last_turn[job.owner], job._turn))

    def _has_room(self, device: str) -> bool:
        """Whether a place is free; a CPU has as many again for those that are over and still in a long step."""
        places, inside = self._places.get(device, 1), [job for job in self._inside if job.device == device]
        most = 2 * places if device == "cpu" else places
        return len(inside) < most and sum(job.active for job in inside) < places

    def _forget(self, owner: str) -> None:
        """When somebody had a turn who has no job any more."""
        if not any(job.owner == owner for job in (*self._inside, *self._outside)):
            self._last_turn.pop(owner, None)

    def _run(self, job: Job, work: Callable[[Job], None]) -> None:
        try:
            with self.changed:
                self.enter(job)
            work(job)
            job._end("done")
        except Stopped:
            pass
        except TorqueError as error:
            job._end("failed", str(error))
        except Exception as error:  # whoever watches must be told
            job._end("failed", f"It broke off: {type(error).__name__}: {error}")
            raise
        finally:
            with self.changed:
                for jobs in (self._inside, self._outside):
                    if job in jobs:
                        jobs.remove(job)
                self._forget(job.owner)
                self.changed.notify_all()
