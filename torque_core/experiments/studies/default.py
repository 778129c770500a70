"""Study of the default settings: are they safe on clean graphs, and do they hold under noise and attacks?"""

from torque_core.experiments.plans import Study
from torque_core.experiments.studies.base import LARGE, MEDIUM, SMALL, STUDIES, cell, cells_over_rates

__all__ = ["default"]

_METHODS = ("plain", "torque_default", "torque_bounded")
_ATTACKED = ("cora", "digits", "chameleon_filtered")
_SPLITS = (0, 1, 2)


@STUDIES.register("default")
def default() -> Study:
    """The default settings beside the former ones and the plain model: attacked, noisy and clean graphs; not tuned.

    Metattack is the one that ships with the package, on the first split. Large graphs have one split.
    """
    component = {"scheme": "component-10-10-80", "trials": 0}
    attacked = (
        cell
        for dataset in _ATTACKED
        for cell in cells_over_rates(
            dataset, _METHODS, (0.05, 0.15, 0.25), noise_kind="metattack", splits=(0,), **component
        )
    )
    noisy = (
        *cells_over_rates("cora", _METHODS, (0.0, 0.2, 0.5, 1.0), splits=_SPLITS, **component),
        *cells_over_rates("cora", _METHODS, (0.2, 0.5, 1.0), splits=_SPLITS, trials=0),
    )
    clean = (
        cell(method, dataset, trials=0, splits=splits)
        for datasets, splits in (((*SMALL, *MEDIUM), _SPLITS), (LARGE, (0,)))
        for dataset in datasets
        for method in _METHODS
    )
    return Study("default", (*attacked, *noisy, *clean))
