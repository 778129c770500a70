"""The studies of this project by name."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from torque_core.attacks.prbcd import AttackSpec
from torque_core.experiments.kinds.attack import DEFENCES, Attack
from torque_core.experiments.kinds.detection import Detection
from torque_core.experiments.kinds.squashing import TREE_METHODS, Squashing, SquashingTrees
from torque_core.experiments.kinds.training import Training
from torque_core.experiments.plans import Cell, Fixed, Plan, Study
from torque_core.graph.noise import Noise
from torque_core.training.loop import TrainSpec
from torque_core.utils.registry import Registry

__all__ = ["STUDIES"]

STUDIES: Registry[Callable[[], Study]] = Registry("study")
"""What makes each study, by its name; ``STUDIES.register(name)`` adds yours."""

_SHORT = TrainSpec(epochs=20, warmup=5, refresh_every=10, hidden=16)


@STUDIES.register("smoke")
def smoke() -> Study:
    """Seconds long, to see that all works: four methods on two small graphs, nothing tuned."""
    return Study("smoke", _small(trials=0))


@STUDIES.register("smoke_tuned")
def smoke_tuned() -> Study:
    """The same, with two trials of tuning."""
    return Study("smoke_tuned", _small(trials=2))


def _small(trials: int) -> tuple[Cell, ...]:
    return tuple(
        Cell(method, method, dataset, splits=(0, 1), rate=0.2, trials=trials, training=_SHORT)
        for dataset in ("karate", "block_model")
        for method in ("plain", "mlp", "torque_gap", "random")
    )


# small to large, each with its own splits
_SMALL = ("texas", "cornell", "chameleon_filtered", "cora")
_MEDIUM = ("chameleon", "actor")
_LARGE = ("reed98", "minesweeper", "pubmed", "amazon_photo", "squirrel", "tolokers")
_UNLIKE = ("reed98", "minesweeper", "squirrel", "tolokers")
_OTHERS = ("wisconsin", "citeseer", "squirrel_filtered", "roman_empire", "amazon_ratings", "questions")

# where the set's first scheme is another
_TEN_SPLITS = dict.fromkeys(("cora", "citeseer", "pubmed"), "geom-gcn")

_GNNS = ("plain", "mlp", "sage", "gat", "gprgnn")
_TORQUE = ("torque", "torque_gap", "torque_auto", "random", "cosine_score", "fixed")
_APART = ("torque_apart", "torque_gap_apart", "random_apart", "cosine_apart")
_QUICK_PEERS = ("gdc", "jaccard", "cosine", "fosr")
_PEERS = (*_QUICK_PEERS, "sdrf", "borf")

_FEW = ("plain", "mlp", "torque", "torque_gap", "random", "gdc")
_ROBUST = ("plain", "mlp", "torque_gap", "torque_auto", "random", "cosine_score", "fixed", "jaccard", "cosine")
_CONTROLLED = ("torque_gap", "random", "cosine_score", "fixed")
_RATES = (0.0, 0.2, 0.5, 1.0)
_FEW_RATES = (0.0, 0.5, 1.0)

_TRAINING = TrainSpec(epochs=200, patience=60)
# a GCN is still learning there when others have long ended, and below what is published of it
_LONGER = {"squirrel": replace(_TRAINING, epochs=600, patience=150)}
_SEPARATE = replace(_TRAINING, separate=True)
_GPR: dict[str, Any] = {"training": replace(_TRAINING, backbone="gprgnn")}
_HOPS: dict[str, Any] = {"training": replace(_TRAINING, backbone="fsgnn"), "layers": 3}
_FIVE = tuple(range(5))  # splits, where a run takes long
_DEEP: dict[str, Any] = {
    "training": TrainSpec(
        epochs=500, patience=100, learning_rate=0.003, weight_decay=0.0, dropout=0.2, residual=True, norm="layer"
    ),
    "layers": 5,
    "trials": 0,
    "splits": _FIVE,
}


@STUDIES.register("clean")
def clean() -> Study:
    """Small graphs as they are: backbones, torque, its controls and its peers on a GCN."""
    return _clean("clean", _SMALL, (*_GNNS, *_TORQUE, *_PEERS), trials=8)


@STUDIES.register("clean_medium")
def clean_medium() -> Study:
    """The same on graphs of some thousand nodes, without the curvatures."""
    return _clean("clean_medium", _MEDIUM, (*_GNNS, *_TORQUE, *_QUICK_PEERS), trials=8)


@STUDIES.register("clean_large")
def clean_large() -> Study:
    """The same on the larger graphs: fewer methods, less tuning, five splits."""
    return _clean("clean_large", _LARGE, (*_FEW, "cosine_score", "fixed"), trials=4, splits=_FIVE)


@STUDIES.register("clean_others")
def clean_others() -> Study:
    """The same on the sets that no shipped result is of."""
    return _clean("clean_others", _OTHERS, _FEW, trials=4)


@STUDIES.register("clean_separate")
def clean_separate() -> Study:
    """Small heterophilous graphs as they are, on a GCN that keeps a node apart from its neighbours."""
    methods = ("plain", *_TORQUE, *_QUICK_PEERS)
    apart = _clean("clean_separate", _SMALL[:3], methods, trials=8, training=_SEPARATE)
    return Study("clean_separate", (*apart.plans, *_mlps(_SMALL[:3])))


@STUDIES.register("clean_apart")
def clean_apart() -> Study:
    """Graphs as they are, on a GCN that hears pruned edges apart, with as much cut and heard apart by other scores."""
    small = _clean("clean_apart", (*_SMALL, *_MEDIUM), ("plain", "mlp", *_APART), trials=8)
    large = _clean("clean_apart", _UNLIKE, ("plain", "mlp", *_APART), trials=8, splits=_FIVE)
    alike = _clean(
        "clean_apart", ("amazon_photo", "pubmed"), ("plain", "mlp", "torque_gap_apart"), trials=4, splits=_FIVE
    )
    return Study("clean_apart", (*small.plans, *large.plans, *alike.plans))


@STUDIES.register("clean_hops")
def clean_hops() -> Study:
    """Graphs as they are, on FSGNN of three hops, tuned; torque and its control as they come."""
    methods = ("plain", "torque_gap", "torque_auto", "random", "cosine_score", "fixed")
    hops = _clean("clean_hops", (*_SMALL, "actor"), methods, trials=8, space=(), **_HOPS)
    return Study("clean_hops", (*hops.plans, *_mlps((*_SMALL, "actor"))))


@STUDIES.register("clean_gpr")
def clean_gpr() -> Study:
    """Graphs as they are, on GPR-GNN: torque and its controls."""
    small = _clean("clean_gpr", (*_SMALL, "actor"), ("plain", "mlp", *_TORQUE), trials=8, **_GPR)
    large = _clean("clean_gpr", ("pubmed",), ("plain", "mlp", *_TORQUE), trials=8, splits=_FIVE, **_GPR)
    return Study("clean_gpr", (*small.plans, *large.plans))


@STUDIES.register("clean_checked")
def clean_checked() -> Study:
    """Graphs as they are: torque of the form that fits, or no cut at all, whichever validation prefers."""
    return Study(
        "clean_checked",
        (
            *(cell for dataset in (*_SMALL, *_MEDIUM) for cell in _checked(dataset, trials=8)),
            *(cell for dataset in _LARGE for cell in _checked(dataset, trials=4, splits=_FIVE)),
        ),
    )


def _checked(dataset: str, **more: Any) -> Iterator[Cell]:
    yield _cell("plain", dataset, **more)
    auto = _cell("torque_auto", dataset, space=(("cut", ("gap", "none")),), **more)
    yield replace(auto, label="torque, checked")


@STUDIES.register("clean_deep")
def clean_deep() -> Study:
    """Sets that need a deep GCN, on one: five layers with residual links and layer norm; five splits."""
    methods = ("plain", "mlp", "torque_gap", "torque_gap_apart", "torque_auto", "random", "cosine_score", "fixed")
    return _clean("clean_deep", ("minesweeper", "tolokers"), methods, **_DEEP)


@STUDIES.register("noise")
def noise() -> Study:
    """Inserted edges in the largest component of Cora, at 10 / 10 / 80."""
    methods = ("plain", "mlp", *_TORQUE, "torque_gap_apart", *_QUICK_PEERS[:3])
    return Study("noise", tuple(_over_rates("cora", methods, _RATES, scheme="component-10-10-80")))


@STUDIES.register("noise_more")
def noise_more() -> Study:
    """Inserted edges on more graphs, each on its own splits: filtered Chameleon, Cora, Actor; PubMed not tuned."""
    return Study(
        "noise_more",
        (
            *_over_rates("chameleon_filtered", (*_ROBUST, "torque_apart", "random_apart"), _RATES),
            *_over_rates("cora", (*_ROBUST, "torque_gap_apart"), _RATES),
            *_over_rates("actor", _ROBUST[:7], _RATES),
            *_over_rates("pubmed", ("plain", "mlp", *_CONTROLLED), _FEW_RATES, trials=0, splits=_FIVE),
        ),
    )


@STUDIES.register("noise_deep")
def noise_deep() -> Study:
    """Inserted edges on Minesweeper, on the model of ``clean_deep``; random prunes and adds as much as torque_auto."""
    methods = ("plain", "mlp", "torque_gap", "torque_auto", "cosine_score", "fixed", "jaccard")
    auto = (("force", "auto"), ("lever", "auto"))
    return Study(
        "noise_deep",
        (
            *_over_rates("minesweeper", methods, _FEW_RATES, **_DEEP),
            *_over_rates("minesweeper", ("random",), _FEW_RATES, options=auto, **_DEEP),
        ),
    )


@STUDIES.register("noise_kinds")
def noise_kinds() -> Study:
    """Other noise on the largest component of Cora: edges inserted by degree, DICE, deletion, blurred features."""
    methods = ("plain", "mlp", "torque_auto", *_CONTROLLED, "jaccard", "gdc")
    rates = {"insert_by_degree": (0.2, 0.5, 1.0), "dice": (0.2, 0.4, 0.6), "delete": (0.2, 0.5), "features": (0.5, 1.0)}
    return Study(
        "noise_kinds",
        tuple(
            cell
            for kind, levels in rates.items()
            for cell in _over_rates("cora", methods, levels, scheme="component-10-10-80", noise_kind=kind)
        ),
    )


def _clean(name: str, datasets: Sequence[str], methods: Sequence[str], **more: Any) -> Study:
    return Study(name, tuple(_cell(method, dataset, **more) for dataset in datasets for method in methods))


def _mlps(datasets: Sequence[str]) -> tuple[Plan, ...]:
    """The MLP of ``clean``, to stand beside other backbones: what an MLP cannot hear does not depend on them."""
    return tuple(_cell("mlp", dataset, trials=8) for dataset in datasets)


def _cell(method: str, dataset: str, **more: Any) -> Cell:
    return Cell(
        method,
        method,
        dataset,
        **{"training": _LONGER.get(dataset, _TRAINING), "scheme": _TEN_SPLITS.get(dataset), **more},
    )


def _over_rates(dataset: str, methods: Sequence[str], rates: Sequence[float], **more: Any) -> Iterator[Cell]:
    """Options are tuned once, at the middle rate, and then the same at all."""
    middle = rates[len(rates) // 2]
    for method in methods:
        for rate in rates:
            yield _cell(method, dataset, **{"rate": rate, "trials": 6, "tune_rate": middle, **more})


@STUDIES.register("questions")
def questions() -> Study:
    """What each part of torque is good for: Cora's largest component, +50 % edges, nothing tuned."""
    variants: dict[str, tuple[str, dict[str, Any], TrainSpec]] = {
        "plain": ("plain", {}, _TRAINING),
        "mlp": ("mlp", {}, _TRAINING),
        "torque_gap": ("torque_gap", {}, _TRAINING),
        "torque_auto": ("torque_auto", {}, _TRAINING),
        "random": ("random", {}, _TRAINING),
        "cosine_score": ("cosine_score", {}, _TRAINING),
        "one graph for all layers": ("one_graph", {}, _TRAINING),
        "each layer from the last": ("torque_gap", {"hierarchy": "nested"}, _TRAINING),
        "kept edges weigh alike": ("torque_gap", {"weight_by_confidence": False}, _TRAINING),
        "a warm-up of 20 epochs": ("torque_gap", {}, replace(_TRAINING, warmup=20)),
        "no model's beliefs": ("torque_gap", {}, replace(_TRAINING, refresh_every=2000)),
        "nothing added": ("torque_gap", {"additions": 0.0}, _TRAINING),
        "nothing pruned": ("torque_gap", {"cut": "none"}, _TRAINING),
        "lever alone": ("torque_gap", {"force": "unit"}, _TRAINING),
        "force alone": ("torque_gap", {"lever": "unit"}, _TRAINING),
        "vector torque": ("torque_gap", {"product": "cross"}, _TRAINING),
        "neighbourhood lever": ("torque_gap", {"lever": "neighbourhood"}, _TRAINING),
        "combined lever": ("torque_gap", {"lever": "combined"}, _TRAINING),
        "pair force": ("torque_gap", {"force": "pair"}, _TRAINING),
        **{f"cut {cut}": ("torque_gap", {"cut": cut}, _TRAINING) for cut in ("otsu", "mixture", "bernoulli")},
        **{
            f"fixed {share:.0%}": ("torque_gap", {"cut": "fixed", "fraction": share}, _TRAINING)
            for share in (0.1, 0.3, 0.5, 0.7)
        },
    }
    return Study(
        "questions",
        tuple(
            Cell(
                label,
                method,
                "cora",
                scheme="component-10-10-80",
                rate=0.5,
                options=tuple(sorted(options.items())),
                trials=0,
                training=training,
            )
            for label, (method, options, training) in variants.items()
        ),
    )


@STUDIES.register("detection")
def detection() -> Study:
    """How well torque in its forms, and its rivals, find inserted edges: AUROC, five draws of each noise."""
    sets = (("cora", "component-10-10-80"), ("texas", None), ("chameleon_filtered", None), ("actor", None))
    large = (("minesweeper", None), ("pubmed", "geom-gcn"))
    return Study(
        "detection",
        tuple(
            Fixed("detection", tuple(_detections(dataset, scheme, kind)))
            for dataset, scheme in (*sets, *large)
            for kind in ("insert", "insert_by_degree")
        ),
    )


@STUDIES.register("attack")
def attack() -> Study:
    """Adaptive attacks that flip a tenth of the edges of the largest component of Cora; three splits."""
    return Study(
        "attack",
        tuple(
            Fixed(
                defence,
                tuple(
                    Attack(
                        dataset="cora",
                        scheme="component-10-10-80",
                        split=split,
                        defence=defence,
                        spec=replace(_TRAINING, seed=split),
                        attack=AttackSpec(budget=0.1, epochs=50, seed=split),
                    )
                    for split in range(3)
                ),
            )
            for defence in DEFENCES
        ),
    )


def _detections(dataset: str, scheme: str | None, kind: str) -> Iterator[Detection]:
    for rate in (0.2, 0.5, 1.0):
        for draw in range(5):
            yield Detection(dataset=dataset, scheme=scheme, split=draw, noise=Noise(kind, rate, draw))


@STUDIES.register("labels")
def labels() -> Study:
    """Few labels: Cora with 5, 10, 20 and 40 training nodes of each class, as it is and with +50 % edges; not tuned."""
    return Study(
        "labels",
        tuple(
            _cell(method, "cora", scheme=f"per-class-{train}", rate=rate, trials=0, splits=tuple(range(8)))
            for train in (5, 10, 20, 40)
            for rate in (0.0, 0.5)
            for method in ("plain", "mlp", *_CONTROLLED, "gdc")
        ),
    )


# rewired by beliefs so often that the best epoch comes after them: else validation chooses one before
_BELIEVING = replace(_TRAINING, refresh_every=5, patience=40)


@STUDIES.register("pseudo_labels")
def pseudo_labels() -> Study:
    """Wrong pseudo-labels on purpose: Cora's largest component, +50 % edges, rewired every 5 epochs; not tuned."""
    plans = [_mistaken(method, method, training=_BELIEVING) for method in ("plain", "mlp")]
    for share in (0.0, 0.1, 0.3, 0.5):
        plans += [
            _mistaken(f"{force}, {share:.0%} wrong", "torque_gap", force=force, share=share, training=_BELIEVING)
            for force in ("dirichlet", "pair", "disparity")
        ]
    plans += [
        _mistaken(f"dirichlet every 60 epochs, {share:.0%} wrong", "torque_gap", share=share, training=_TRAINING)
        for share in (0.0, 0.5)
    ]
    return Study("pseudo_labels", tuple(plans))


def _mistaken(label: str, method: str, *, training: TrainSpec, force: str | None = None, share: float = 0.0) -> Fixed:
    return Fixed(
        label,
        tuple(
            Training(
                dataset="cora",
                scheme="component-10-10-80",
                split=split,
                noise=Noise("insert", 0.5, split),
                method=method,
                options=() if force is None else (("force", force),),
                spec=replace(training, seed=split),
                belief_errors=share,
            )
            for split in range(5)
        ),
    )


# assignments and trees in a batch by depth: eight batches of all 76 trees for training, or of 512
_TREES = {2: (24, 10), 3: (80, 64), 4: (40, 64), 5: (20, 64)}


@STUDIES.register("squashing")
def squashing() -> Study:
    """Over-squashing: trees that are 2 to 5 deep, and what nodes hear in Cora's largest component, +0 % and +50 %."""
    return Study(
        "squashing",
        (
            *(
                Fixed(
                    f"{method}, {backbone}",
                    tuple(
                        SquashingTrees(
                            depth=depth,
                            assignments=assignments,
                            batch=batch,
                            method=method,
                            backbone=backbone,
                            epochs=80,
                        )
                        for depth, (assignments, batch) in _TREES.items()
                    ),
                )
                for backbone in ("gcn", "sum")
                for method in TREE_METHODS
            ),
            *(
                Fixed(
                    method,
                    tuple(
                        Squashing(
                            dataset="cora",
                            scheme="component-10-10-80",
                            split=split,
                            noise=Noise("insert", rate, split),
                            method=method,
                            spec=replace(_TRAINING, seed=split),
                        )
                        for rate in (0.0, 0.5)
                        for split in range(3)
                    ),
                )
                for method in ("plain", "torque_gap", "random", "fosr")
            ),
        ),
    )
