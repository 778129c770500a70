"""Results of runs that were started on the page Robustness, in a store of this server beside the shipped one."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from pages.shared.core.stored_results import ResultsFile, results_file
from torque_core import TorqueError
from torque_core.datasets.files import data_root
from torque_core.experiments import Store, Training, key
from torque_core.experiments.kinds.detection import Detection
from torque_core.experiments.results.claims import Claims
from torque_core.utils.files import make_private

__all__ = ["MAX_BYTES", "folder", "local_results_file", "run_and_store"]

MAX_BYTES = 200_000_000
"""Size of the store beyond which no further runs are started."""

_STUDY = "here"
_SECONDS_BETWEEN_LOOKS = 0.5
_WRITING = threading.Lock()


def local_results_file() -> ResultsFile:
    """Return the present state of the store's file."""
    return results_file(_path())


def run_and_store(label: str, experiment: Training | Detection, watch: Callable[[], None]) -> None:
    """Run an experiment and store its result, unless the store has it already.

    Args:
        label: Label of its line in the figure.
        experiment: The experiment.
        watch: Called between steps of the training; an exception that it raises ends the run.

    Raises:
        TorqueError: If the experiment cannot be run, or the store is full.
    """
    path = _path()
    make_private(folder())
    path.touch(mode=0o600)
    with Claims(path) as claims:
        while not claims.take(key(experiment)):  # another sweep or server runs it
            watch()
            time.sleep(_SECONDS_BETWEEN_LOOKS)
        with _WRITING, Store(path) as store:
            if store.get(experiment) is not None:
                return
        if path.stat().st_size > MAX_BYTES:
            raise TorqueError(
                f"the results of this server exceed the limit of {MAX_BYTES / 1e6:.0f} MB; an administrator can delete "
                f"{path.name} in the folder {path.parent.name} of the data sets"
            )
        began = time.perf_counter()
        result = experiment.run(watch) if isinstance(experiment, Training) else experiment.run()
        with _WRITING, Store(path) as store:
            store.put(experiment, result, seconds=time.perf_counter() - began)
            store.enrol(_STUDY, label, "final", [experiment])


def folder() -> Path:
    """Return the folder of the store."""
    return data_root() / "robustness"


def _path() -> Path:
    return folder() / "runs.sqlite"
