"""The registry of studies, and the data sets, methods and hyper-parameters that several of them share."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from torque_core.attacks.noise import Noise
from torque_core.experiments.kinds.training import Training
from torque_core.experiments.plans import Cell, Fixed, Plan, Study
from torque_core.training import PRESETS, TrainSpec
from torque_core.utils.registry import Registry

__all__ = [
    "ABLATIONS",
    "BACKBONES",
    "COMPONENT",
    "DEEP",
    "FIVE_SPLITS",
    "LARGE",
    "MEDIUM",
    "SMALL",
    "STUDIES",
    "TORQUE",
    "TRAINING",
    "cell",
    "cells_over_rates",
    "clean_study",
    "mlp_cells",
    "poisoned",
]

STUDIES: Registry[Callable[[], Study]] = Registry("study")
"""Functions that make each study, by its key; ``STUDIES.register(key)`` adds another."""

# data sets by size, each with its own splits
SMALL = ("texas", "cornell", "chameleon_filtered", "cora")
MEDIUM = ("chameleon", "actor")
LARGE = ("reed98", "minesweeper", "pubmed", "amazon_photo", "squirrel", "tolokers")

# data sets whose first scheme is another
_TEN_SPLITS = {
    **dict.fromkeys(("cora", "citeseer", "pubmed"), "geom-gcn"),
    **dict.fromkeys(("penn94", "flickr"), "random-48-32-20"),
}

COMPONENT = "component-10-10-80"
"""The split scheme of graphs that are attacked: the largest component, with 10 % training nodes."""

BACKBONES = ("plain", "mlp", "sage", "gat", "gprgnn")
TORQUE = ("torque", "torque_default", "torque_auto", "ablation_random", "ablation_cosine", "ablation_fixed")
ABLATIONS = ("torque_default", "ablation_random", "ablation_cosine", "ablation_fixed")
"""Torque with the former default settings and its ablations."""

TRAINING = PRESETS["default"].training
# a GCN still improves there when it has long converged elsewhere, and is below its published accuracy
_LONGER = {"squirrel": replace(TRAINING, epochs=600, patience=150)}
FIVE_SPLITS = tuple(range(5))
"""The splits of runs that take long."""
DEEP: dict[str, Any] = {
    "training": PRESETS["deep"].training,
    "layers": PRESETS["deep"].layers,
    "trials": 0,
    "splits": FIVE_SPLITS,
}
"""Cells of a GCN of five layers with residual connections and layer norm, for data sets that need a deep model."""


def cell(method: str, dataset: str, **options: Any) -> Cell:
    """Return the cell of a method on a data set, labelled with the key of the method.

    Args:
        method: A key of :data:`~torque_core.methods.catalog.METHODS`.
        dataset: A key of :data:`~torque_core.datasets.DATASETS`.
        options: Other fields of :class:`~torque_core.experiments.plans.Cell`; by default the training and the split
            scheme are those of most studies.
    """
    training, scheme = _LONGER.get(dataset, TRAINING), _TEN_SPLITS.get(dataset)
    return Cell(method, method, dataset, **{"training": training, "scheme": scheme, **options})


def clean_study(name: str, datasets: Sequence[str], methods: Sequence[str], **options: Any) -> Study:
    """Return the study of every method on every data set without noise."""
    return Study(name, tuple(cell(method, dataset, **options) for dataset in datasets for method in methods))


def mlp_cells(datasets: Sequence[str]) -> tuple[Plan, ...]:
    """Return the MLP cells of the study ``clean``, to compare with other backbones: the edges do not affect them."""
    return tuple(cell("mlp", dataset, trials=8) for dataset in datasets)


def cells_over_rates(dataset: str, methods: Sequence[str], rates: Sequence[float], **options: Any) -> Iterator[Cell]:
    """Yield a cell for each method and noise level; options are tuned at the middle level and used at all."""
    middle = rates[len(rates) // 2]
    for method in methods:
        for rate in rates:
            yield cell(method, dataset, **{"rate": rate, "trials": 6, "tune_rate": middle, **options})


def poisoned(
    method: str,
    dataset: str,
    kind: str,
    rates: Sequence[float],
    *,
    splits: Sequence[int],
    seeds: Sequence[int],
    spec: TrainSpec = TRAINING,
    options: Sequence[tuple[str, Any]] = (),
) -> Fixed:
    """Return the trainings of a method on attacked graphs; nothing is tuned.

    Args:
        method: A key of :data:`~torque_core.methods.catalog.METHODS`, which is also the label.
        dataset: The attacked data set, with the splits of :data:`COMPONENT`.
        kind: Kind of the attack; its seed is the split.
        rates: Noise levels.
        splits: Indices of the splits.
        seeds: Random seeds of the model, for each split and level.
        spec: How to train.
        options: Options of the method, as names and values.
    """
    return Fixed(
        method,
        tuple(
            Training(
                dataset=dataset,
                scheme=COMPONENT,
                split=split,
                noise=Noise(kind, rate, split),
                method=method,
                options=tuple(options),
                spec=replace(spec, seed=seed),
            )
            for split in splits
            for rate in rates
            for seed in seeds
        ),
    )
