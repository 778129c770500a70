"""Train on a graph in hand as one of the methods that studies compare."""

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from torch_geometric.data import Data
from torch_geometric.transforms import BaseTransform

from torque_core.methods.catalog import find_method
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec
from torque_core.rewiring.transform import TorqueRewire
from torque_core.training.loop import Event, Rewirer, TrainSpec, train

__all__ = ["rewirer_of", "train_by", "transforms"]


def train_by(
    method: str,
    data: Data,
    spec: TrainSpec | None = None,
    rewiring: RewireSpec | None = None,
    *,
    device: str = "auto",
    watch_test: bool = False,
) -> Iterator[Event]:
    """Train as a method does, on the graph as it is; see :func:`~torque_core.training.loop.train` for what is yielded.

    A method's own options come before those of ``rewiring``: ``cosine_score`` has its own lever and force, and the cut
    that is asked for. Peers rewire with their defaults, before the first epoch.

    Args:
        method: A name in :data:`~torque_core.experiments.METHODS`.
        data: As :func:`~torque_core.training.loop.train` takes it.
        spec: How to train; a method that is a model of its own takes the place of the backbone.
        rewiring: How torque and its controls rewire, and how many layers every model has.
        device: See :func:`~torque_core.utils.device.pick_device`.
        watch_test: See :func:`~torque_core.training.loop.train`.

    Raises:
        BadConfig: There is no such method, or it cannot be had on this graph.

    Example:
        >>> from torque_core import load
        >>> *_, end = train_by("random", load("karate").data, TrainSpec(epochs=2), device="cpu")
        >>> len(end.rewiring.layers)
        2
    """
    asked, rewiring = find_method(method), rewiring or RewireSpec()
    spec = replace(spec or TrainSpec(), **asked.training)
    if asked.transform is not None:
        made = transforms()[asked.transform]()(Data(x=data["x"], edge_index=data["edge_index"]))
        data = copy.copy(data)
        data.edge_index, data.edge_weight = made["edge_index"], made.get("edge_weight")
    return train(
        data,
        spec,
        rewiring=None if asked.rewiring is None else replace(rewiring, **asked.rewiring),
        rewirer=rewirer_of(asked.rewirer),
        layers=rewiring.layers,
        device=device,
        watch_test=watch_test,
    )


def rewirer_of(name: str) -> Rewirer:
    """What rewires in training: by ``torque``, or as much at ``random``."""
    if name == "torque":
        return rewire
    from torque_core.baselines import rewire_at_random

    return rewire_at_random


def transforms() -> Mapping[str, Callable[..., BaseTransform]]:
    """What rewires before training, by name."""
    from torque_core.baselines import PEERS

    return {**PEERS, "torque_once": partial(TorqueRewire, layers=1)}
