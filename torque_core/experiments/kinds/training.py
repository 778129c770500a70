"""Experiment: train a model on a graph with optional noise and rewiring, and score it."""

import copy
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from statistics import fmean
from typing import Any, ClassVar

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.attacks.noise import NOISE_KINDS, Noise, add_noise
from torque_core.datasets import DATASETS, DatasetSpec, LoadedDataset, load
from torque_core.diagnostics.calibration import calibration
from torque_core.diagnostics.homophily import edge_homophily
from torque_core.errors import BadConfig
from torque_core.experiments.answers import pack_answers
from torque_core.experiments.experiment import REWIRING, Metric, Result, register_kind
from torque_core.experiments.kinds.rewirers import ErroneousRewirer, TimedRewirer
from torque_core.graph.pairs import is_among, undirected_pairs
from torque_core.methods.catalog import find_method
from torque_core.methods.method import rewirable
from torque_core.rewiring.record import Rewiring
from torque_core.rewiring.spec import RewireSpec
from torque_core.training import Epoch, Finished, TrainSpec, train
from torque_core.utils.device import pick_device
from torque_core.utils.fields import check_fields, spec_field

__all__ = ["Trained", "Training"]

_NO_NOISE, _DEFAULT = Noise(), TrainSpec()


@dataclass(frozen=True)
class Trained:
    """A finished training with its model and graph.

    Attributes:
        data: The training graph: with noise, and rewired if the method rewires before training.
        before: Undirected edges before any rewiring, :math:`(2, |\\mathcal{E}|)`.
        epochs: Events of the epochs.
        end: The last event, with the model.
        seconds: Duration of the training, without rewiring.
        rewire_seconds: Duration of the rewiring, in training or before it.
    """

    data: Data
    before: Tensor
    epochs: tuple[Epoch, ...]
    end: Finished
    seconds: float
    rewire_seconds: float


@register_kind
@dataclass(frozen=True, kw_only=True)
class Training:
    """Training with a method on one split of a data set.

    Attributes:
        dataset: A key of :data:`~torque_core.datasets.DATASETS`.
        scheme: A split scheme of the data set; None is replaced by its first scheme.
        split: Index of the split.
        noise: Noise added to the graph first; at rate 0 it is replaced by ``Noise()``, since all kinds are equal.
        method: A key of :data:`~torque_core.methods.catalog.METHODS`.
        options: Options of the method: those of :class:`~torque_core.rewiring.spec.RewireSpec` or of the transform, as
            names and values, sorted.
        spec: How to train. Its metric is replaced by that of the data set, and options that the method fixes by the
            method's; its seed is also that of the rewiring.
        layers: Number of layers of the model.
        read_test: If False, the test nodes are masked out, for tuning.
        directed: Whether the data set keeps the direction of its edges, see :class:`~torque_core.datasets.DatasetSpec`.
        pseudo_label_errors: Fraction in [0, 1] of the model's pseudo-labels that are made wrong at each rewiring, see
            :func:`~torque_core.experiments.kinds.rewirers.with_errors`; the random seed is that of ``spec``.

    Raises:
        BadConfig: If a value is out of range, or the method does not accept it.

    Example:
        >>> result = Training(dataset="karate", spec=TrainSpec(epochs=5), read_test=False).run()
        >>> result.metrics["epochs"], result.metrics["test"], len(result.curves["loss"])
        (5, None, 5)
    """

    kind: ClassVar[str] = "training"

    dataset: str
    scheme: str | None = None
    split: int = 0
    noise: Noise = _NO_NOISE
    method: str = "plain"
    options: tuple[tuple[str, Any], ...] = ()
    spec: TrainSpec = _DEFAULT
    layers: int = spec_field(2, title="layers", low=1, high=16, help="Number of layers of the model.")
    read_test: bool = True
    directed: bool = False
    pseudo_label_errors: float = spec_field(
        0.0, title="wrong pseudo-labels", low=0, high=1, unit="fraction", help="Fraction of pseudo-labels made wrong."
    )

    def __post_init__(self) -> None:
        """Check all fields, and normalise those of equivalent experiments."""
        scheme = self._graph.scheme
        method = find_method(self.method)
        check_fields(self)
        if self.pseudo_label_errors and method.rewiring is None:
            raise BadConfig(f"the method {self.method!r} rewires without pseudo-labels; pseudo_label_errors must be 0")
        for name, value in (
            ("scheme", scheme),
            ("noise", self.noise if self.noise.rate else _NO_NOISE),
            ("options", tuple(sorted(self.options))),
            ("spec", replace(self.spec, **{**method.training, "metric": DATASETS[self.dataset].metric})),
        ):
            object.__setattr__(self, name, value)
        if len(dict(self.options)) < len(self.options):
            raise BadConfig(f"options must not repeat a name, got {self.options}")
        if own := {"layers", "seed"} & dict(self.options).keys():
            raise BadConfig(f"options must not contain {min(own)!r}: it is a field of the experiment or of spec")
        if self.options and method.rewiring is None and method.transform is None:
            raise BadConfig(f"the method {self.method!r} does not rewire and has no options, got {self.options}")
        self._rewiring()

    @property
    def _graph(self) -> DatasetSpec:
        return DatasetSpec(self.dataset, self.scheme, self.split, directed=self.directed)

    def _rewiring(self) -> RewireSpec | None:
        """Return how to rewire in training; None if the method does not."""
        rewiring = find_method(self.method).rewiring
        if rewiring is None:
            return None
        try:
            return RewireSpec(
                **{**REWIRING, **rewiring, **dict(self.options), "layers": self.layers, "seed": self.spec.seed}
            )
        except TypeError as error:
            raise BadConfig(f"options must be those of RewireSpec, got {self.options}: {error}") from error

    def run(self, watch: Callable[[], None] = lambda: None) -> Result:
        """Load the data, add noise, rewire and train.

        Args:
            watch: Called after each epoch; an exception that it raises ends the training.

        Returns:
            ``test`` and ``validation`` score of the best epoch, ``best_epoch``, ``epochs``, ``seconds`` of the
            training and ``rewire_seconds`` of the rewiring, ``pruned`` and ``added`` edges of each layer as fractions
            of the edges, ``homophily`` (mean edge homophily of the layers' graphs), ``ece`` (expected calibration
            error on the test nodes), ``answers`` (which test nodes are classified correctly, see
            :func:`~torque_core.experiments.answers.unpack_answers`; None unless the metric is accuracy) and
            ``device``; the curves ``loss``, ``train`` and ``validation``.

        Raises:
            TorqueError: If the data set or the method is not available; see
                :func:`~torque_core.training.train`.
        """
        done = self.trained(watch)
        metrics: dict[str, Metric] = {
            "test": done.end.test,
            "validation": done.end.validation,
            "best_epoch": done.end.best_epoch,
            "epochs": len(done.epochs),
            "seconds": round(done.seconds, 4),
            "rewire_seconds": round(done.rewire_seconds, 4),
            **_edge_changes(done.before, done.data, done.end.rewiring, self.layers),
            "ece": None,
            "answers": None,
            "device": pick_device().type,
        }
        if done.end.test is not None:
            test_mask = done.data["test_mask"]
            metrics["ece"] = calibration(done.end.probabilities[test_mask], done.data["y"][test_mask]).error
            if self.spec.metric == "accuracy":
                metrics["answers"] = pack_answers(done.end.predictions == done.data["y"], test_mask)
        return Result(
            metrics,
            {
                "loss": tuple(epoch.loss for epoch in done.epochs),
                "train": tuple(epoch.train for epoch in done.epochs),
                "validation": tuple(math.nan if e.validation is None else e.validation for e in done.epochs),
            },
        )

    def trained(self, watch: Callable[[], None] = lambda: None) -> Trained:
        """Train as :meth:`run` does, and return the model with its graph.

        Args:
            watch: See :meth:`run`.

        Raises:
            TorqueError: See :meth:`run`.
        """
        data = _noisy(self._graph, self.noise)
        before = undirected_pairs(data["edge_index"], len(data["x"]))
        seconds, method = 0.0, find_method(self.method)
        if method.transform is not None:
            uses_split = method.uses_labels or NOISE_KINDS[self.noise.kind].uses_split
            graph = self._graph if uses_split else replace(self._graph, split=0)
            rewired = _transformed(graph, self.noise, self.method, self.options)
            data, seconds = copy.copy(data), rewired.seconds
            data.x, data.edge_index, data.edge_weight = rewired.x, rewired.edge_index, rewired.edge_weight
        if not self.read_test:
            data = copy.copy(data)
            data.test_mask = torch.zeros_like(data["test_mask"])

        rewirer = method.rewirer
        if self.pseudo_label_errors:
            rewirer = ErroneousRewirer(rewirer, self.pseudo_label_errors, self.spec.seed)
        timed = TimedRewirer(rewirer)
        epochs, end, started = [], None, time.perf_counter()
        for event in train(
            data, self.spec, rewiring=self._rewiring(), rewirer=timed, layers=self.layers, device=pick_device().type
        ):
            watch()
            if isinstance(event, Epoch):
                epochs.append(event)
            elif isinstance(event, Finished):
                end = event
        lasted = time.perf_counter() - started
        assert end is not None  # the last event
        return Trained(data, before, tuple(epochs), end, lasted - timed.seconds, seconds + timed.seconds)


@lru_cache(maxsize=2)
def _loaded(graph: DatasetSpec) -> LoadedDataset:
    return load(graph)


def _noisy(graph: DatasetSpec, noise: Noise) -> Data:
    data = _loaded(graph).data
    if not NOISE_KINDS[noise.kind].uses_split:
        return add_noise(data, noise).data
    data = copy.copy(data)
    data.edge_index = _attacked_edges(graph, noise)
    return data


@lru_cache(maxsize=64)
def _attacked_edges(graph: DatasetSpec, noise: Noise) -> Tensor:
    """Edges after an attack, which takes longer than a training; kept for the other methods of a study."""
    return add_noise(_loaded(graph).data, noise).data["edge_index"]


@dataclass(frozen=True)
class _Transformed:
    """A graph rewired before training, and the duration of the rewiring."""

    x: Tensor
    edge_index: Tensor
    edge_weight: Tensor | None
    seconds: float


@lru_cache(maxsize=4)
def _transformed(graph: DatasetSpec, noise: Noise, method: str, options: tuple[tuple[str, Any], ...]) -> _Transformed:
    """Rewire once for all splits with the same graph, unless the transform uses labels."""
    data, entry = _noisy(graph, noise), find_method(method)
    started = time.perf_counter()
    assert entry.transform is not None
    rewired = entry.transform(**dict(options))(rewirable(data, entry))
    seconds = time.perf_counter() - started
    return _Transformed(rewired["x"], rewired["edge_index"], rewired.get("edge_weight"), seconds)


def _edge_changes(before: Tensor, data: Data, rewiring: Rewiring | None, layers: int) -> dict[str, Metric]:
    """Return pruned and added edges of each layer, as fractions of its edges before, and the mean edge homophily."""
    num_nodes, y = len(data["x"]), data["y"]
    if rewiring is None:
        after = undirected_pairs(data["edge_index"], num_nodes)
        kept = int(is_among(before, after, num_nodes).sum())
        counts = [(before.size(1), before.size(1) - kept, after.size(1) - kept)] * layers
        graphs = [after]
    else:
        records = [layer.to("cpu") for layer in rewiring.layers]
        counts = [(layer.pairs.size(1), int(layer.pruned_mask.sum()), layer.added.size(1)) for layer in records]
        graphs = [layer.rewired for layer in records]
    homophily = [value for graph in graphs if (value := edge_homophily(graph, y)) is not None]
    return {
        "pruned": [pruned / max(edges, 1) for edges, pruned, _ in counts],
        "added": [added / max(edges, 1) for edges, _, added in counts],
        "homophily": fmean(homophily) if homophily else None,
    }
