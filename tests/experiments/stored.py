"""Stores of made-up results, the same each time: what reports and pages are tested on."""

from pathlib import Path

import numpy as np

from torque_core import Noise, TrainSpec
from torque_core.experiments import Result, Store, Training
from torque_core.experiments.kinds.detection import Detection

GAIN = {"plain": 0.0, "mlp": -0.2, "torque_default": 0.06, "ablation_random": -0.04}
"""How far above the plain model each method is at a noise level of 100 %."""


def training_result(method: str, rate: float, split: int) -> Result:
    """Scores that fall with the noise, and differ from split to split by as much for every method, almost."""
    generator = np.random.default_rng([split, round(100 * rate), list(GAIN).index(method)])
    test = 0.8 - 0.1 * rate + GAIN[method] * (rate or 0.5) + 0.01 * (split % 3) + 0.002 * generator.normal()
    epochs = np.arange(1, 31)
    share = [0.0, 0.0] if method in ("plain", "mlp") else [0.2 * rate, 0.4 * rate]
    return Result(
        {
            "test": float(test), "validation": float(test) + 0.01, "best_epoch": 20, "epochs": 30, "seconds": 1.25,
            "rewire_seconds": 0.0 if method in ("plain", "mlp") else 0.5, "pruned": share, "added": share, "ece": 0.05,
        },
        {
            "loss": tuple((1.9 * np.exp(-epochs / 10)).tolist()),
            "train": tuple((1 - 0.8 * np.exp(-epochs / 5)).tolist()),
            "validation": tuple((test - 0.5 * np.exp(-epochs / 6)).tolist()),
        },
    )  # fmt: skip


def enrol_trainings(
    store: Store,
    study: str,
    dataset: str,
    rates: tuple[float, ...],
    *,
    methods: tuple[str, ...] = tuple(GAIN),
    splits: int = 5,
    without: tuple[tuple[str, float, int], ...] = (),
) -> None:
    """Put made-up runs into a store, but for some of method, rate and split."""
    for method in methods:
        for rate in rates:
            for split in range(splits):
                if (method, rate, split) not in without:
                    noise, spec = Noise("insert", rate, split), TrainSpec(seed=split)
                    run = Training(dataset=dataset, split=split, noise=noise, method=method, spec=spec)
                    store.put(run, training_result(method, rate, split))
                    store.enrol(study, method, "final", [run])


def enrol_detections(store: Store, study: str) -> None:
    """Two scores of edges on karate, at two levels, with three seeds."""
    for rate in (0.5, 1.0):
        for seed in range(3):
            run = Detection(dataset="karate", split=seed, noise=Noise("insert", rate, seed))
            store.put(run, Result({"auroc_torque": 0.95 - 0.1 * rate + 0.01 * seed, "auroc_cosine": 0.6}))
            store.enrol(study, "scores", "final", [run])


def made_up_store(path: Path) -> Path:
    """Robustness of karate, clean runs of two sets, and detection."""
    with Store(path) as store:
        enrol_trainings(store, "robustness", "karate", (0.0, 0.5, 1.0))
        enrol_trainings(store, "clean", "karate", (0.0,))
        enrol_trainings(store, "clean", "block_model", (0.0,))
        enrol_detections(store, "detection")
    return path
