"""Studies of clean graphs, without noise: do rewired graphs help where nothing was disturbed?"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from torque_core.experiments.plans import Cell, Study
from torque_core.experiments.studies.base import (
    ABLATIONS,
    BACKBONES,
    DEEP,
    FIVE_SPLITS,
    LARGE,
    MEDIUM,
    SMALL,
    STUDIES,
    TORQUE,
    TRAINING,
    cell,
    clean_study,
    mlp_cells,
)

__all__ = [
    "clean",
    "clean_deep",
    "clean_gpr",
    "clean_hops",
    "clean_large",
    "clean_medium",
    "clean_others",
    "clean_peers",
    "clean_relational",
    "clean_separate",
    "clean_validated",
]

_OTHERS = (
    *("wisconsin", "citeseer", "squirrel_filtered", "roman_empire", "amazon_ratings", "questions"),
    *("wikics", "penn94", "flickr"),
)
_HETEROPHILOUS = ("reed98", "minesweeper", "squirrel", "tolokers")

_RELATIONAL = (
    "torque_relational",
    "torque_default_relational",
    "ablation_random_relational",
    "ablation_cosine_relational",
)
_FAST_PEERS = ("gdc", "jaccard", "cosine", "fosr")
_PEERS = (*_FAST_PEERS, "sdrf", "borf")
_FURTHER_PEERS = ("delaunay", "dhgr", "jdr")
_SPARSIFIERS = (
    *("triangles", "neighbourhood_jaccard", "local_similarity", "local_degree", "chance_triangles"),
    "structural_similarity",
)
_FEW = ("plain", "mlp", "torque", "torque_default", "ablation_random", "gdc")

_SEPARATE = replace(TRAINING, separate=True)
_GPR: dict[str, Any] = {"training": replace(TRAINING, backbone="gprgnn")}
_HOPS: dict[str, Any] = {"training": replace(TRAINING, backbone="fsgnn"), "layers": 3}


@STUDIES.register("clean")
def clean() -> Study:
    """Small clean graphs: backbones, and torque, its ablations and its peers on a GCN."""
    return clean_study("clean", SMALL, (*BACKBONES, *TORQUE, *_PEERS), trials=8)


@STUDIES.register("clean_medium")
def clean_medium() -> Study:
    """As `clean`, on graphs of some thousand nodes, without the methods based on curvature."""
    return clean_study("clean_medium", MEDIUM, (*BACKBONES, *TORQUE, *_FAST_PEERS), trials=8)


@STUDIES.register("clean_large")
def clean_large() -> Study:
    """As `clean`, on larger graphs: fewer methods, less tuning, five splits."""
    return clean_study("clean_large", LARGE, (*_FEW, "ablation_cosine", "ablation_fixed"), trials=4, splits=FIVE_SPLITS)


@STUDIES.register("clean_others")
def clean_others() -> Study:
    """As `clean`, on data sets without shipped results."""
    return clean_study("clean_others", _OTHERS, _FEW, trials=4)


@STUDIES.register("clean_peers")
def clean_peers() -> Study:
    """Small clean graphs: rewiring methods made for heterophilous graphs, and sparsifiers, on a GCN."""
    methods = ("plain", "torque", "ablation_random", *_FURTHER_PEERS, *_SPARSIFIERS)
    return clean_study("clean_peers", SMALL, methods, trials=8)


@STUDIES.register("clean_separate")
def clean_separate() -> Study:
    """Small heterophilous clean graphs, on a GCN that transforms a node and its neighbours separately."""
    methods = ("plain", *TORQUE, *_FAST_PEERS)
    cells = clean_study("clean_separate", SMALL[:3], methods, trials=8, training=_SEPARATE)
    return Study("clean_separate", (*cells.plans, *mlp_cells(SMALL[:3])))


@STUDIES.register("clean_relational")
def clean_relational() -> Study:
    """Clean graphs, on a GCN that uses pruned edges as a separate relation; ablations prune by other scores."""
    small = clean_study("clean_relational", (*SMALL, *MEDIUM), ("plain", "mlp", *_RELATIONAL), trials=8)
    large = clean_study(
        "clean_relational", _HETEROPHILOUS, ("plain", "mlp", *_RELATIONAL), trials=8, splits=FIVE_SPLITS
    )
    alike = clean_study(
        "clean_relational",
        ("amazon_photo", "pubmed"),
        ("plain", "mlp", "torque_default_relational"),
        trials=4,
        splits=FIVE_SPLITS,
    )
    return Study("clean_relational", (*small.plans, *large.plans, *alike.plans))


@STUDIES.register("clean_hops")
def clean_hops() -> Study:
    """Clean graphs, on a tuned FSGNN of three hops; torque and its ablations with default settings."""
    methods = ("plain", *ABLATIONS, "torque_auto")
    hops = clean_study("clean_hops", (*SMALL, "actor"), methods, trials=8, space=(), **_HOPS)
    return Study("clean_hops", (*hops.plans, *mlp_cells((*SMALL, "actor"))))


@STUDIES.register("clean_gpr")
def clean_gpr() -> Study:
    """Clean graphs, on GPR-GNN: torque and its ablations."""
    small = clean_study("clean_gpr", (*SMALL, "actor"), ("plain", "mlp", *TORQUE), trials=8, **_GPR)
    large = clean_study("clean_gpr", ("pubmed",), ("plain", "mlp", *TORQUE), trials=8, splits=FIVE_SPLITS, **_GPR)
    return Study("clean_gpr", (*small.plans, *large.plans))


@STUDIES.register("clean_validated")
def clean_validated() -> Study:
    """Clean graphs: automatic lever and force; the validation score decides between pruning and no pruning."""
    return Study(
        "clean_validated",
        (
            *(cell for dataset in (*SMALL, *MEDIUM) for cell in _validated(dataset, trials=8)),
            *(cell for dataset in LARGE for cell in _validated(dataset, trials=4, splits=FIVE_SPLITS)),
        ),
    )


def _validated(dataset: str, **options: Any) -> Iterator[Cell]:
    yield cell("plain", dataset, **options)
    auto = cell("torque_auto", dataset, space=(("cut", ("gap", "none")),), **options)
    yield replace(auto, label="torque or no pruning, by validation")


@STUDIES.register("clean_deep")
def clean_deep() -> Study:
    """Data sets that need a deep GCN, on five layers with residual connections and layer norm; five splits."""
    methods = ("plain", "mlp", *ABLATIONS, "torque_default_relational", "torque_auto")
    return clean_study("clean_deep", ("minesweeper", "tolokers"), methods, **DEEP)
