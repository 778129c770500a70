"""Background work in turns: fair, and ended by cancel, pause, failure or nobody's interest, in time."""

import threading
import time
from collections import Counter

import pytest

from pages.shared.runs.scheduler import MAX_JOBS, MAX_JOBS_PER_OWNER, Job, Scheduler
from torque_core import TorqueError


def until(condition, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to that in time"
        time.sleep(0.002)


def endless(job: Job) -> None:
    while True:
        job.checkpoint()
        time.sleep(0.001)


@pytest.fixture
def turns():
    made = Scheduler({"cpu": 1}, slice=0.01)
    yield made
    for job in (*made._inside, *made._outside):
        job.cancel()
    until(lambda: not made._inside and not made._outside)


def test_owners_have_turns_alike_however_many_jobs_they_have(turns):
    served: list[str] = []
    last: list[Job | None] = [None]

    def work(job: Job) -> None:
        while True:
            job.checkpoint()
            if last[0] is not job:
                served.append(job.owner)
                last[0] = job
            time.sleep(0.002)

    for owner in ["greedy"] * MAX_JOBS_PER_OWNER + [f"user {number}" for number in range(9)]:
        turns.submit(owner, work)
    until(lambda: len(served) > 100)
    counts = Counter(served[20:100])  # of whole rounds, after all have come
    assert len(counts) == 10
    assert max(counts.values()) - min(counts.values()) <= 1


def test_a_newcomer_comes_after_those_who_wait(turns):
    turns.slice = 60.0
    first = turns.submit("Ada", endless)
    until(lambda: first.state == "running")
    second, third = turns.submit("Bea", endless), turns.submit("Cy", endless)
    assert [turns.queue_position(job) for job in (second, third)] == [0, 1]
    first.cancel()
    until(lambda: second.state == "running")
    again = turns.submit("Ada", endless)
    assert [turns.queue_position(job) for job in (third, again)] == [0, 1]


def test_who_adopts_jobs_has_their_limit_and_their_turn(turns):
    turns.slice = 60.0
    first = turns.submit("Ada", endless)
    until(lambda: first.state == "running")
    others = [turns.submit("Ada", endless) for _ in range(MAX_JOBS_PER_OWNER - 1)]
    for job in (first, *others):
        turns.adopt(job, "Ada, anew")
    with pytest.raises(TorqueError, match="trainings of yours"):
        turns.submit("Ada, anew", endless)
    first.cancel()
    until(lambda: others[0].state == "running")
    assert set(turns._last_turn) == {"Ada, anew"}
    turns.adopt(first, "Bea")  # it is over
    assert set(turns._last_turn) == {"Ada, anew"}


def test_no_more_run_at_once_than_there_are_places():
    turns, inside, most = Scheduler({"cpu": 2}, slice=0.005), [], []

    def work(job: Job) -> None:
        for _ in range(40):
            job.checkpoint()
            most.append(sum(other.state == "running" for other in inside))
            time.sleep(0.001)

    inside.extend(turns.submit(f"user {number}", work) for number in range(5))
    until(lambda: all(job.state == "done" for job in inside))
    assert max(most) == 2


def test_another_device_has_a_place_of_its_own_and_just_one(turns):
    cpu, gpu, waits = (turns.submit(owner, endless, device=device) for owner, device in
                       (("Ada", "cpu"), ("Bea", "cuda"), ("Cy", "cuda")))  # fmt: skip
    turns.slice = 60.0
    until(lambda: cpu.state == gpu.state == "running")
    time.sleep(0.05)
    assert waits.state == "waiting"


@pytest.mark.parametrize(("device", "left_behind"), [("cpu", 2), ("cuda", 1)])
def test_few_that_were_cancelled_in_a_long_step_are_in_nobodys_way(turns, device, left_behind):
    goes_on = threading.Event()

    def deaf(job: Job) -> None:
        goes_on.wait(20)
        job.checkpoint()

    for number in range(left_behind):
        job = turns.submit(f"user {number}", deaf, device=device)
        until(lambda job=job: job.state == "running")
        job.cancel()
    waits = turns.submit("Ada", endless, device=device)
    time.sleep(0.05)
    assert waits.state == "waiting"
    goes_on.set()
    until(lambda: waits.state == "running")


@pytest.mark.parametrize("state", ["waiting", "running", "paused"])
def test_cancel_is_answered_at_once_in_every_state(turns, state):
    turns.slice = 60.0
    blocker = turns.submit("Ada", endless) if state == "waiting" else None
    job = turns.submit("Bea", endless)
    until(lambda: job.state == ("waiting" if blocker else "running"))
    if state == "paused":
        job.pause()
        until(lambda: job.state == "paused")
    job.cancel()
    assert job.state == "cancelled"
    assert not job.active
    until(lambda: job not in turns._inside + turns._outside, seconds=1.0)


def test_a_pause_leaves_the_place_to_others_and_is_no_time_of_the_job(turns):
    turns.slice = 60.0
    first, second = turns.submit("Ada", endless), turns.submit("Bea", endless)
    until(lambda: first.state == "running")
    first.pause()
    assert first.resting
    until(lambda: first.state == "paused" and second.state == "running")
    spent = first.seconds
    time.sleep(0.05)
    assert first.seconds == spent
    first.resume()
    until(lambda: first.state == "waiting")
    second.cancel()
    until(lambda: first.state == "running")
    assert spent <= first.seconds < spent + 20


def test_what_happens_to_a_job_that_is_over_changes_nothing(turns):
    job = turns.submit("Ada", lambda job: None)
    until(lambda: job.state == "done")
    spent = job.seconds
    job.pause()
    job.resume()
    job.cancel()
    assert (job.state, job.seconds, job.resting, job.error) == ("done", spent, False, "")


@pytest.mark.parametrize("paused", [False, True])
def test_a_job_that_nobody_watches_ends(turns, paused):
    turns.abandoned_after = 0.2
    job = turns.submit("Ada", endless)
    for _ in range(20):
        job.watch()
        time.sleep(0.02)
    assert job.active
    if paused:
        job.pause()
    until(lambda: job.state == "cancelled", seconds=2.0)
    until(lambda: job not in turns._inside + turns._outside, seconds=1.0)


def test_a_job_whose_watcher_is_there_without_looking_goes_on(turns):
    turns.abandoned_after, there = 0.05, [True]
    job = turns.submit("Ada", endless, is_watched=lambda: there[0])
    time.sleep(0.3)
    assert job.active
    there[0] = False
    until(lambda: job.state == "cancelled", seconds=2.0)


def test_what_goes_wrong_is_said_and_frees_the_place(turns):
    def clear(job: Job) -> None:
        raise TorqueError("choose another cut")

    first = turns.submit("Ada", clear)
    until(lambda: first.state == "failed")
    assert first.error == "choose another cut"
    after = turns.submit("Ada", lambda job: None)
    until(lambda: after.state == "done")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_is_said_and_frees_the_place(turns, monkeypatch):
    seen = []
    monkeypatch.setattr(threading, "excepthook", seen.append)

    def broken(job: Job) -> None:
        raise ValueError("no such thing")

    job = turns.submit("Ada", broken)
    until(lambda: job.state == "failed")
    assert job.error == "It broke off: ValueError: no such thing"
    after = turns.submit("Ada", lambda job: None)
    until(lambda: after.state == "done" and len(seen) == 1)


def test_there_are_limits_for_one_and_for_all(turns):
    mine = [turns.submit("Ada", endless) for _ in range(MAX_JOBS_PER_OWNER)]
    with pytest.raises(TorqueError, match="cancel one, or wait"):
        turns.submit("Ada", endless)
    mine[0].cancel()
    turns.submit("Ada", endless)  # one that is over counts no more, even before its thread knows
    for number in range(MAX_JOBS - MAX_JOBS_PER_OWNER):
        turns.submit(f"user {number}", endless)
    with pytest.raises(TorqueError, match="on this server"):
        turns.submit("late", endless)
