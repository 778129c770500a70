"""Records of trainings: settings, curves and outcomes of the models."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor

from torque_core import TrainSpec
from torque_core.diagnostics import Calibration, RelationGates
from torque_core.training import Epoch

__all__ = ["Model", "Outcome", "Record"]


@dataclass(frozen=True)
class Outcome:
    """Result of a model with the weights of its best epoch.

    Attributes:
        best_epoch: Epoch with the best validation score.
        validation: Validation score in that epoch; None without validation nodes.
        test: Test score, computed once; None without test nodes.
        changes: Number of pruned and added edges in each layer; empty if nothing is rewired in training.
        confusion: Confusion matrix of the test nodes, :math:`(C, C)`; None without test nodes.
        calibration: Calibration on the test nodes; None without test nodes.
        gates: What the model takes from each relation, by layer and class; None if it has only one relation, and in
            records of former versions.
    """

    best_epoch: int
    validation: float | None
    test: float | None
    changes: tuple[tuple[int, int], ...]
    confusion: Tensor | None
    calibration: Calibration | None
    gates: RelationGates | None = None


@dataclass
class Model:
    """One model of a training.

    Attributes:
        epochs: The finished epochs.
        refreshes: Epochs before which the graph was rewired.
        outcome: The result; None while the model trains.
    """

    epochs: list[Epoch] = field(default_factory=list)
    refreshes: list[int] = field(default_factory=list)
    outcome: Outcome | None = None


@dataclass
class Record:
    """A training of one or more models.

    Attributes:
        id: Id in links.
        name: Name that the user gave.
        title: Title of the data set.
        link: The link's parameters for the graph and the training.
        spec: Training options, with the first seed.
        models: Models of the first seed by the name of the method.
        seconds: Duration without pauses.
        owner: Who may control it, see :func:`~pages.shared.state.owner.owner_id`; empty for nobody.
        repeats: Models of the seeds that follow the first one, with the same methods.
    """

    id: str
    name: str
    title: str
    link: dict[str, str]
    spec: TrainSpec
    models: dict[str, Model]
    seconds: float = 0.0
    owner: str = ""
    repeats: list[dict[str, Model]] = field(default_factory=list)

    @property
    def seeds(self) -> dict[int, Mapping[str, Model]]:
        """Models of all seeds, by seed."""
        return dict(enumerate([self.models, *self.repeats], start=self.spec.seed))

    def of_seeds(self, method: str) -> list[Model]:
        """Return the models of a method, one for each seed."""
        return [models[method] for models in self.seeds.values()]

    def outcomes(self, method: str) -> list[Outcome]:
        """Return the outcomes of a method with the seeds that are finished."""
        return [model.outcome for model in self.of_seeds(method) if model.outcome]
