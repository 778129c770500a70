"""Reproducible experiments: measurement, tuning, storage of results, and reports.

A study consists of plans, and a plan of experiments, whose results are kept in a store. An interrupted study continues
from the stored results when it is run again.

Example:
    >>> import tempfile
    >>> from torque_core import Noise, TrainSpec
    >>> runs = tuple(
    ...     Training(dataset="karate", method=method, noise=Noise("insert", 0.5), spec=TrainSpec(epochs=30))
    ...     for method in ("plain", "torque_default")
    ... )
    >>> with tempfile.TemporaryDirectory() as folder, Store(f"{folder}/runs.sqlite") as store:
    ...     run_study(Study("mine", (Fixed("both", runs),)), store)
    ...     frame = store.frame("mine")
    Summary(done=2, known=0, failed=(), unfinished=0)
    >>> frame[["dataset", "rate", "test"]].shape
    (2, 3)
"""

from torque_core.experiments.experiment import (
    KINDS,
    PROTOCOL,
    Experiment,
    Result,
    from_json,
    key,
    register_kind,
    to_json,
)
from torque_core.experiments.kinds.training import Training
from torque_core.experiments.plans import Cell, ExperimentFailed, Fixed, Plan, Step, Study
from torque_core.experiments.results.store import Store
from torque_core.experiments.runner import Summary, run_study
from torque_core.experiments.studies import STUDIES
from torque_core.experiments.tune import tune
from torque_core.methods.catalog import METHODS, Method
from torque_core.methods.train_by import train_by

__all__ = [
    "KINDS",
    "METHODS",
    "PROTOCOL",
    "STUDIES",
    "Cell",
    "Experiment",
    "ExperimentFailed",
    "Fixed",
    "Method",
    "Plan",
    "Result",
    "Step",
    "Store",
    "Study",
    "Summary",
    "Training",
    "from_json",
    "key",
    "register_kind",
    "run_study",
    "to_json",
    "train_by",
    "tune",
]
