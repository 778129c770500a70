import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.experiments.probe import Probe, command, traces
from torque_core.errors import BadConfig
from torque_core.experiments import STUDIES, ExperimentFailed, Fixed, Step, Store, Study, Summary, run_study

HOME = Path(__file__).resolve().parents[2]


@pytest.fixture
def log(tmp_path):
    return str(tmp_path / "log")


@pytest.fixture
def store(tmp_path):
    with Store(tmp_path / "runs.sqlite") as store:
        yield store


def some(log, *numbers, **more):
    return tuple(Probe(number=number, log=log, **more) for number in numbers)


def study(*plans):
    return Study("test", plans)


def numbers(log):
    return [number for number, _ in traces(log)]


def finished(path):
    """When each run was finished, by its key."""
    with closing(sqlite3.connect(path, timeout=60)) as connection:
        return dict(connection.execute("SELECT key, finished FROM runs WHERE error IS NULL"))


def test_plan_by_plan_in_order(log, store):
    plans = Fixed("late", some(log, 3, 1)), Fixed("early", some(log, 2, 0))
    assert run_study(study(*plans), store) == Summary(done=4, known=0, failed=(), unfinished=0)
    assert numbers(log) == [3, 1, 2, 0]
    assert list(store.frame("test").groupby("label")["value"].sum().items()) == [("early", 2), ("late", 4)]


def test_what_is_known_is_not_run(log, store):
    run_study(study(Fixed("a", some(log, 0, 1))), store)
    assert run_study(study(Fixed("a", some(log, 0, 1, 2))), store) == Summary(1, 2, (), 0)
    assert run_study(Study("other", (Fixed("b", some(log, 1, 2)),)), store) == Summary(0, 2, (), 0)
    assert numbers(log) == [0, 1, 2]
    assert sorted(store.frame("other")["value"]) == [1, 2]


def test_what_several_plans_want_is_run_once(log, store):
    plans = Fixed("a", some(log, 0, 1, 1)), Fixed("b", some(log, 1, 2, 0))
    assert run_study(study(*plans), store).done == 3
    assert sorted(numbers(log)) == [0, 1, 2]
    assert store.frame("test").groupby("label")["value"].apply(sorted).to_dict() == {"a": [0, 1], "b": [0, 1, 2]}


class Growing:
    """Wants 1, then as many as that one's value says, and so on; keeps what it was told."""

    label = "growing"

    def __init__(self, log, survive=False, **more):
        self.log, self.survive, self.more, self.told = log, survive, more, []

    def steps(self):
        start = 0
        for size in (1, 2, 3):
            try:
                results = yield Step("trial", some(self.log, *range(start, start + size), **self.more))
                self.told.append([result.metrics["value"] for result in results])
            except ExperimentFailed as error:
                if not self.survive:
                    raise
                self.told.append(str(error))
            start += size
        yield Step("final", some(self.log, 10))


def test_steps_follow_each_other(log, store):
    plan = Growing(log)
    assert run_study(study(plan), store).done == 7
    assert plan.told == [[0], [1, 2], [3, 4, 5]]
    assert sorted(store.frame("test", "trial")["value"]) == [0, 1, 2, 3, 4, 5]
    assert list(store.frame("test")["value"]) == [10]


def test_results_from_the_store_are_told_alike(log, store):
    run_study(study(Growing(log)), store)
    plan = Growing(log)
    assert run_study(study(plan), store) == Summary(0, 7, (), 0)
    assert plan.told == [[0], [1, 2], [3, 4, 5]]


def test_a_failure_ends_its_plan_and_no_other(log, store, tmp_path):
    needed = tmp_path / "needed"
    bad = some(log, 1, needs=str(needed))
    plans = Fixed("bad", some(log, 0) + bad + some(log, 2)), Fixed("good", some(log, 3)), Fixed("worse", bad)
    summary = run_study(study(*plans), store)
    message = "RuntimeError: probe 1 lacks needed"
    assert summary == Summary(done=4, known=0, failed=(("bad", message), ("worse", message)), unfinished=0)
    assert numbers(log) == [0, 1, 2, 3]  # once, though two plans want it; what stands beside it is run
    assert store.failures("test") == (("test", "bad", message), ("test", "worse", message))
    assert sorted(store.frame("test")["value"]) == [0, 2, 3]
    needed.touch()
    assert run_study(study(*plans), store) == Summary(done=1, known=3, failed=(), unfinished=0)
    assert numbers(log) == [0, 1, 2, 3, 1]
    assert store.failures("test") == ()


def test_a_plan_may_survive_a_failure(log, store, tmp_path):
    plan = Growing(log, survive=True, needs=str(tmp_path / "needed"))
    assert run_study(study(plan), store).failed == ()
    assert plan.told == [f"RuntimeError: probe {number} lacks needed" for number in (0, 1, 3)]
    assert list(store.frame("test")["value"]) == [10]


def test_a_plan_that_gives_up_is_reported(log, store):
    class GivesUp:
        label = "gives up"

        def steps(self):
            yield Step("trial", some(log, 0))
            raise BadConfig("no validation nodes")

    summary = run_study(study(GivesUp(), Fixed("other", some(log, 1))), store)
    assert summary == Summary(2, 0, (("gives up", "no validation nodes"),), 0)


def test_limit(log, store):
    plans = Growing(log), Fixed("a", some(log, 20))
    assert run_study(study(*plans), store, limit=0) == Summary(0, 0, (), 2)
    assert run_study(study(*plans), store, limit=2) == Summary(2, 0, (), 1)
    assert run_study(study(*plans), store, limit=3) == Summary(3, 2, (), 1)
    assert run_study(study(*plans), store, limit=9) == Summary(3, 5, (), 0)
    assert sorted(numbers(log)) == [0, 1, 2, 3, 4, 5, 10, 20]


def test_what_a_study_no_longer_wants_leaves_it(log, store):
    run_study(study(Fixed("a", some(log, 0, 1)), Fixed("gone", some(log, 2))), store)
    again = study(Fixed("a", some(log, 1, 3)))
    run_study(again, store, limit=0)
    assert sorted(store.frame("test")["value"]) == [0, 1, 2]  # not before all is there
    run_study(again, store)
    assert sorted(store.frame("test")["value"]) == [1, 3]
    assert store.get(*some(log, 0)) is not None


def test_progress(log, store):
    seen = []
    run_study(study(Growing(log)), store, progress=lambda *numbers: seen.append(numbers))
    assert seen == [(0, 1), (1, 2), (2, 1), (3, 3), (4, 2), (5, 1), (6, 1), (7, 0)]


def test_bad_settings(store):
    with pytest.raises(BadConfig, match="give a scheduler or a number of workers, not both: 'tcp://a', 2"):
        run_study(study(), store, scheduler="tcp://a", workers=2)
    for wrong in ({"workers": -1}, {"limit": -1}):
        with pytest.raises(BadConfig, match="workers and limit must be 0 or more, got"):
            run_study(study(), store, **wrong)


def test_sigterm_stops_at_once_and_nothing_is_lost(log, store):
    before = signal.getsignal(signal.SIGTERM)

    def stop(done, left):
        if done == 2:
            threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()

    plans = Fixed("a", some(log, 0, 1) + some(log, 2, seconds=60.0)), Fixed("b", some(log, 3))
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run_study(study(*plans), store, progress=stop)
    assert time.monotonic() - started < 45
    assert signal.getsignal(signal.SIGTERM) is before
    assert sorted(store.frame("test")["value"]) == [0, 1]


def test_a_program_keeps_its_own_handler_of_sigterm(log, store):
    def own(signum, frame):
        pass

    during = []
    before = signal.signal(signal.SIGTERM, own)
    try:
        run_study(
            study(Fixed("a", some(log, 0))), store, progress=lambda *_: during.append(signal.getsignal(signal.SIGTERM))
        )
        assert signal.getsignal(signal.SIGTERM) is own
    finally:
        signal.signal(signal.SIGTERM, before)
    assert set(during) == {own}


def test_two_that_share_a_store_run_nothing_twice(log, store, tmp_path, monkeypatch):
    monkeypatch.setattr("torque_core.experiments.runner._SECONDS_BETWEEN_LOOKS", 0.01)

    def work():
        with Store(tmp_path / "runs.sqlite") as own:
            summaries.append(run_study(study(*plans), own))

    plans = Fixed("a", some(log, 0, 1, seconds=0.05)), Fixed("b", some(log, 2, 3, 0, seconds=0.05))
    summaries = []
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(numbers(log)) == [0, 1, 2, 3]
    assert sum(summary.done for summary in summaries) == 4
    assert [summary.unfinished for summary in summaries] == [0, 0]


def test_it_runs_beside_the_main_thread(log, store, tmp_path):
    def work():
        with Store(tmp_path / "thread.sqlite") as own:
            found.append(run_study(study(Fixed("a", some(log, 0))), own))

    found = []
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [Summary(1, 0, (), 0)]


def test_a_study_that_is_killed_goes_on_where_it_was(tmp_path, log, monkeypatch, capsys):
    monkeypatch.setenv("PROBE_LOG", log)
    monkeypatch.setenv("PROBE_SECONDS", "0.2")
    path = tmp_path / "killed.sqlite"
    program = "import sys; from tests.experiments.probe import command; sys.exit(command(sys.argv[1:]))"
    arguments = [sys.executable, "-c", program, "study", "probes", "--store", str(path), "--quiet"]
    with subprocess.Popen(arguments, cwd=HOME, stdout=subprocess.DEVNULL) as process:
        while len(numbers(log)) < 6:
            assert process.poll() is None
            time.sleep(0.02)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    there = finished(path)
    assert len(there) >= 5
    assert command(["study", "probes", "--store", path]) == 0
    assert f"{12 - len(there)} runs now, {len(there)} runs before" in capsys.readouterr().out
    after = finished(path)
    assert len(after) == 12
    assert {name: stamp for name, stamp in after.items() if name in there} == there
    started = numbers(log)
    assert set(started) == set(range(12))
    assert len(started) <= 13  # the one that was killed has begun twice
    with Store(path, read_only=True) as store:
        assert store.frame("probes")["value"].tolist().count(4) == 2  # in both plans
        assert len(store.frame("probes")) == 16


def timeless(frame):
    return frame.drop(columns=["seconds", "rewire_seconds"])


def test_tuning_goes_on_where_it_was(tmp_path):
    cells = tuple(plan for plan in STUDIES["smoke_tuned"]().plans if plan.label in ("plain", "torque_default"))
    whole = Study("tuned", cells)
    with Store(tmp_path / "once.sqlite") as once, Store(tmp_path / "bits.sqlite") as bits:
        done = run_study(whole, once).done
        turns = [run_study(whole, bits, limit=5) for _ in range(-(-done // 5))]
        assert [turn.done for turn in turns[:-1]] == [5] * (len(turns) - 1)
        assert turns[-1].unfinished == 0
        assert sum(turn.done for turn in turns) == done
        for role in ("final", "trial"):
            assert timeless(once.frame(role=role)).equals(timeless(bits.frame(role=role)))
        trials = once.frame(role="trial")
        assert trials["test"].isna().all()
        assert trials["validation"].notna().all()
        assert once.frame()["test"].notna().all()


def test_the_smoke_study(store):
    summary = run_study(STUDIES["smoke"](), store)
    assert (summary.done, summary.failed) == (16, ())
    frame = store.frame("smoke")
    assert set(frame["method"]) == {"plain", "mlp", "torque_default", "ablation_random"}
    assert len(frame) == 16
