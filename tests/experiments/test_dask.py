import logging
import os
import signal
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from distributed import LocalCluster

from tests.experiments.probe import Probe, command, traces
from torque_core.bench.local_cluster import local_cluster
from torque_core.errors import BadConfig
from torque_core.experiments import Fixed, Store, Study, Training, run_study
from torque_core.training import TrainSpec
from torque_core.utils import dask_client

HOME = Path(__file__).resolve().parents[2]


@pytest.fixture
def log(tmp_path, monkeypatch):
    log = tmp_path / "log"
    monkeypatch.setenv("PROBE_LOG", str(log))
    monkeypatch.setenv("PROBE_SECONDS", "0.3")
    monkeypatch.setenv("PYTHONPATH", str(HOME))  # of the workers, that import the probe
    return log


def kill_a_worker(log, killed):
    """As soon as four probes have begun, kill the process that began the last of them, in the middle of it."""
    while len(traces(log)) < 4:
        time.sleep(0.01)
    killed.append(traces(log)[3])
    os.kill(killed[0][1], signal.SIGKILL)


def check_that_all_is_there(path, log, killed):
    begun = traces(log)
    processes = {process for _, process in begun}
    assert len(processes - {killed[1]}) >= 1
    assert os.getpid() not in processes
    assert begun.count(killed) == 1
    assert [number for number, _ in begun].count(killed[0]) == 2  # somebody else did it
    assert {number for number, _ in begun} == set(range(12))
    assert len(begun) <= 14
    with Store(path, read_only=True) as store:
        assert store.failures() == ()
        assert sorted(store.frame("probes")["value"]) == sorted([*range(8), *range(4, 12)])


def test_a_local_cluster_outlives_one_of_its_workers(log, tmp_path, capsys):
    path, killed = tmp_path / "runs.sqlite", []
    killer = threading.Thread(target=kill_a_worker, args=(log, killed))
    killer.start()
    assert command(["study", "probes", "--store", path, "--workers", 2]) == 0
    killer.join()
    assert capsys.readouterr().out == f"probes: 12 runs now, 0 runs before, all in {path}\n"
    check_that_all_is_there(path, log, killed[0])


@pytest.fixture
def scheduler(tmp_path):
    """A scheduler's address and process."""
    with local_cluster(tmp_path, 2, home=HOME) as (address, processes):
        yield address, processes[0]


def test_a_cluster_of_others_outlives_one_of_its_workers(log, tmp_path, capsys, scheduler):
    path, killed = tmp_path / "runs.sqlite", []
    killer = threading.Thread(target=kill_a_worker, args=(log, killed))
    killer.start()
    address, process = scheduler
    assert address.startswith("tcp://")
    assert command(["study", "probes", "--store", path, "--scheduler", address]) == 0
    killer.join()
    assert capsys.readouterr() == (f"probes: 12 runs now, 0 runs before, all in {path}\n", "")
    check_that_all_is_there(path, log, killed[0])

    # and now the scheduler goes, in the middle of a study
    more = Study("more", (Fixed("more", tuple(Probe(number=n, log=str(log), seconds=0.5) for n in range(4))),))
    with Store(path) as store:
        with pytest.raises(BadConfig, match=f"the Dask scheduler at {address} is gone; start it and the study again"):
            run_study(more, store, scheduler=address, progress=lambda done, left: process.kill() if done else None)
        summary = run_study(more, store)
    assert summary.known >= 1
    assert summary.done + summary.known == 4
    assert capsys.readouterr() == ("", "")


class NotThere(Probe):
    """No worker can make it out."""

    def __reduce__(self):
        return exec, ("raise ValueError('it is unknown here')",)


def test_a_local_cluster_ends_at_once_and_leaves_no_process(log, tmp_path):
    bad, good = NotThere(number=1, log=str(log)), Probe(number=2, log=str(log))
    long = tuple(Probe(number=n, log=str(log), seconds=60.0) for n in (3, 4))
    kept, stopped = threading.Event(), []

    def stop():
        kept.wait()
        while len(traces(log)) < 2:
            time.sleep(0.01)
        stopped.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGTERM)

    stopper = threading.Thread(target=stop)
    stopper.start()
    with Store(tmp_path / "runs.sqlite") as store:
        plans = Fixed("bad", (bad,)), Fixed("good", (good,)), Fixed("long", long)
        with pytest.raises(KeyboardInterrupt):
            run_study(Study("all", plans), store, workers=1, progress=lambda done, _: kept.set() if done == 2 else None)
        assert time.monotonic() - stopped[0] < 45
        assert store.get(good) is not None
        (failure,) = store.failures("all")
        assert failure[:2] == ("all", "bad")
        assert failure[2].startswith("RuntimeError: Error during deserialization of the task graph.")
        assert store.get(long[0]) is None
    stopper.join()
    for _, process in traces(log):
        with pytest.raises(ProcessLookupError):
            os.kill(process, 0)


def small_cluster(**options):
    """A scheduler and its workers in threads of this process."""
    return LocalCluster(
        processes=False, protocol="tcp", dashboard_address="127.0.0.1:0", silence_logs=logging.CRITICAL, **options
    )


def test_threads_of_a_worker_do_not_disturb_each_other(tmp_path):
    base = Training(dataset="block_model", spec=TrainSpec(epochs=40, hidden=8, warmup=5))
    plan = Fixed("all", tuple(replace(base, split=n, method=m) for n in range(3) for m in ("plain", "torque_default")))
    frames = []
    with small_cluster(n_workers=1, threads_per_worker=4) as cluster:
        for scheduler in (None, cluster.scheduler_address):
            with Store(tmp_path / f"{len(frames)}.sqlite") as store:
                assert run_study(Study("same", (plan,)), store, scheduler=scheduler).done == 6
                frames.append(store.frame().drop(columns=["seconds", "rewire_seconds"]))
                curves = {name: store.curves(name) for name in frames[0]["key"]}
    assert frames[0].equals(frames[1])
    with Store(tmp_path / "0.sqlite") as store:
        assert {name: store.curves(name) for name in curves} == curves


def test_a_scheduler_without_workers(tmp_path, monkeypatch):
    monkeypatch.setattr(dask_client, "_WORKER_SECONDS", 0.5)
    with small_cluster(n_workers=0) as cluster, Store(tmp_path / "runs.sqlite") as store:
        where = cluster.scheduler_address
        with pytest.raises(BadConfig, match=f"{where} has no workers; start some with 'dask worker {where}'"):
            run_study(Study("none", ()), store, scheduler=where)


def test_nobody_answers(tmp_path, monkeypatch):
    monkeypatch.setattr(dask_client, "_CONNECT_SECONDS", 1)
    with (
        Store(tmp_path / "runs.sqlite") as store,
        pytest.raises(BadConfig, match=r"no Dask scheduler answers at 'tcp://127\.0\.0\.1:9': .*; start one"),
    ):
        run_study(Study("none", ()), store, scheduler="tcp://127.0.0.1:9")
