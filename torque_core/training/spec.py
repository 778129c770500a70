"""Specification of a training run."""

from dataclasses import dataclass

from torque_core.errors import BadConfig
from torque_core.nn import BACKBONES, FSGNN, GPRGNN, RELATIONS, GNNGuard
from torque_core.utils.fields import check_fields, spec_field
from torque_core.utils.random import check_seed

__all__ = ["COMPLETE_MODELS", "METRICS", "MODELS", "NORMS", "TrainSpec"]

METRICS = ("accuracy", "roc_auc")
"""Metrics of node classification; ``roc_auc`` requires two classes."""

NORMS: dict[str | None, dict[str, str]] = {None: {}, "batch": {}, "layer": {"mode": "node"}}
"""Norms of the hidden layers by name, with the arguments of PyG's class."""

COMPLETE_MODELS: dict[str, type[FSGNN] | type[GPRGNN] | type[GNNGuard]] = {
    "gprgnn": GPRGNN,
    "fsgnn": FSGNN,
    "gnnguard": GNNGuard,
}
"""Models that are not stacks of a graph convolution, by name."""

MODELS = (*BACKBONES, *COMPLETE_MODELS)
"""Names of the built-in models."""


@dataclass(frozen=True)
class TrainSpec:
    """Specification of a training run, the same for plain and rewired models.

    Attributes:
        epochs: Maximum number of epochs, 1 to 2000.
        learning_rate: Learning rate of Adam.
        weight_decay: Weight decay of Adam.
        hidden: Width of the hidden layers.
        dropout: Dropout probability.
        warmup: Number of epochs on the input graph before the first rewiring. That rewiring depends on the features
            only, so that no warm-up is necessary.
        refresh_every: Number of epochs between two rewirings. Later rewirings also use the class probabilities that the
            model predicts.
        patience: Stop after this number of epochs without a better validation score; None to disable early stopping.
        confidence: Minimum class probability of a pseudo-label, in [0, 1].
        metric: ``accuracy``, or ``roc_auc`` for two classes.
        seed: Random seed of the initial parameters, the dropout masks and the sampled edges.
        backbone: A name in :data:`~torque_core.nn.BACKBONES`, or ``gprgnn`` for :class:`~torque_core.nn.GPRGNN`,
            ``fsgnn`` for :class:`~torque_core.nn.FSGNN`, ``gnnguard`` for :class:`~torque_core.nn.GNNGuard`.
        separate: Whether to transform a node separately from its neighbours, see :class:`~torque_core.nn.TorqueGNN`.
        residual: Whether to add the input of each layer to its output.
        norm: Normalisation of the hidden layers: None, ``batch`` or ``layer``.
        relations: ``("kept",)``, or ``("kept", "pruned")`` for a rewired model that uses pruned edges as a separate
            relation, see :class:`~torque_core.nn.TorqueGNN`; the backbone must then be a graph convolution.

    Raises:
        BadConfig: If a value is out of range, or the backbone does not support the relations.

    Example:
        >>> TrainSpec(hidden=0)
        Traceback (most recent call last):
        ...
        torque_core.errors.BadConfig: hidden must be an integer in [1, 4096], got 0
    """

    epochs: int = spec_field(
        200, title="epochs", low=1, high=2000, unit="epochs", help="Maximum number of passes over the whole graph."
    )
    learning_rate: float = spec_field(
        0.01, title="learning rate", low=1e-6, high=10, help="Step size of the optimiser, Adam."
    )
    weight_decay: float = spec_field(
        5e-4, title="weight decay", low=0, high=1, help="L2 penalty on the parameters in Adam."
    )
    hidden: int = spec_field(
        64, title="hidden width", low=1, high=4096, help="Number of channels in the hidden layers."
    )
    dropout: float = spec_field(
        0.5,
        title="dropout",
        low=0,
        high=0.99,
        unit="fraction",
        help="Probability of each input of a layer to be zeroed during training.",
    )
    warmup: int = spec_field(
        0, title="warm-up", low=0, high=2000, unit="epochs", help="Epochs on the input graph before the first rewiring."
    )
    refresh_every: int = spec_field(
        60,
        title="rewiring interval",
        low=1,
        high=2000,
        unit="epochs",
        help="Epochs between two rewirings; later rewirings also use the predicted class probabilities.",
    )
    confidence: float = spec_field(
        0.9,
        title="pseudo-label confidence",
        low=0,
        high=1,
        unit="fraction",
        help="Minimum class probability of a pseudo-label.",
    )
    patience: int | None = spec_field(
        None,
        title="patience",
        low=1,
        high=2000,
        unit="epochs",
        optional=True,
        help="Stop after this number of epochs without a better validation score.",
    )
    metric: str = spec_field(
        "accuracy", title="metric", choices=METRICS, help="Score of the predictions; ROC AUC requires two classes."
    )
    seed: int = 0
    backbone: str = spec_field(
        "gcn",
        title="backbone",
        choices=lambda: (*BACKBONES, *COMPLETE_MODELS),
        help="Graph convolution of the layers, or a complete model.",
    )
    separate: bool = spec_field(
        False,
        title="separate ego embedding",
        help="Transform a node separately from its neighbours; better if neighbours are dissimilar.",
    )
    residual: bool = spec_field(False, title="residual connections", help="Add the input of each layer to its output.")
    norm: str | None = spec_field(
        None, title="normalisation", choices=NORMS, help="Normalisation of the hidden layers."
    )
    relations: tuple[str, ...] = spec_field(
        ("kept",),
        title="relations",
        choices=RELATIONS,
        help="Edges that a rewired model uses; pruned edges are a separate relation with separate weights.",
    )

    def __post_init__(self) -> None:
        """Raise :class:`BadConfig` if a value is out of range or values contradict each other."""
        check_fields(self)
        check_seed(self.seed)
        if "pruned" in self.relations and self.backbone in (*COMPLETE_MODELS, "mlp"):
            raise BadConfig(
                f"backbone {self.backbone!r} cannot use pruned edges as a separate relation; take gcn, sage or gat"
            )
