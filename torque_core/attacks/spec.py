"""Specification of an attack."""

from dataclasses import dataclass

from torque_core.errors import BadConfig
from torque_core.utils.fields import check_fields, spec_field
from torque_core.utils.random import check_seed

__all__ = ["AttackSpec"]


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
