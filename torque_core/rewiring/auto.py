"""Which lever and which force fit a graph: those that tell its edges best from chance."""

from collections.abc import Callable, Iterable
from dataclasses import replace

import torch
from torch import Tensor

from torque_core.rewiring.spec import AUTO, RewireSpec
from torque_core.scoring.torque import Torque

__all__ = ["FORMS", "choose_form", "separation"]

FORMS = (
    ("structural", "dirichlet"),
    ("structural", "unit"),
    ("combined", "dirichlet"),
    ("combined", "unit"),
    ("neighbourhood", "dirichlet"),
    ("neighbourhood", "unit"),
    ("feature", "unit"),
)
"""Lever and force of each form of torque that :func:`choose_form` looks at; none needs labels."""

Judge = Callable[[RewireSpec], tuple[Torque, Torque]]


def choose_form(spec: RewireSpec, judge: Judge, null_weight: Tensor) -> RewireSpec:
    """A copy of ``spec`` with the lever and the force named, where it leaves the choice to the graph.

    A graph's edges, noisy or not, differ from chance by what is meant in them. So of the forms that fit ``spec`` the
    one is taken whose torque separates the edges best from chance pairs, see :func:`separation`; of equals the first
    in :data:`FORMS`. No label has a say. Which form finds injected edges best depends on the graph: features tell
    where they are alike across edges, shared neighbours where the graph has triangles.

    Args:
        spec: What is asked for, ``auto`` for lever, force or both.
        judge: Gives the torques of the edges and of the chance pairs, for a spec that names both.
        null_weight: Weights of the chance pairs, :math:`(P,)`.
    """
    fitting = [replace(spec, lever=lever, force=force) for lever, force in _fitting(spec)]
    if len(fitting) == 1:
        return fitting[0]
    found = [separation(edges.value, chance.value, null_weight) for edges, chance in map(judge, fitting)]
    return fitting[found.index(max(found))]


def separation(torque: Tensor, null_torque: Tensor, null_weight: Tensor) -> float:
    """The probability that a chance pair has more torque than an edge, ties counted half; 0.5 if there are none.

    Args:
        torque: Torques of the edges, :math:`(|\\mathcal{E}|,)`.
        null_torque: Torques of the chance pairs, :math:`(P,)`.
        null_weight: Their weights, :math:`(P,)`.

    Example:
        >>> separation(torch.tensor([1.0, 2.0]), torch.tensor([2.0, 3.0]), torch.ones(2))
        0.875
    """
    if not len(torque) or not len(null_torque):
        return 0.5
    chance, order = null_torque.cpu().sort()
    share = torch.nn.functional.pad(null_weight.cpu()[order].double().cumsum(0), (1, 0))
    torque = torque.cpu()
    below, upto = (share[torch.searchsorted(chance, torque, right=right)] for right in (False, True))
    return float((1 - (below + upto) / (2 * share[-1])).mean())


def _fitting(spec: RewireSpec) -> Iterable[tuple[str, str]]:
    """The forms that a spec leaves open, each once."""
    return dict.fromkeys(
        (lever if spec.lever == AUTO else spec.lever, force if spec.force == AUTO else spec.force)
        for lever, force in FORMS
    )
