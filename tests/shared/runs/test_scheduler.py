"""Background jobs: fair time slices, prompt cancellation and pauses, reported errors, and an end when abandoned."""

import threading
import time
from collections import Counter

import pytest

from pages.shared.runs.scheduler import MAX_JOBS, MAX_JOBS_PER_OWNER, Job, Scheduler
from torque_core import TorqueError


def until(condition, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition did not become true in time"
        time.sleep(0.002)


def endless(job: Job) -> None:
    while True:
        job.checkpoint()
        time.sleep(0.001)


@pytest.fixture
def scheduler():
    scheduler = Scheduler({"cpu": 1}, slice=0.01)
    yield scheduler
    for job in (*scheduler._running, *scheduler._waiting):
        job.cancel()
    until(lambda: not scheduler._running and not scheduler._waiting)


def test_owners_get_equal_slices_whatever_the_number_of_their_jobs(scheduler):
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
        scheduler.submit(owner, work)
    until(lambda: len(served) > 100)
    counts = Counter(served[20:100])  # whole rounds, after all have joined
    assert len(counts) == 10
    assert max(counts.values()) - min(counts.values()) <= 1


def test_a_new_owner_queues_behind_those_who_wait(scheduler):
    scheduler.slice = 60.0
    first = scheduler.submit("Ada", endless)
    until(lambda: first.state == "running")
    second, third = scheduler.submit("Bea", endless), scheduler.submit("Cy", endless)
    assert [scheduler.queue_position(job) for job in (second, third)] == [0, 1]
    first.cancel()
    until(lambda: second.state == "running")
    again = scheduler.submit("Ada", endless)
    assert [scheduler.queue_position(job) for job in (third, again)] == [0, 1]


def test_a_shut_down_interrupts_every_job_and_refuses_new_ones(scheduler):
    jobs = [scheduler.submit("Ada", endless), scheduler.submit("Bea", endless), scheduler.submit("Bea", endless)]
    until(lambda: jobs[0].state == "running")
    jobs[1].pause()
    scheduler.shut_down(20.0)
    assert [job.state for job in jobs] == ["interrupted"] * 3
    assert not scheduler._running
    assert not scheduler._waiting
    with pytest.raises(TorqueError, match="shutting down"):
        scheduler.submit("Ada", endless)


def test_a_shut_down_does_not_wait_for_a_long_step(scheduler):
    step = threading.Event()
    job = scheduler.submit("Ada", lambda job: step.wait(20))
    until(lambda: job.state == "running")
    scheduler.shut_down(0.01)
    assert (job.state, scheduler._running) == ("interrupted", [job])
    step.set()


def test_no_more_jobs_run_at_once_than_there_are_slots():
    scheduler, inside, most = Scheduler({"cpu": 2}, slice=0.005), [], []

    def work(job: Job) -> None:
        for _ in range(40):
            job.checkpoint()
            most.append(sum(other.state == "running" for other in inside))
            time.sleep(0.001)

    inside.extend(scheduler.submit(f"user {number}", work) for number in range(5))
    until(lambda: all(job.state == "done" for job in inside))
    assert max(most) == 2


def test_jobs_in_different_slots_run_at_the_same_time():
    scheduler, barrier = Scheduler({"cpu": 2}), threading.Barrier(2, timeout=20)

    def work(job: Job) -> None:
        for _ in range(3):
            job.checkpoint()
            barrier.wait()  # is passed only while both jobs are within a step

    jobs = [scheduler.submit(owner, work) for owner in ("Ada", "Bea")]
    until(lambda: not any(job.active for job in jobs))
    assert [job.state for job in jobs] == ["done", "done"]


def test_another_device_has_one_separate_slot(scheduler):
    cpu, gpu, waits = (scheduler.submit(owner, endless, device=device) for owner, device in
                       (("Ada", "cpu"), ("Bea", "cuda"), ("Cy", "cuda")))  # fmt: skip
    scheduler.slice = 60.0
    until(lambda: cpu.state == gpu.state == "running")
    time.sleep(0.05)
    assert waits.state == "waiting"


@pytest.mark.parametrize(("device", "left_behind"), [("cpu", 2), ("cuda", 1)])
def test_a_few_jobs_cancelled_in_a_long_step_do_not_block_others(scheduler, device, left_behind):
    may_continue = threading.Event()

    def unresponsive(job: Job) -> None:
        may_continue.wait(20)
        job.checkpoint()

    for number in range(left_behind):
        job = scheduler.submit(f"user {number}", unresponsive, device=device)
        until(lambda job=job: job.state == "running")
        job.cancel()
    waits = scheduler.submit("Ada", endless, device=device)
    time.sleep(0.05)
    assert waits.state == "waiting"
    may_continue.set()
    until(lambda: waits.state == "running")


@pytest.mark.parametrize("state", ["waiting", "running", "paused"])
def test_cancelling_takes_effect_at_once_in_every_state(scheduler, state):
    scheduler.slice = 60.0
    blocker = scheduler.submit("Ada", endless) if state == "waiting" else None
    job = scheduler.submit("Bea", endless)
    until(lambda: job.state == ("waiting" if blocker else "running"))
    if state == "paused":
        job.pause()
        until(lambda: job.state == "paused")
    job.cancel()
    assert job.state == "cancelled"
    assert not job.active
    until(lambda: job not in scheduler._running + scheduler._waiting, seconds=1.0)


def test_a_pause_frees_the_slot_and_does_not_count_as_time_of_the_job(scheduler):
    scheduler.slice = 60.0
    first, second = scheduler.submit("Ada", endless), scheduler.submit("Bea", endless)
    until(lambda: first.state == "running")
    first.pause()
    assert first.pausing
    until(lambda: first.state == "paused" and second.state == "running")
    spent = first.seconds
    time.sleep(0.05)
    assert first.seconds == spent
    first.resume()
    until(lambda: first.state == "waiting")
    second.cancel()
    until(lambda: first.state == "running")
    assert spent <= first.seconds < spent + 20


def test_a_job_that_is_over_cannot_be_changed(scheduler):
    job = scheduler.submit("Ada", lambda job: None)
    until(lambda: job.state == "done")
    spent = job.seconds
    job.pause()
    job.resume()
    job.cancel()
    assert (job.state, job.seconds, job.pausing, job.error) == ("done", spent, False, "")


@pytest.mark.parametrize("paused", [False, True])
def test_a_job_that_nobody_watches_ends(scheduler, paused):
    scheduler.abandoned_after = 0.2
    job = scheduler.submit("Ada", endless)
    for _ in range(20):
        job.watch()
        time.sleep(0.02)
    assert job.active
    if paused:
        job.pause()
    until(lambda: job.state == "cancelled", seconds=2.0)
    until(lambda: job not in scheduler._running + scheduler._waiting, seconds=1.0)


def test_a_job_continues_while_its_watcher_is_connected(scheduler):
    scheduler.abandoned_after, there = 0.05, [True]
    job = scheduler.submit("Ada", endless, is_watched=lambda: there[0])
    time.sleep(0.3)
    assert job.active
    there[0] = False
    until(lambda: job.state == "cancelled", seconds=2.0)


def test_an_error_is_reported_and_frees_the_slot(scheduler):
    def clear(job: Job) -> None:
        raise TorqueError("choose another cut")

    first = scheduler.submit("Ada", clear)
    until(lambda: first.state == "failed")
    assert first.error == "choose another cut"
    after = scheduler.submit("Ada", lambda job: None)
    until(lambda: after.state == "done")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_unexpected_error_is_reported_and_frees_the_slot(scheduler, monkeypatch):
    errors = []
    monkeypatch.setattr(threading, "excepthook", errors.append)

    def broken(job: Job) -> None:
        raise ValueError("no such thing")

    job = scheduler.submit("Ada", broken)
    until(lambda: job.state == "failed")
    assert job.error == "Unexpected error: ValueError: no such thing"
    after = scheduler.submit("Ada", lambda job: None)
    until(lambda: after.state == "done" and len(errors) == 1)


def test_there_are_limits_for_one_owner_and_for_all(scheduler):
    mine = [scheduler.submit("Ada", endless) for _ in range(MAX_JOBS_PER_OWNER)]
    with pytest.raises(TorqueError, match="cancel one or wait"):
        scheduler.submit("Ada", endless)
    mine[0].cancel()
    scheduler.submit("Ada", endless)  # a cancelled job no longer counts, even before its thread ends
    for number in range(MAX_JOBS - MAX_JOBS_PER_OWNER):
        scheduler.submit(f"user {number}", endless)
    with pytest.raises(TorqueError, match="on this server"):
        scheduler.submit("late", endless)
