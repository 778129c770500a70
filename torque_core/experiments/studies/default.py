"""Study of the default settings: are they safe on clean graphs, and do they hold under noise and attacks?"""

from collections.abc import Iterator
from dataclasses import replace

from torque_core.experiments.plans import Cell, Fixed, Study
from torque_core.experiments.studies.base import (
    COMPONENT,
    LARGE,
    MEDIUM,
    SMALL,
    STUDIES,
    TRAINING,
    cell,
    cells_over_rates,
    poisoned,
)

__all__ = ["default", "default_gpr"]

_METHODS = ("plain", "torque_default", "torque_bounded", "torque_screened")
_DEFENCES = ("mlp", "jaccard", "gnnguard", "ablation_random", "gcn_svd", "soft_median")
_ATTACKED = ("digits", "chameleon_filtered")
_RATES = (0.05, 0.15, 0.25)
_SPLITS = (0, 1, 2)
_SEEDS = (0, 1, 2)
_SLOW = "tolokers"  # a million edges: without the former settings
_SLOW_DEFENCES = ("gcn_svd", "soft_median")  # minutes per training: on the first split alone


@STUDIES.register("default")
def default() -> Study:
    """The default settings, also without screening, beside former ones and the plain model; nothing is tuned.

    Graphs are attacked, noisy or clean.

    Metattack is the one that ships with the package: three splits of Cora, each with three random seeds and other
    defences beside the settings (slow ones on the first split alone), and the first split of two further graphs. The
    former settings have one split of each large graph.
    """
    attacked = (
        cell
        for dataset in _ATTACKED
        for cell in cells_over_rates(
            dataset, _METHODS, _RATES, noise_kind="metattack", scheme=COMPONENT, splits=(0,), trials=0
        )
    )
    noisy = (
        *cells_over_rates("cora", _METHODS, (0.0, 0.2, 0.5, 1.0), splits=_SPLITS, scheme=COMPONENT, trials=0),
        *cells_over_rates("cora", _METHODS, (0.2, 0.5, 1.0), splits=_SPLITS, trials=0),
    )
    return Study("default", (*attacked, *_defences(), *noisy, *_clean()))


@STUDIES.register("default_gpr")
def default_gpr() -> Study:
    """The default settings on GPR-GNN beside former ones and GPR-GNN alone: Cora after Metattack; not tuned.

    The attack is the one of the study ``default``, which was made against a GCN; five random seeds.
    """
    spec = replace(TRAINING, backbone="gprgnn")
    return Study(
        "default_gpr",
        tuple(
            poisoned(method, "cora", "metattack", _RATES, splits=(0,), seeds=range(5), spec=spec) for method in _METHODS
        ),
    )


def _defences() -> Iterator[Fixed]:
    """Yield the methods on Cora after Metattack; the random control has the budget of the present default."""
    for method in (*_METHODS, *_DEFENCES):
        options = (("cut", "bounded_gap"), ("force", "energy"), ("screen", True)) if method == "ablation_random" else ()
        splits = _SPLITS[:1] if method in _SLOW_DEFENCES else _SPLITS
        yield poisoned(method, "cora", "metattack", _RATES, splits=splits, seeds=_SEEDS, options=options)


def _clean() -> Iterator[Cell]:
    for dataset in (*SMALL, *MEDIUM):
        for method in _METHODS:
            yield cell(method, dataset, trials=0, splits=_SPLITS)
    for dataset in LARGE:
        for method in _METHODS:
            former = method == "torque_default"
            if not (former and dataset == _SLOW):
                yield cell(method, dataset, trials=0, splits=(0,) if former else _SPLITS)
