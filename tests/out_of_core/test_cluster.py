import os
import signal
from pathlib import Path

import numpy as np
import pytest

from tests.out_of_core.graph_files import make_graph, small_blocks, write_files
from torque_core.__main__ import main
from torque_core.bench.local_cluster import local_cluster
from torque_core.cli import rewire_files
from torque_core.errors import BadConfig, BadFile
from torque_core.out_of_core import DaskRunner, rewire_store
from torque_core.out_of_core.rewire_store import in_this_process
from torque_core.utils import dask_client

HOME = Path(__file__).resolve().parents[2]


def test_a_killed_worker_costs_only_its_tasks(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(HOME))  # of the workers
    small_blocks(monkeypatch, rows=256, chunk=4096)  # as on the workers
    data = make_graph()
    edges, x = write_files(data, tmp_path)
    alone = rewire_store(edges, x, tmp_path / "alone", layers=1)
    done = []
    with local_cluster(tmp_path, 2, home=HOME) as (address, (_, worker, _)):

        def progress(fraction, step):
            done.append(fraction)
            if step == "layer 1: torques" and worker.poll() is None:
                os.kill(worker.pid, signal.SIGKILL)
                worker.wait()

        with DaskRunner(address) as runner:
            stored = rewire_store(edges, x, tmp_path / "out", layers=1, runner=runner, progress=progress)
            data.edge_index[0, 0] = 600
            write_files(data, tmp_path)
            with pytest.raises(BadFile, match="row 1: source is 600"):  # of a worker
                rewire_store(edges, x, tmp_path / "other", runner=runner)
    assert worker.poll() == -signal.SIGKILL
    assert done == sorted(done)
    for ours, theirs in zip(stored.layers, alone.layers, strict=True):
        assert (ours.threshold, ours.reason) == (theirs.threshold, theirs.reason)
        for name, column in theirs.read().items():
            assert np.array_equal(ours.read(name)[name], column)


def test_the_command_line_takes_the_address(tmp_path, monkeypatch):
    addresses = []

    class Runner(DaskRunner):
        def __init__(self, address):
            addresses.append(address)

        def __call__(self, *task):
            return in_this_process(*task)

        def close(self):
            addresses.append("closed")

    monkeypatch.setattr(rewire_files, "DaskRunner", Runner)
    edges, x = write_files(make_graph(), tmp_path)
    words = ["--edges", str(edges), "--features", str(x), "--layers", "1", "--out", str(tmp_path / "out")]
    assert main(["rewire", *words, "--scheduler", "tcp://other:8786"]) == 0
    assert addresses == ["tcp://other:8786", "closed"]


def test_no_scheduler(monkeypatch):
    monkeypatch.setattr(dask_client, "_CONNECT_SECONDS", 1)
    with pytest.raises(BadConfig, match=r"no Dask scheduler answers at 'tcp://127\.0\.0\.1:9'"):
        DaskRunner("tcp://127.0.0.1:9")
