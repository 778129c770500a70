"""Specification of a training run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torque_core.errors import BadConfig
from torque_core.nn import BACKBONES, DIRECTIONS, FSGNN, GATES, GPRGNN, RELATION_WEIGHTS, RELATIONS, GNNGuard
from torque_core.nn.normalisation import UnitNorm
from torque_core.nn.relations import check_relations
from torque_core.utils.fields import check_fields, spec_field
from torque_core.utils.random import check_seed

__all__ = ["COMPLETE_MODELS", "JK_MODES", "METRICS", "MODELS", "NORMS", "TrainSpec"]

METRICS = ("accuracy", "roc_auc")
"""Metrics of node classification; ``roc_auc`` requires two classes."""

NORMS: dict[str | None, Mapping[str, Any]] = {
    None: {"norm": None},
    "batch": {"norm": "batch"},
    "layer": {"norm": "layer", "norm_kwargs": {"mode": "node"}},
    "unit": {"norm": UnitNorm(), "act_first": True},
}
"""Norms of the hidden layers by name, with the arguments of :class:`~torque_core.nn.TorqueGNN`."""

JK_MODES = (None, "cat", "max", "lstm")
"""Modes of jumping knowledge."""

COMPLETE_MODELS: dict[str, type[FSGNN] | type[GPRGNN] | type[GNNGuard]] = {
    "gprgnn": GPRGNN,
    "fsgnn": FSGNN,
    "gnnguard": GNNGuard,
}
"""Models that are not stacks of a graph convolution, by name."""

_DIRECTED = ("gcn", "dir_gcn", "sage", "gat")

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
        norm: Normalisation of the hidden layers: None, ``batch``, ``layer``, or ``unit`` for rows of length 1.
        jk: Jumping knowledge: None, ``cat``, ``max``, or ``lstm`` for attention over the layers.
        relations: Relations from which a node receives messages, see :class:`~torque_core.nn.TorqueGNN`; a plain model
            has ``kept`` and ``self`` only. The backbone must be a graph convolution if there are several.
        directions: Directions of the messages, ``forth``, ``back`` or both.
        gate: What the gates of further relations depend on: ``layer``, or ``node`` for the node, too.
        relation_weights: Weights of further relations: ``own``, ``shared`` or ``low_rank``.

    Raises:
        BadConfig: If a value is out of range, or the backbone supports neither relations nor directions.

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
        help="Edges that a rewired model uses, each relation with separate weights; kept comes first.",
    )
    directions: tuple[str, ...] = spec_field(
        ("forth",),
        title="directions",
        choices=DIRECTIONS,
        help="Directions in which messages are sent in a directed graph, each with separate weights.",
    )
    gate: str = spec_field(
        "layer", title="gates", choices=GATES, help="What the gate of a further relation depends on."
    )
    relation_weights: str = spec_field(
        "own",
        title="weights of relations",
        choices=RELATION_WEIGHTS,
        help="Whether further relations share the weight matrices of the first.",
    )
    jk: str | None = spec_field(
        None, title="jumping knowledge", choices=JK_MODES, help="How the outputs of all layers are combined at the end."
    )

    def __post_init__(self) -> None:
        """Raise :class:`BadConfig` if a value is out of range or values contradict each other."""
        check_fields(self)
        check_seed(self.seed)
        check_relations(self.relations, self.directions)
        if len(self.relations) > 1 and self.backbone in (*COMPLETE_MODELS, "mlp"):
            raise BadConfig(f"backbone {self.backbone!r} cannot use several relations; take gcn, sage or gat")
        if self.directions != ("forth",) and self.backbone not in _DIRECTED:
            raise BadConfig(
                f"backbone {self.backbone!r} sends messages along the edges only; take one of {', '.join(_DIRECTED)}"
            )
