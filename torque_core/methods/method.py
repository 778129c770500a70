"""The record of a method, and the registry of methods by key."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from torch_geometric.data import Data
from torch_geometric.transforms import BaseTransform

from torque_core.errors import BadConfig
from torque_core.rewiring.rewire import rewire
from torque_core.training import Rewirer
from torque_core.utils.suggest import did_you_mean

__all__ = [
    "METHODS",
    "Context",
    "Method",
    "Options",
    "Space",
    "find_method",
    "methods_for",
    "register_method",
    "rewirable",
    "rewiring_options",
]

Options = Mapping[str, Any]
Space = Mapping[str, Sequence[Any]]
Context = Literal["compare", "train", "robustness", "attack", "bench"]
"""Contexts in which a method can be offered: side-by-side comparison of rewired graphs, side-by-side training, accuracy
over noise levels, adaptive attacks, and the benchmark of running times."""


@dataclass(frozen=True, kw_only=True)
class Method:
    """One way to train on a graph, and to rewire it.

    A method rewires in training if ``rewiring`` is given, once before training if ``transform`` is given, and not at
    all if neither is.

    Attributes:
        title: Name for readers.
        description: One sentence on what it does.
        kind: ``backbone``: a model on the original graph; ``rewiring``: torque; ``control``: torque with a part of it
            replaced; ``peer``: another rewiring method.
        training: Options of :class:`~torque_core.training.TrainSpec` that the method fixes.
        rewiring: Options of :class:`~torque_core.rewiring.spec.RewireSpec` that the method fixes; None if it does not
            rewire in training.
        rewirer: The function that rewires in training, with the signature of
            :func:`~torque_core.rewiring.rewire.rewire`.
        transform: Called with the method's options, gives the PyG transform that rewires before training; None if
            nothing is rewired then.
        uses_labels: Whether ``transform`` receives the labels of the training nodes.
        space: Search space of the method's options.
        options_of: The method whose tuned options this one uses; None if it uses those tuned for itself.
        tunes_training: Whether the training hyper-parameters are tuned for this method; otherwise it uses those tuned
            for the plain model.
        contexts: Where the method is offered, see :data:`Context`.
        slow_from: Number of nodes beyond which rewiring takes seconds to minutes, so that an interface should ask
            before it starts; None if it is fast throughout.
        most_nodes: Largest number of nodes that the method is run on; None if there is no limit.
        on_gpu: Whether it rewires on the device of the graph; otherwise it computes on the CPU.

    Raises:
        BadConfig: If the method has both ``rewiring`` and ``transform``, or an unknown context.
    """

    title: str
    description: str = ""
    kind: Literal["backbone", "rewiring", "control", "peer"]
    training: Options = field(default_factory=dict)
    rewiring: Options | None = None
    rewirer: Rewirer = rewire
    transform: Callable[..., BaseTransform] | None = None
    uses_labels: bool = False
    space: Space = field(default_factory=dict)
    options_of: str | None = None
    tunes_training: bool = False
    contexts: Sequence[Context] = ()
    slow_from: int | None = None
    most_nodes: int | None = None
    on_gpu: bool = False

    def __post_init__(self) -> None:
        """Raise :class:`BadConfig` if the properties contradict each other."""
        if self.rewiring is not None and self.transform is not None:
            raise BadConfig(f"the method {self.title!r} rewires in training and before it; give one of the two")
        if unknown := set(self.contexts) - set(get_args(Context)):
            raise BadConfig(f"contexts must be some of {', '.join(get_args(Context))}; got {min(unknown)!r}")


def rewirable(data: Data, method: Method) -> Data:
    """Return the part of a graph that the transform of a method receives: features, edges, and labels if it uses them.

    Example:
        >>> from torque_core import load
        >>> rewirable(load("karate").data, Method(title="Mine", kind="peer"))
        Data(x=[34, 34], edge_index=[2, 156])
    """
    keys = ("x", "edge_index", *(("y", "train_mask") if method.uses_labels else ()))
    return Data(**{key: data[key] for key in keys})


METHODS: dict[str, Method] = {}
"""Methods by key, in the order in which they are listed."""


def register_method(key: str, method: Method) -> Method:
    """Add a method to the catalog.

    Args:
        key: Its name in Python, on the command line and in URLs.
        method: The method. With ``contexts=("compare", "train", "robustness")`` it appears in all lists of the app.

    Raises:
        BadConfig: If another method has this key.

    Example:
        >>> from torque_core.baselines import FoSR
        >>> mine = Method(title="FoSR, 5 edges", kind="peer", transform=lambda: FoSR(iterations=5), contexts=["train"])
        >>> _ = register_method("fosr_5", mine)
        >>> "fosr_5" in methods_for("train")
        True
        >>> del METHODS["fosr_5"]
    """
    if METHODS.setdefault(key, method) != method:
        raise BadConfig(f"method {key!r} is registered already; choose another key")
    return method


def find_method(key: str) -> Method:
    """Return the method with this key.

    Raises:
        BadConfig: If there is none; the message lists the keys.
    """
    if key not in METHODS:
        raise BadConfig(f"method must be one of {', '.join(METHODS)}; got {key!r}{did_you_mean(key, METHODS)}")
    return METHODS[key]


def methods_for(context: Context) -> dict[str, Method]:
    """Return the methods that are offered in a context, by key.

    Example:
        >>> from torque_core.methods.catalog import methods_for
        >>> list(methods_for("attack"))
        ['plain', 'mlp', 'torque', 'jaccard']
    """
    return {key: method for key, method in METHODS.items() if context in method.contexts}


def rewiring_options(chosen: Options) -> dict[str, Any]:
    """Translate a choice from a search space into options of the method: combined options are split.

    The cut ``fixed:0.5`` is the cut ``fixed`` with fraction 0.5; the form ``unit:cosine`` is the lever ``unit`` with
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
