"""The studies of this project, one module per question; :data:`STUDIES` holds them by key."""

from torque_core.experiments.studies import (  # noqa: F401 - each registers its studies
    ablation,
    attack,
    clean,
    default,
    detection,
    labels,
    noise,
    relations,
    smoke,
    squashing,
)
from torque_core.experiments.studies.base import STUDIES

__all__ = ["STUDIES"]
