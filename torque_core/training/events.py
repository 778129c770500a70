"""Events of a training run."""

from dataclasses import dataclass

from torch import Tensor, nn

from torque_core.diagnostics.gates import RelationGates
from torque_core.rewiring.record import Rewiring
from torque_core.utils.display import ShortRepr

__all__ = ["Epoch", "Event", "Finished", "Refresh"]


@dataclass(frozen=True)
class Epoch:
    """Scores and losses after one epoch.

    Attributes:
        epoch: Number of the epoch, from 1.
        loss: Training loss with dropout, before the step; as every loss a cross-entropy in nats.
        train: Score on the training nodes, in [0, 1].
        validation: Score on the validation nodes; None if there are none.
        test: Score on the test nodes; None unless requested by ``watch_test``.
        validation_loss: Loss on the validation nodes; None if there are none.
        test_loss: Loss on the test nodes; None unless requested by ``watch_test``.
    """

    epoch: int
    loss: float
    train: float
    validation: float | None
    test: float | None = None
    validation_loss: float | None = None
    test_loss: float | None = None


@dataclass(frozen=True, repr=False)
class Refresh(ShortRepr):
    """The graph was rewired before an epoch.

    Attributes:
        epoch: Number of that epoch.
        rewiring: Record of the rewiring.
    """

    epoch: int
    rewiring: Rewiring


@dataclass(frozen=True, repr=False)
class Finished(ShortRepr):
    """Result of a training run.

    Attributes:
        best_epoch: Epoch whose parameters and graphs were restored.
        validation: Validation score of that epoch; None without validation nodes.
        test: Test score, evaluated once with these parameters and graphs; None without test nodes.
        rewiring: Record of the rewiring of that epoch; None for a plain model.
        probabilities: Class probabilities of all nodes, :math:`(|\\mathcal{V}|, C)`, on the CPU.
        model: Model with the parameters of ``best_epoch``.
        gates: What this model takes from each relation, by layer and class; None if it has only one relation.
    """

    best_epoch: int
    validation: float | None
    test: float | None
    rewiring: Rewiring | None
    probabilities: Tensor
    model: nn.Module
    gates: RelationGates | None = None

    @property
    def predictions(self) -> Tensor:
        """Predicted classes of all nodes, :math:`(|\\mathcal{V}|,)`, on the CPU."""
        return self.probabilities.argmax(dim=1)


Event = Epoch | Refresh | Finished
