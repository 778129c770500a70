"""The experiment that trains a model on a graph, perhaps noisy, perhaps rewired, and scores it."""

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

from torque_core.datasets import DATASETS, DatasetSpec, LoadedDataset, load
from torque_core.diagnostics.calibration import calibration
from torque_core.diagnostics.homophily import edge_homophily
from torque_core.errors import BadConfig
from torque_core.experiments.experiment import Metric, Result, register_kind
from torque_core.graph.noise import Noise, add_noise
from torque_core.graph.pairs import is_among, undirected_pairs
from torque_core.methods.catalog import find_method
from torque_core.rewiring.record import Rewiring
from torque_core.rewiring.spec import RewireSpec
from torque_core.scoring.class_probabilities import ClassProbabilities
from torque_core.training import Epoch, Finished, Rewirer, TrainSpec, train
from torque_core.utils.device import pick_device
from torque_core.utils.validation import check_ranges

__all__ = ["Trained", "Training", "with_errors"]

_NO_NOISE, _DEFAULT = Noise(), TrainSpec()


@dataclass(frozen=True)
class Trained:
    """What came of a training.

    Attributes:
        data: The graph that was trained on: disturbed, and rewired if a peer did that before training.
        before: The undirected edges as they were before any rewiring, :math:`(2, |\\mathcal{E}|)`.
        epochs: What each epoch said.
        end: What the last event said, the model among it.
        seconds: Of the training.
        rewire_seconds: Of the rewiring in it or before it.
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
    """Train by a method on one split of a data set, with noise if asked for.

    Attributes:
        dataset: A key of :data:`~torque_core.datasets.DATASETS`.
        scheme: A split scheme of it; None is replaced by the set's first.
        split: Which split of the scheme.
        noise: What is done to the graph before all else; at rate 0 replaced by ``Noise()``, as they are all the same.
        method: A key of :data:`~torque_core.experiments.METHODS`.
        options: Of the method: those of :class:`~torque_core.rewiring.spec.RewireSpec` or of the peer, names and
            values, sorted.
        spec: How to train. Its metric is replaced by the set's, and what belongs to the method by the method's; its
            seed also seeds the rewiring.
        layers: Of the model.
        read_test: False leaves the test nodes out, for tuning: nothing of them is looked at.
        pseudo_label_errors: Share in [0, 1] of the model's sure beliefs that are made wrong whenever it rewires, see
            :func:`with_errors`; drawn anew each time, by the seed of ``spec``.

    Raises:
        BadConfig: A value that cannot be.

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
    layers: int = 2
    read_test: bool = True
    pseudo_label_errors: float = 0.0

    def __post_init__(self) -> None:
        """Check every field, and give equal experiments equal fields."""
        scheme = DatasetSpec(self.dataset, scheme=self.scheme, split=self.split).scheme
        method = find_method(self.method)
        if type(self.layers) is not int or not 1 <= self.layers <= 16:
            raise BadConfig(f"layers must be an integer in [1, 16], got {self.layers!r}")
        check_ranges(self, {"pseudo_label_errors": (0, 1)})
        if self.pseudo_label_errors and method.rewiring is None:
            raise BadConfig(f"the method {self.method!r} has no beliefs to rewire by; pseudo_label_errors must be 0")
        for name, value in (
            ("scheme", scheme),
            ("noise", self.noise if self.noise.rate else _NO_NOISE),
            ("options", tuple(sorted(self.options))),
            ("spec", replace(self.spec, **{**method.training, "metric": DATASETS[self.dataset].metric})),
        ):
            object.__setattr__(self, name, value)
        if len(dict(self.options)) < len(self.options):
            raise BadConfig(f"options name something twice: {self.options}")
        if own := {"layers", "seed"} & dict(self.options).keys():
            raise BadConfig(f"options must not name {min(own)!r}: the layers are a field, the seed is that of spec")
        if self.options and method.rewiring is None and method.transform is None:
            raise BadConfig(f"the method {self.method!r} rewires nothing and takes no options, got {self.options}")
        self._rewiring()

    def _rewiring(self) -> RewireSpec | None:
        """What is asked for in training."""
        rewiring = find_method(self.method).rewiring
        if rewiring is None:
            return None
        try:
            return RewireSpec(**{**rewiring, **dict(self.options), "layers": self.layers, "seed": self.spec.seed})
        except TypeError as error:
            raise BadConfig(f"options must be those of RewireSpec, got {self.options}: {error}") from error

    def run(self, watch: Callable[[], None] = lambda: None) -> Result:
        """Load, disturb, rewire, train.

        Args:
            watch: Called after each epoch; what it raises breaks the training off.

        Returns:
            ``test`` and ``validation`` score of the best epoch, ``best_epoch``, ``epochs``, ``seconds`` of the
            training and ``rewire_seconds`` in it or before it, ``pruned`` and ``added`` shares of the edges for each
            layer, ``homophily`` of the layers' graphs (edge homophily, their mean), ``ece`` on the test nodes, and the
            ``device``; the curves ``loss``, ``train`` and ``validation``.

        Raises:
            TorqueError: Something cannot be had or cannot be done; see :func:`~torque_core.training.train`.
        """
        done = self.trained(watch)
        metrics: dict[str, Metric] = {
            "test": done.end.test,
            "validation": done.end.validation,
            "best_epoch": done.end.best_epoch,
            "epochs": len(done.epochs),
            "seconds": round(done.seconds, 4),
            "rewire_seconds": round(done.rewire_seconds, 4),
            **_change(done.before, done.data, done.end.rewiring, self.layers),
            "ece": None,
            "device": pick_device().type,
        }
        if done.end.test is not None:
            test_mask = done.data["test_mask"]
            metrics["ece"] = calibration(done.end.probabilities[test_mask], done.data["y"][test_mask]).error
        return Result(
            metrics,
            {
                "loss": tuple(epoch.loss for epoch in done.epochs),
                "train": tuple(epoch.train for epoch in done.epochs),
                "validation": tuple(math.nan if e.validation is None else e.validation for e in done.epochs),
            },
        )

    def trained(self, watch: Callable[[], None] = lambda: None) -> Trained:
        """Load, disturb, rewire, train, and hand over the model with its graph; ``watch`` as for :meth:`run`.

        Raises:
            TorqueError: As :meth:`run`.
        """
        loaded = _loaded(self.dataset, self.scheme, self.split)
        data = add_noise(loaded.data, self.noise).data
        before = undirected_pairs(data["edge_index"], len(data["x"]))
        seconds, method = 0.0, find_method(self.method)
        if method.transform is not None:
            peer = _by_peer(self.dataset, self.scheme, self.noise, self.method, self.options)
            data, seconds = copy.copy(data), peer.seconds
            data.edge_index, data.edge_weight = peer.edge_index, peer.edge_weight
        if not self.read_test:
            data = copy.copy(data)
            data.test_mask = torch.zeros_like(data["test_mask"])

        rewirer = method.rewirer
        if self.pseudo_label_errors:
            rewirer = _Mistaken(rewirer, self.pseudo_label_errors, self.spec.seed)
        watched = _Stopwatch(rewirer)
        epochs, end, started = [], None, time.perf_counter()
        for event in train(
            data, self.spec, rewiring=self._rewiring(), rewirer=watched, layers=self.layers, device=pick_device().type
        ):
            watch()
            if isinstance(event, Epoch):
                epochs.append(event)
            elif isinstance(event, Finished):
                end = event
        lasted = time.perf_counter() - started
        assert end is not None  # it is the last event
        return Trained(data, before, tuple(epochs), end, lasted - watched.seconds, seconds + watched.seconds)


@lru_cache(maxsize=2)
def _loaded(dataset: str, scheme: str | None, split: int) -> LoadedDataset:
    return load(DatasetSpec(dataset, scheme=scheme, split=split))


@dataclass(frozen=True)
class _Rewired:
    """The graph that a peer made, and how long it took."""

    edge_index: Tensor
    edge_weight: Tensor | None
    seconds: float


@lru_cache(maxsize=4)
def _by_peer(
    dataset: str, scheme: str | None, noise: Noise, method: str, options: tuple[tuple[str, Any], ...]
) -> _Rewired:
    """Made once for all splits: a peer sees neither labels nor masks."""
    data = add_noise(_loaded(dataset, scheme, 0).data, noise).data
    started = time.perf_counter()
    transform = find_method(method).transform
    assert transform is not None
    rewired = transform(**dict(options))(Data(x=data["x"], edge_index=data["edge_index"]))
    return _Rewired(rewired["edge_index"], rewired.get("edge_weight"), time.perf_counter() - started)


def with_errors(
    class_probabilities: ClassProbabilities, share: float, generator: torch.Generator
) -> ClassProbabilities:
    """Class probabilities of which some that are sure are wrong.

    Of the nodes whose label is not known but that have a pseudo-label, ``round(share * number)`` are drawn. Each gets
    another class, drawn alike from all others: the scores of the two classes are swapped, so that it is as sure as it
    was. Known labels stay. What was wrong before may so become right, with a chance of one in :math:`C - 1`.

    Example:
        >>> sure = ClassProbabilities(torch.tensor([[9.0, 0.0], [9.0, 0.0], [0.2, 0.0]]), torch.tensor([-1, 0, -1]))
        >>> with_errors(sure, 1.0, torch.Generator().manual_seed(0)).labels.tolist()
        [1, 0, -1]
    """
    sure = ((class_probabilities.labels >= 0) & (class_probabilities.known < 0)).nonzero().flatten().cpu()
    classes = class_probabilities.logits.size(1)
    drawn = sure[torch.randperm(len(sure), generator=generator)[: round(share * len(sure))]]
    if classes < 2 or not len(drawn):
        return class_probabilities
    logits = class_probabilities.logits.clone()
    believed = class_probabilities.labels[drawn]
    further = torch.randint(1, classes, (len(drawn),), generator=generator).to(believed)
    wrong = (believed + further) % classes
    logits[drawn, believed], logits[drawn, wrong] = (
        class_probabilities.logits[drawn, wrong],
        class_probabilities.logits[drawn, believed],
    )
    return replace(class_probabilities, logits=logits)


class _Mistaken:
    """A rewirer that is told some wrong beliefs, others each time."""

    def __init__(self, rewirer: Rewirer, share: float, seed: int) -> None:
        self._rewirer = rewirer
        self._share = share
        self._generator = torch.Generator().manual_seed(seed)

    def __call__(
        self, data: Data, spec: RewireSpec, *, class_probabilities: ClassProbabilities | None = None
    ) -> Rewiring:
        if class_probabilities is not None:
            class_probabilities = with_errors(class_probabilities, self._share, self._generator)
        return self._rewirer(data, spec, class_probabilities=class_probabilities)


class _Stopwatch:
    """A rewirer that knows how long it took, all in all."""

    def __init__(self, rewirer: Rewirer) -> None:
        self._rewirer = rewirer
        self.seconds = 0.0

    def __call__(
        self, data: Data, spec: RewireSpec, *, class_probabilities: ClassProbabilities | None = None
    ) -> Rewiring:
        started = time.perf_counter()
        rewiring = self._rewirer(data, spec, class_probabilities=class_probabilities)
        self.seconds += time.perf_counter() - started
        return rewiring


def _change(before: Tensor, data: Data, rewiring: Rewiring | None, layers: int) -> dict[str, Metric]:
    """What became of the edges in each layer, as shares of those that were judged."""
    num_nodes, y = len(data["x"]), data["y"]
    if rewiring is None:
        after = undirected_pairs(data["edge_index"], num_nodes)
        stayed = int(is_among(before, after, num_nodes).sum())
        shares = [(before.size(1), before.size(1) - stayed, after.size(1) - stayed)] * layers
        graphs = [after]
    else:
        found = [layer.to("cpu") for layer in rewiring.layers]
        shares = [(layer.pairs.size(1), int(layer.pruned_mask.sum()), layer.added.size(1)) for layer in found]
        graphs = [layer.rewired for layer in found]
    homophily = [share for graph in graphs if (share := edge_homophily(graph, y)) is not None]
    return {
        "pruned": [pruned / max(edges, 1) for edges, pruned, _ in shares],
        "added": [added / max(edges, 1) for edges, _, added in shares],
        "homophily": fmean(homophily) if homophily else None,
    }
