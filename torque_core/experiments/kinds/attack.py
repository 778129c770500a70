"""Experiment: adaptive white-box attack on a trained model, by flipping edges."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import ClassVar, Literal

from torch import Tensor
from torch_geometric.data import Data

from torque_core.attacks import AttackSpec, attack, predict
from torque_core.datasets import DATASETS, DatasetSpec, load
from torque_core.errors import BadConfig
from torque_core.experiments.experiment import REWIRING, Result, register_kind
from torque_core.methods.catalog import Options, find_method
from torque_core.rewiring.spec import RewireSpec
from torque_core.training import Event, Finished, TrainSpec, train
from torque_core.training.task import score_of

__all__ = ["DEFENCES", "Attack", "Defence"]


@dataclass(frozen=True)
class Defence:
    """A method under attack.

    Attributes:
        method: A key of :data:`~torque_core.methods.catalog.METHODS`.
        threat: ``direct``: the attack flips edges of the graph that the model receives; ``adaptive``: it computes its
            gradients through the rewiring; ``oblivious``: it ignores the pruning, which then removes some of its edges;
            ``transfer``: the edges flipped by the attack on the plain model.
        description: The attack in words.
        rewiring: Options of the rewiring.
    """

    method: str
    threat: Literal["direct", "adaptive", "oblivious", "transfer"]
    description: str
    rewiring: Options = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The method and the attack, for readers."""
        return f"{find_method(self.method).title}: {self.description}"


DEFENCES: Mapping[str, Defence] = MappingProxyType(
    {
        "plain": Defence("plain", "direct", "attacked directly"),
        "mlp": Defence("mlp", "direct", "does not use the edges"),
        "jaccard": Defence("jaccard", "oblivious", "attacked without knowledge of its pruning"),
        "jaccard_adaptive": Defence("jaccard", "adaptive", "attacked through its pruning"),
        "gnnguard": Defence("gnnguard", "direct", "attacked through its weights"),
        "torque_screened": Defence("torque_screened", "adaptive", "attacked through its relaxation"),
        "torque_adaptive": Defence("torque", "adaptive", "attacked through its relaxation"),
        "torque_transfer": Defence("torque", "transfer", "edges flipped by the attack on the plain model"),
        "torque_fixed": Defence(
            "torque", "adaptive", "always prunes a quarter, attacked through its relaxation",
            {"cut": "fixed", "fraction": 0.25},
        ),
    }
)  # fmt: skip
"""The attacked methods by key."""

_DEFAULT, _ATTACK = TrainSpec(), AttackSpec()


@register_kind
@dataclass(frozen=True, kw_only=True)
class Attack:
    """Train on the clean graph, then flip edges to lower the test accuracy (evasion), see
    :mod:`torque_core.attacks`.

    Attributes:
        dataset: A key of :data:`~torque_core.datasets.DATASETS` whose metric is accuracy.
        scheme: A split scheme of the data set; None is replaced by its first scheme.
        split: Index of the split.
        defence: A key of :data:`DEFENCES`.
        spec: How to train; with any backbone that supports edge weights, such as ``gprgnn``.
        attack: Budget and optimisation of the attack.

    Raises:
        BadConfig: If a value is out of range, or the metric of the data set is not accuracy.

    Example:
        >>> brief = Attack(dataset="karate", spec=TrainSpec(epochs=20), attack=AttackSpec(budget=0.05, epochs=5))
        >>> sorted(brief.run().metrics)
        ['before', 'flips', 'seconds', 'test']
    """

    kind: ClassVar[str] = "attack"

    dataset: str
    scheme: str | None = None
    split: int = 0
    defence: str = "plain"
    spec: TrainSpec = _DEFAULT
    attack: AttackSpec = _ATTACK

    def __post_init__(self) -> None:
        """Check all fields."""
        scheme = DatasetSpec(self.dataset, scheme=self.scheme, split=self.split).scheme
        object.__setattr__(self, "scheme", scheme)
        if self.defence not in DEFENCES:
            raise BadConfig(f"defence must be one of {', '.join(DEFENCES)}; got {self.defence!r}")
        if DATASETS[self.dataset].metric != "accuracy":
            raise BadConfig(
                f"an attack lowers accuracy, but {self.dataset!r} is scored by {DATASETS[self.dataset].metric}"
            )

    def run(self) -> Result:
        """Train, attack, and score.

        Returns:
            ``test``: accuracy under attack; ``before``: accuracy before it; ``flips``: number of flipped edges;
            ``seconds``: time of the attack.
        """
        from torque_core.baselines import GCNJaccard

        defence, jaccard = DEFENCES[self.defence], GCNJaccard()
        method = find_method(defence.method)
        data = load(DatasetSpec(self.dataset, scheme=self.scheme, split=self.split)).data
        spec = replace(self.spec, **method.training)
        if defence.method == "mlp":
            end = _trained(train(data, spec))
            return Result({"test": end.test, "before": end.test, "flips": 0, "seconds": 0.0})
        rewiring = None
        if method.rewiring is not None:
            rewiring = RewireSpec(**{**REWIRING, **method.rewiring, **defence.rewiring}, seed=spec.seed)
        pruned = jaccard(data) if defence.method == "jaccard" else data
        through = rewiring if defence.threat == "adaptive" else None
        end = _trained(train(pruned, spec, rewiring=through, device="cpu"))
        started = time.perf_counter()
        if defence.method == "jaccard" and defence.threat == "adaptive":
            attacked = attack(end.model, data, self.attack, edge_filter=partial(jaccard.keeps, data["x"].float()))
        else:
            attacked = attack(end.model, pruned, self.attack, rewiring=through)
        seconds = time.perf_counter() - started
        before: float | None = attacked.before
        after: float | None = attacked.after
        if defence.threat == "oblivious":
            after = _accuracy(predict(end.model, jaccard(attacked.data)), data)
        elif defence.threat == "transfer":
            model = _trained(train(data, spec, rewiring=rewiring, device="cpu")).model
            before, after = (
                _accuracy(predict(model, graph, rewiring=rewiring), data) for graph in (data, attacked.data)
            )
        flips = attacked.added.size(1) + attacked.removed.size(1)
        return Result({"test": after, "before": before, "flips": flips, "seconds": round(seconds, 3)})


def _trained(events: Iterable[Event]) -> Finished:
    *_, end = events
    assert isinstance(end, Finished)
    if end.test is None:
        raise BadConfig("the attack targets test nodes; choose a split with test nodes")
    return end


def _accuracy(logits: Tensor, data: Data) -> float | None:
    return score_of(logits, data["y"], data["test_mask"], "accuracy")
