"""The methods that studies compare: backbones, torque, its controls and its peers, each with what tuning may choose."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from torque_core.errors import BadConfig

__all__ = ["METHODS", "TRAINING_SPACE", "Method", "Options", "Space", "find_method", "rewiring_options"]

Options = Mapping[str, Any]
Space = Mapping[str, Sequence[Any]]

TRAINING_SPACE: Space = MappingProxyType(
    {
        "learning_rate": (0.01, 0.005, 0.02, 0.05),
        "weight_decay": (5e-4, 0.0, 5e-5, 5e-3),
        "dropout": (0.5, 0.2, 0.7),
    }
)
"""What tuning chooses from for a training. As in every space, the first of each is tried first."""

_JUDGEMENT: Space = {"lever": ("structural", "feature", "combined"), "force": ("dirichlet", "unit", "cosine")}
_FRACTIONS = ("fixed:0.25", "fixed:0.5", "fixed:0.75", "fixed:0.9", "fixed:1.0")
_CUT: Space = {"cut": ("gap", "none", "otsu", "mixture", *_FRACTIONS)}
_APART: Options = {"hear_pruned": True}
# lever and force together: few enough to be tried, the control's own among them
_APART_JUDGEMENT: Space = {
    "form": ("structural:dirichlet", "combined:dirichlet", "combined:unit", "neighbourhood:unit", "unit:cosine")
}
_APART_CUT: Space = {"cut": ("gap", "fixed:0.5", "fixed:0.25", "fixed:0.75", "fixed:1.0")}
_ADDITIONS: Space = {"additions": (0.25, 0.0, 1.0, 2.0)}


@dataclass(frozen=True, kw_only=True)
class Method:
    """One way to train on a graph.

    Attributes:
        title: For a reader.
        kind: ``backbone``: a model on the graph as it is; ``rewiring``: torque; ``control``: torque with a part of it
            taken away; ``peer``: another rewiring method.
        training: Options of :class:`~torque_core.training.loop.TrainSpec` that belong to the method.
        rewiring: Options of :class:`~torque_core.rewiring.spec.RewireSpec` that belong to the method; None for no
            rewiring in training.
        rewirer: Which edges go in training: those of high ``torque``, or as many at ``random``.
        transform: What rewires before training: a name in :data:`~torque_core.baselines.PEERS`, or ``torque_once``;
            None for nothing.
        space: Options of the method that are tuned.
        options_of: The method whose tuned options this one takes over; None for its own.
        tunes_training: Whether its training is tuned for itself; else it has that of the plain model.
    """

    title: str
    kind: Literal["backbone", "rewiring", "control", "peer"]
    training: Options = field(default_factory=dict)
    rewiring: Options | None = None
    rewirer: Literal["torque", "random"] = "torque"
    transform: str | None = None
    space: Space = field(default_factory=dict)
    options_of: str | None = None
    tunes_training: bool = False


METHODS: dict[str, Method] = {
    "plain": Method(title="GNN as it is", kind="backbone", tunes_training=True),
    "mlp": Method(title="MLP", kind="backbone", training={"backbone": "mlp"}, tunes_training=True),
    "sage": Method(title="GraphSAGE", kind="backbone", training={"backbone": "sage"}, tunes_training=True),
    "gat": Method(title="GAT", kind="backbone", training={"backbone": "gat"}, tunes_training=True),
    "gprgnn": Method(title="GPR-GNN", kind="backbone", training={"backbone": "gprgnn"}, tunes_training=True),
    "torque": Method(title="Torque", kind="rewiring", rewiring={}, space={**_JUDGEMENT, **_CUT, **_ADDITIONS}),
    "torque_gap": Method(title="Torque, as it comes", kind="rewiring", rewiring={}),
    "torque_auto": Method(
        title="Torque of the form that fits", kind="rewiring", rewiring={"lever": "auto", "force": "auto"}
    ),
    "torque_apart": Method(
        title="Torque, pruned edges heard apart",
        kind="rewiring",
        rewiring={},
        training=_APART,
        space={**_APART_JUDGEMENT, **_APART_CUT, **_ADDITIONS},
    ),
    "random": Method(
        title="Pruned and added at random", kind="control", rewiring={}, rewirer="random", options_of="torque"
    ),
    "torque_gap_apart": Method(
        title="Torque as it comes, pruned edges heard apart", kind="rewiring", rewiring={}, training=_APART
    ),
    "random_apart": Method(
        title="At random, pruned edges heard apart",
        kind="control",
        rewiring={},
        rewirer="random",
        training=_APART,
        options_of="torque_apart",
    ),
    "cosine_apart": Method(
        title="Cosine of features for torque, pruned edges heard apart",
        kind="control",
        rewiring={"lever": "unit", "force": "cosine"},
        training=_APART,
        space={**_APART_CUT, **_ADDITIONS},
    ),
    "cosine_score": Method(
        title="Cosine of features for torque",
        kind="control",
        rewiring={"lever": "unit", "force": "cosine"},
        space={**_CUT, **_ADDITIONS},
    ),
    "fixed": Method(
        title="A fixed share for the gap",
        kind="control",
        rewiring={"cut": "fixed"},
        space={"fraction": (0.25, 0.5, 0.75, 0.9, 1.0), **_ADDITIONS},
    ),
    "one_graph": Method(title="Torque once, one graph for all layers", kind="control", transform="torque_once"),
    "gdc": Method(
        title="GDC", kind="peer", transform="gdc", space={"alpha": (0.15, 0.05, 0.1, 0.3), "k": (64, 16, 32, 128)}
    ),
    "jaccard": Method(
        title="GCN-Jaccard", kind="peer", transform="jaccard", space={"threshold": (0.0, 0.01, 0.02, 0.05, 0.1)}
    ),
    "cosine": Method(
        title="Cosine similarity",
        kind="peer",
        transform="cosine",
        space={"fraction": (0.25, 0.0, 0.5, 0.75, 0.9, 1.0), "neighbours": (1, 0, 3, 5, 10)},
    ),
    "fosr": Method(title="FoSR", kind="peer", transform="fosr", space={"iterations": (50, 5, 10, 20, 100, 200)}),
    "sdrf": Method(
        title="SDRF",
        kind="peer",
        transform="sdrf",
        space={"iterations": (100, 10, 30), "temperature": (50.0, 200.0), "removal_bound": (None, 0.5, 1.0)},
    ),
    "borf": Method(
        title="BORF",
        kind="peer",
        transform="borf",
        space={"batches": (1, 2, 3), "add": (20, 10, 30), "remove": (0, 10, 20)},
    ),
}
"""Methods by name."""


def find_method(name: str) -> Method:
    """The method of that name, or :class:`BadConfig` naming the choices."""
    if name not in METHODS:
        raise BadConfig(f"method must be one of {', '.join(METHODS)}; got {name!r}")
    return METHODS[name]


def rewiring_options(chosen: Options) -> dict[str, Any]:
    """What tuning chose as a method takes it: a choice that stands for two options is taken apart.

    The cut ``fixed:0.5`` is the cut ``fixed`` with the fraction 0.5, the form ``unit:cosine`` the lever ``unit`` with
    the force ``cosine``.

    Example:
        >>> rewiring_options({"form": "unit:cosine", "cut": "fixed:0.5", "additions": 0.0})
        {'cut': 'fixed', 'additions': 0.0, 'lever': 'unit', 'force': 'cosine', 'fraction': 0.5}
    """
    options = dict(chosen)
    if "form" in options:
        options["lever"], options["force"] = options.pop("form").split(":")
    if str(options.get("cut", "")).startswith("fixed:"):
        options["cut"], fraction = options["cut"].split(":")
        options["fraction"] = float(fraction)
    return options
