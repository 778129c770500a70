"""The store of this server: what two ask for at the same time is run once, and its file is private."""

import stat
import threading

from pages.shared.background import local_results
from pages.shared.background.local_results import run_and_store
from torque_core.experiments import Store, Training
from torque_core.experiments.experiment import Result


def test_two_who_want_the_same_run_share_it(tmp_path, monkeypatch):
    monkeypatch.setenv("TORQUE_DATA", str(tmp_path))
    monkeypatch.setattr(local_results, "_SECONDS_BETWEEN_LOOKS", 0.01)
    ran, waits = [], threading.Event()

    def run(self, watch):
        ran.append(self)
        assert waits.wait(20)  # until the other one has come
        return Result({"test": 0.5}, {})

    monkeypatch.setattr(Training, "run", run)
    experiment = Training(dataset="karate", method="plain")
    threads = [threading.Thread(target=run_and_store, args=("GNN", experiment, waits.set)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(ran) == 1
    path = tmp_path / "robustness" / "runs.sqlite"
    with Store(path, read_only=True) as store:
        assert store.get(experiment).metrics == {"test": 0.5}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
