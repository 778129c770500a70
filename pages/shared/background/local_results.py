"""The runs that were made from the page Robustness: a store of this server's own, beside the one that it came with."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from pages.shared.core.stored_results import ResultsFile, results_file
from torque_core import TorqueError
from torque_core.datasets.files import data_root
from torque_core.experiments import Store, Training
from torque_core.experiments.kinds.detection import Detection

__all__ = ["MAX_BYTES", "local_results_file", "run_and_store"]

MAX_BYTES = 200_000_000
"""The store grows no further."""

_STUDY = "here"
_WRITING = threading.Lock()


def local_results_file() -> ResultsFile:
    """Where they are kept, and what tells that one has come in."""
    return results_file(_path())


def run_and_store(label: str, experiment: Training | Detection, watch: Callable[[], None]) -> None:
    """Run an experiment, if that was not done yet, and keep what came of it.

    Args:
        label: Of its line.
        experiment: What to run.
        watch: Called between its steps; what it raises breaks it off.

    Raises:
        TorqueError: It cannot be run, or the store is full.
    """
    path = _path()
    with _WRITING, Store(path) as store:
        if store.get(experiment) is not None:
            return
    if path.stat().st_size > MAX_BYTES:
        raise TorqueError(
            f"the runs of this server fill {MAX_BYTES / 1e6:.0f} MB, which is all they may; whoever runs it can "
            f"delete {path.name} in the folder {path.parent.name} of the data sets"
        )
    began = time.perf_counter()
    result = experiment.run(watch) if isinstance(experiment, Training) else experiment.run()
    with _WRITING, Store(path) as store:
        store.put(experiment, result, seconds=time.perf_counter() - began)
        store.enrol(_STUDY, label, "final", [experiment])


def _path() -> Path:
    return data_root() / "robustness" / "runs.sqlite"
