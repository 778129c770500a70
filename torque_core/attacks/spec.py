"""Specifications of attacks."""

import math
from dataclasses import dataclass

from torque_core.errors import BadConfig
from torque_core.utils.fields import check_fields, spec_field
from torque_core.utils.random import check_seed

__all__ = ["GRADIENTS", "KNOWS", "OBJECTIVES", "AttackSpec", "MetattackSpec"]

OBJECTIVES = {
    "self": "predictions at the other nodes",
    "train": "labels of the training nodes",
    "both": "both",
}
"""Targets of the loss that Metattack increases: Meta-Self, Meta-Train, and their mean."""
GRADIENTS = {"exact": "through the whole training", "first_order": "first-order approximation"}
"""Forms of Metattack's gradient."""
KNOWS = {
    "nothing": "no defence",
    "jaccard": "GCN-Jaccard",
    "gnnguard": "the filter of GNNGuard",
    "torque": "torque with default settings",
}
"""Defences that Metattack can take into account."""


@dataclass(frozen=True, kw_only=True)
class AttackSpec:
    """Specification of an attack: its budget and the effort of the search.

    Attributes:
        budget: Maximum number of flipped (added or removed) edges, as a fraction of :math:`|\\mathcal{E}|`, greater
            than 0 and at most 0.5.
        epochs: Number of gradient steps, 5 to 2000.
        block_size: Number of candidate flips that are optimised at a time, sampled from all node pairs; at least 4 per
            flip.
        learning_rate: Learning rate of the gradient steps, which PRBCD scales by budget and block size.
        temperature: Temperature of the soft pruning, see :class:`~torque_core.attacks.SoftTorque`, in [0.001, 100].
        seed: Random seed of the candidate flips and of the final samples.

    Raises:
        BadConfig: If a value is out of range.

    Example:
        >>> AttackSpec(budget=5)
        Traceback (most recent call last):
        ...
        torque_core.errors.BadConfig: budget must be in (0, 0.5], got 5 (0.1 means 10 % of the edges)
    """

    budget: float = spec_field(
        0.1,
        title="budget",
        low=0,
        high=0.5,
        unit="fraction",
        help="Maximum number of flipped edges as a fraction of all edges; greater than 0.",
    )
    epochs: int = spec_field(
        125, title="attack steps", low=5, high=2000, help="Number of gradient steps of the search."
    )
    block_size: int = spec_field(
        20_000,
        title="block size",
        low=1,
        high=50_000_000,
        unit="pairs",
        help="Number of candidate flips that are optimised at a time.",
    )
    learning_rate: float = spec_field(
        3_000.0, title="learning rate", low=1e-6, high=1e9, help="Learning rate of the gradient steps."
    )
    temperature: float = spec_field(
        0.1, title="temperature", low=0.001, high=100, help="Temperature of the soft pruning, in log torque."
    )
    seed: int = 0

    def __post_init__(self) -> None:
        """Raise :class:`BadConfig` if a value is out of range."""
        if not 0 < self.budget <= 0.5:  # before the other checks, for a message that explains the unit
            raise BadConfig(f"budget must be in (0, 0.5], got {self.budget} (0.1 means 10 % of the edges)")
        check_fields(self)
        check_seed(self.seed)


@dataclass(frozen=True, kw_only=True)
class MetattackSpec:
    """Specification of Metattack: its budget, its surrogate model and the constraints on the flips.

    Attributes:
        budget: Number of flipped (added or removed) edges as a fraction of :math:`|\\mathcal{E}|`, greater than 0.
        objective: Targets of the loss that the attack increases, a key of :data:`OBJECTIVES`: the predictions of the
            surrogate at all nodes without a training label (Meta-Self), the training labels (Meta-Train), or both.
        gradient: ``exact``, or ``first_order`` for the sum of the gradients of all training steps (A-Meta).
        steps: Number of steps of gradient descent in the training of the surrogate.
        learning_rate: Learning rate of that training, for features whose rows have norm 1 in the quadratic mean.
        momentum: Momentum of that training.
        flips_per_gradient: Number of edges flipped after each gradient; more than 1 approximates, for large
            graphs: the best flip of each node, the best nodes first.
        degree_threshold: Upper limit of the statistic of the :class:`~torque_core.attacks.degree_test.DegreeTest`.
        knows: The defence that the attacker knows, a key of :data:`KNOWS`: the surrogate is trained on the edges that
            this defence keeps, and only flips are tried that it would not undo.
        seed: Random seed of the initial weights of the surrogate.

    Raises:
        BadConfig: If a value is out of range.

    Example:
        >>> MetattackSpec(budget=0)
        Traceback (most recent call last):
        ...
        torque_core.errors.BadConfig: budget must be greater than 0, got 0
    """

    budget: float = spec_field(
        0.05,
        title="budget",
        low=0,
        high=math.inf,
        unit="fraction",
        help="Number of flipped edges as a fraction of all edges; greater than 0.",
    )
    objective: str = spec_field(
        "self", title="objective", choices=OBJECTIVES, help="Targets of the loss that the attack increases."
    )
    gradient: str = spec_field(
        "exact", title="gradient", choices=GRADIENTS, help="How the gradient accounts for the training."
    )
    steps: int = spec_field(
        100, title="surrogate steps", low=1, high=10_000, help="Steps of gradient descent of the surrogate."
    )
    learning_rate: float = spec_field(
        1.0, title="surrogate learning rate", low=1e-6, high=1e3, help="Learning rate of the surrogate."
    )
    momentum: float = spec_field(0.9, title="momentum", low=0, high=0.999, help="Momentum of the surrogate.")
    flips_per_gradient: int = spec_field(
        1, title="flips per gradient", low=1, high=1_000_000, help="Edges flipped after each gradient."
    )
    degree_threshold: float = spec_field(
        0.004,
        title="degree threshold",
        low=0,
        high=math.inf,
        help="Upper limit of the likelihood-ratio statistic of the degree distribution.",
    )
    knows: str = spec_field(
        "nothing", title="known defence", choices=KNOWS, help="Defence that the attacker takes into account."
    )
    seed: int = 0

    def __post_init__(self) -> None:
        """Raise :class:`BadConfig` if a value is out of range."""
        if not self.budget > 0:  # before the other checks, as 0 is the limit of the field
            raise BadConfig(f"budget must be greater than 0, got {self.budget}")
        check_fields(self)
        check_seed(self.seed)
