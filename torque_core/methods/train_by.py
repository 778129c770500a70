"""Training on a graph with one of the methods of the catalog."""

import copy
from collections.abc import Iterator
from dataclasses import replace

from torch_geometric.data import Data

from torque_core.methods.catalog import find_method
from torque_core.methods.method import rewirable
from torque_core.rewiring.spec import RewireSpec
from torque_core.training import Event, TrainSpec, train

__all__ = ["train_by"]


def train_by(
    method: str,
    data: Data,
    spec: TrainSpec | None = None,
    rewiring: RewireSpec | None = None,
    *,
    device: str = "auto",
    watch_test: bool = False,
    batch_size: int | None = None,
    fanout: int = 15,
) -> Iterator[Event]:
    """Train with a method of the catalog; see :func:`~torque_core.training.train` for the events.

    Options that the method fixes take precedence over those of ``spec`` and ``rewiring``: ``ablation_cosine`` fixes
    lever and force, and uses the cut of ``rewiring``. A transform rewires before the first epoch, with its default
    options.

    Args:
        method: A key of :data:`~torque_core.methods.catalog.METHODS`.
        data: See :func:`~torque_core.training.train`.
        spec: How to train; a method that is a backbone replaces the backbone.
        rewiring: How to rewire, for torque and its ablations; also the number of layers of every model.
        device: See :func:`~torque_core.utils.device.pick_device`.
        watch_test: See :func:`~torque_core.training.train`.
        batch_size: See :func:`~torque_core.training.train`.
        fanout: See :func:`~torque_core.training.train`.

    Raises:
        BadConfig: If there is no such method, or it does not support this graph.

    Example:
        >>> from torque_core import load
        >>> *_, end = train_by("ablation_random", load("karate").data, TrainSpec(epochs=2), device="cpu")
        >>> len(end.rewiring.layers)
        2
    """
    entry, rewiring = find_method(method), rewiring or RewireSpec()
    spec = replace(spec or TrainSpec(), **entry.training)
    if entry.transform is not None:
        rewired = entry.transform()(rewirable(data, entry))
        data = copy.copy(data)
        data.x, data.edge_index, data.edge_weight = rewired["x"], rewired["edge_index"], rewired.get("edge_weight")
    return train(
        data,
        spec,
        rewiring=None if entry.rewiring is None else replace(rewiring, **entry.rewiring),
        rewirer=entry.rewirer,
        layers=rewiring.layers,
        device=device,
        watch_test=watch_test,
        batch_size=batch_size,
        fanout=fanout,
    )
