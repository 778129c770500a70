"""Studies of attacks: on trained models and their rewiring, and on the graph that they are trained on."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from torque_core.attacks import AttackSpec
from torque_core.attacks.noise import METATTACKS, Noise
from torque_core.experiments.kinds.attack import DEFENCES, Attack
from torque_core.experiments.kinds.detection import Detection
from torque_core.experiments.plans import Fixed, Study
from torque_core.experiments.studies.base import COMPONENT, STUDIES, TRAINING, poisoned

__all__ = ["attack", "attack_poisoning"]

_RATES = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25)
_TENTH = 0.1
_THREE, _FIRST = (0, 1, 2), (0,)
# splits and seeds of each attack
_PLACES = {
    ("cora", "metattack"): (_THREE, tuple(range(4))),
    ("cora", "prbcd"): (_THREE, _FIRST),
    ("chameleon_filtered", "metattack"): (_THREE, _FIRST),
    ("chameleon_filtered", "prbcd"): (_THREE, _FIRST),
    ("digits", "metattack"): (_FIRST, tuple(range(10))),
    ("digits", "prbcd"): (_FIRST, _THREE),
}
_METHODS = (
    "plain", "mlp", "torque_screened", "torque_unlabelled", "torque_bounded", "torque_default", "ablation_random",
    "ablation_cosine", "ablation_fixed", "jaccard", "gnnguard",
)  # fmt: skip
# minutes per training, on larger graphs more
_SLOW = {
    "cora": ("gcn_svd", "soft_median", "soft_medoid"),
    "chameleon_filtered": ("gcn_svd", "soft_median", "soft_medoid", "pro_gnn"),
    "digits": ("gcn_svd", "soft_medoid", "pro_gnn"),
}  # fmt: skip
_SLOW_RATES = (0.05, 0.15, 0.25)
_CUT = (("cut", "bounded_gap"),)
_TORQUE = (("force", "energy"), ("screen", True))
_DEFAULT_CUT: dict[str, tuple[tuple[str, Any], ...]] = {
    "ablation_random": (*_CUT, *_TORQUE),
    "ablation_cosine": _CUT,
    "ablation_fixed": _TORQUE,
}


@STUDIES.register("attack")
def attack() -> Study:
    """Adaptive attacks that flip a tenth of the edges of the largest component of Cora; three splits."""
    former = [defence for defence in DEFENCES if defence not in ("torque_screened", "gnnguard")]
    return Study("attack", tuple(_evasion(defence) for defence in former))


@STUDIES.register("attack_poisoning")
def attack_poisoning() -> Study:
    """Metattack and PRBCD before training: torque, its ablations and other defences, and the detection of flips.

    Nothing is tuned, so that every method has the same budget. The ablations have the default cut. There is an attack
    for each split, except for the digits, of which one split is attacked. Metattack on Cora has four random seeds for
    each split, on the digits ten; PRBCD on the digits has three. Slow defences have the first split after Metattack,
    three rates and one seed, where the graph is small enough for them.
    """
    return Study("attack_poisoning", (*_poisoned(), *_detected()))


def _poisoned() -> Iterator[Fixed]:
    """Yield the trainings of each method on each poisoned graph, and without an attack."""
    for (dataset, kind), (splits, seeds) in _PLACES.items():
        for method in (*_METHODS, *(_SLOW[dataset] if kind == "metattack" else ())):
            slow = method in _SLOW[dataset]
            yield poisoned(
                method,
                dataset,
                kind,
                _SLOW_RATES if slow else _RATES,
                splits=splits[:1] if slow else splits,
                seeds=seeds[:1] if slow else seeds,
                options=_DEFAULT_CUT.get(method, ()),
            )


def _detected() -> Iterator[Fixed]:
    """Yield the detection of the flips of each attack."""
    for (dataset, kind), (splits, _) in _PLACES.items():
        yield Fixed(
            "detection",
            tuple(
                Detection(dataset=dataset, scheme=COMPONENT, split=split, noise=Noise(kind, rate, split))
                for rate in _RATES[1:]
                for split in splits
            ),
        )


@STUDIES.register("attack_adaptive")
def attack_adaptive() -> Study:
    """Attackers who know the defence, at a tenth of the edges of Cora: before training, and on the trained model.

    Before training, Metattack knows one of the defences, or none; each method is trained on each of the attacked graphs
    (three splits with an attack each, three random seeds). On the trained model, PRBCD computes its gradients through
    the defence (three splits). Stated before the first run: torque holds if it is ahead of a plain GCN, GCN-Jaccard and
    GNNGuard, each under the strongest of the attacks on it.
    """
    return Study("attack_adaptive", (*_knowing(), *_through()))


def _knowing() -> Iterator[Fixed]:
    """Yield the trainings of each method on each graph that Metattack changed."""
    for method in ("plain", "mlp", "torque_screened", "jaccard", "gnnguard"):
        for kind in METATTACKS:
            yield poisoned(method, "cora", kind, (_TENTH,), splits=_THREE, seeds=_THREE)


def _through() -> Iterator[Fixed]:
    """Yield the attacks on trained models."""
    for defence in ("plain", "mlp", "torque_screened", "jaccard_adaptive", "gnnguard"):
        yield _evasion(defence)


def _evasion(defence: str) -> Fixed:
    """Return PRBCD on three splits of Cora."""
    return Fixed(
        defence,
        tuple(
            Attack(
                dataset="cora",
                scheme=COMPONENT,
                split=split,
                defence=defence,
                spec=replace(TRAINING, seed=split),
                attack=AttackSpec(budget=_TENTH, epochs=50, seed=split),
            )
            for split in _THREE
        ),
    )
