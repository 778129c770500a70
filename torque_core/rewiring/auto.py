"""Automatic choice of lever and force: the ones that best separate a graph's edges from null-model pairs."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from torch import Tensor

from torque_core.rewiring.separation import separation
from torque_core.rewiring.spec import AUTO, RewireSpec
from torque_core.scoring.torque import Torque

__all__ = ["FORMS", "choose_form"]

FORMS = (
    ("structural", "dirichlet"),
    ("structural", "unit"),
    ("combined", "dirichlet"),
    ("combined", "unit"),
    ("neighbourhood", "dirichlet"),
    ("neighbourhood", "unit"),
    ("feature", "unit"),
)
"""Lever and force of each form of torque that :func:`choose_form` compares; none needs labels."""

ScoreForm = Callable[[RewireSpec], tuple[Torque, Torque]]


def choose_form(spec: RewireSpec, score: ScoreForm, null_weight: Tensor) -> RewireSpec:
    """A copy of ``spec`` in which the lever and the force that fit the graph replace ``auto``.

    Among the forms that match ``spec``, the one whose torque best separates the edges from null-model pairs is chosen,
    see :func:`~torque_core.rewiring.separation.separation`; of equal ones the first in :data:`FORMS`. Labels are not
    used. The form that best detects injected edges depends on the graph: feature-based forms if adjacent nodes have
    similar features, neighbourhood-based ones if the graph has many triangles.

    Args:
        spec: The spec, with ``auto`` for the lever, the force or both.
        score: Returns the torques of the edges and of the null-model pairs, given a spec that names both.
        null_weight: Weights of the null-model pairs, :math:`(P,)`.
    """
    forms = [replace(spec, lever=lever, force=force) for lever, force in _matching_forms(spec)]
    if len(forms) == 1:
        return forms[0]
    separations = [separation(edges.value, null.value, null_weight) for edges, null in map(score, forms)]
    return forms[separations.index(max(separations))]


def _matching_forms(spec: RewireSpec) -> Iterable[tuple[str, str]]:
    """The forms that match a spec, each once."""
    return dict.fromkeys(
        (lever if spec.lever == AUTO else spec.lever, force if spec.force == AUTO else spec.force)
        for lever, force in FORMS
    )
