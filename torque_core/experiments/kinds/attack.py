"""The experiment that attacks a trained model by flipping edges, with full knowledge of it."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

from torch import Tensor
from torch_geometric.data import Data

from torque_core.attacks.prbcd import AttackSpec, attack, predict
from torque_core.datasets import DATASETS, DatasetSpec, load
from torque_core.errors import BadConfig
from torque_core.experiments.experiment import Result, register_kind
from torque_core.rewiring.spec import RewireSpec
from torque_core.training.loop import Event, Finished, TrainSpec, train
from torque_core.training.task import score_of

__all__ = ["DEFENCES", "Attack"]

DEFENCES = {
    "plain": "GNN as it is, attacked itself",
    "mlp": "MLP: edges do not matter to it",
    "jaccard": "GCN-Jaccard: the attack does not know of its pruning",
    "jaccard_adaptive": "GCN-Jaccard, attacked through its pruning",
    "torque_adaptive": "Torque, attacked through its relaxation",
    "torque_transfer": "Torque, on the graph of the attack on the plain model",
    "torque_fixed": "Torque that always prunes a quarter, attacked through its relaxation",
}
"""Who is attacked and how, by name."""

_DEFAULT, _ATTACK = TrainSpec(), AttackSpec()


@register_kind
@dataclass(frozen=True, kw_only=True)
class Attack:
    """Train on the graph as it is, then flip edges until the model errs: evasion, see :mod:`torque_core.attacks.prbcd`.

    Attributes:
        dataset: A key of :data:`~torque_core.datasets.DATASETS` whose metric is accuracy.
        scheme: A split scheme of it; None is replaced by the set's first.
        split: Which split of the scheme.
        defence: A key of :data:`DEFENCES`.
        spec: How to train.
        attack: How strong the attack is.

    Raises:
        BadConfig: A value that cannot be.

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
        """Check every field."""
        scheme = DatasetSpec(self.dataset, scheme=self.scheme, split=self.split).scheme
        object.__setattr__(self, "scheme", scheme)
        if self.defence not in DEFENCES:
            raise BadConfig(f"defence must be one of {', '.join(DEFENCES)}; got {self.defence!r}")
        if DATASETS[self.dataset].metric != "accuracy":
            raise BadConfig(
                f"an attack lowers accuracy, but {self.dataset!r} is scored by {DATASETS[self.dataset].metric}"
            )

    def run(self) -> Result:
        """``test`` accuracy after the attack and ``before`` it, the number of ``flips``, ``seconds`` of the attack."""
        from torque_core.baselines import JaccardPrune

        jaccard = JaccardPrune()
        data = load(DatasetSpec(self.dataset, scheme=self.scheme, split=self.split)).data
        rewiring = RewireSpec(seed=self.spec.seed)
        if self.defence == "torque_fixed":
            rewiring = replace(rewiring, cut="fixed", fraction=0.25)
        if self.defence == "mlp":
            end = _trained(train(data, replace(self.spec, backbone="mlp")))
            return Result({"test": end.test, "before": end.test, "flips": 0, "seconds": 0.0})
        pruned = jaccard(data) if self.defence.startswith("jaccard") else data
        through = rewiring if self.defence in ("torque_adaptive", "torque_fixed") else None
        end = _trained(train(pruned, self.spec, rewiring=through, device="cpu"))
        started = time.perf_counter()
        if self.defence == "jaccard_adaptive":
            found = attack(end.model, data, self.attack, passes=partial(jaccard.passes, data["x"].float()))
        else:
            found = attack(end.model, pruned, self.attack, rewiring=through)
        seconds = time.perf_counter() - started
        before: float | None = found.before
        after: float | None = found.after
        if self.defence == "jaccard":
            after = _accuracy(predict(end.model, jaccard(found.data)), data)
        elif self.defence == "torque_transfer":
            model = _trained(train(data, self.spec, rewiring=rewiring, device="cpu")).model
            before, after = (_accuracy(predict(model, graph, rewiring=rewiring), data) for graph in (data, found.data))
        flips = found.added.size(1) + found.removed.size(1)
        return Result({"test": after, "before": before, "flips": flips, "seconds": round(seconds, 3)})


def _trained(events: Iterable[Event]) -> Finished:
    *_, end = events
    assert isinstance(end, Finished)
    if end.test is None:
        raise BadConfig("an attack aims at test nodes; choose a split that has some")
    return end


def _accuracy(logits: Tensor, data: Data) -> float | None:
    return score_of(logits, data["y"], data["test_mask"], "accuracy")
