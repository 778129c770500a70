"""Rewirers that wrap another one: with errors in its pseudo-labels, or with a stopwatch."""

import time
from dataclasses import replace

import torch
from torch_geometric.data import Data

from torque_core.rewiring.record import Rewiring
from torque_core.rewiring.spec import RewireSpec
from torque_core.scoring.class_probabilities import ClassProbabilities
from torque_core.training import Rewirer

__all__ = ["ErroneousRewirer", "TimedRewirer", "with_errors"]


def with_errors(
    class_probabilities: ClassProbabilities, fraction: float, generator: torch.Generator
) -> ClassProbabilities:
    """Return class probabilities in which some pseudo-labels are wrong.

    Of the nodes that have a pseudo-label but no known label, ``round(fraction * number)`` are sampled. Each gets
    another class, drawn uniformly from the others: the logits of the two classes are swapped, so that the confidence
    stays the same. Known labels stay. A pseudo-label that was wrong becomes right with probability
    :math:`1 / (C - 1)`.

    Args:
        class_probabilities: The class probabilities of a model.
        fraction: Fraction of the pseudo-labels to change, in [0, 1].
        generator: Random generator, on the CPU.

    Example:
        >>> confident = torch.tensor([[9.0, 0.0], [9.0, 0.0], [0.2, 0.0]])
        >>> class_probabilities = ClassProbabilities(confident, torch.tensor([-1, 0, -1]))
        >>> with_errors(class_probabilities, 1.0, torch.Generator().manual_seed(0)).labels.tolist()
        [1, 0, -1]
    """
    pseudo = ((class_probabilities.labels >= 0) & (class_probabilities.known < 0)).nonzero().flatten().cpu()
    classes = class_probabilities.logits.size(1)
    drawn = pseudo[torch.randperm(len(pseudo), generator=generator)[: round(fraction * len(pseudo))]]
    if classes < 2 or not len(drawn):
        return class_probabilities
    logits = class_probabilities.logits.clone()
    labels = class_probabilities.labels[drawn]
    shift = torch.randint(1, classes, (len(drawn),), generator=generator).to(labels)
    wrong = (labels + shift) % classes
    logits[drawn, labels], logits[drawn, wrong] = (
        class_probabilities.logits[drawn, wrong],
        class_probabilities.logits[drawn, labels],
    )
    return replace(class_probabilities, logits=logits)


class ErroneousRewirer:
    """Rewirer that makes some pseudo-labels wrong, others at each call.

    Args:
        rewirer: The rewirer to call.
        fraction: Fraction of the pseudo-labels to change.
        seed: Random seed.
    """

    def __init__(self, rewirer: Rewirer, fraction: float, seed: int) -> None:
        self._rewirer = rewirer
        self._fraction = fraction
        self._generator = torch.Generator().manual_seed(seed)

    def __call__(
        self, data: Data, spec: RewireSpec, *, class_probabilities: ClassProbabilities | None = None
    ) -> Rewiring:
        """Rewire with errors in the pseudo-labels."""
        if class_probabilities is not None:
            class_probabilities = with_errors(class_probabilities, self._fraction, self._generator)
        return self._rewirer(data, spec, class_probabilities=class_probabilities)


class TimedRewirer:
    """Rewirer that adds up its running time in ``seconds``.

    Args:
        rewirer: The rewirer to call.
    """

    def __init__(self, rewirer: Rewirer) -> None:
        self._rewirer = rewirer
        self.seconds = 0.0

    def __call__(
        self, data: Data, spec: RewireSpec, *, class_probabilities: ClassProbabilities | None = None
    ) -> Rewiring:
        """Rewire, and add the running time."""
        started = time.perf_counter()
        rewiring = self._rewirer(data, spec, class_probabilities=class_probabilities)
        self.seconds += time.perf_counter() - started
        return rewiring
