"""The catalog of methods: backbones, torque, its ablations and its peers, each registered once with all its properties.

The comparison, training, robustness runs, studies, attacks, the benchmark and the app list and run the methods of this
catalog. A plugin adds its own with :func:`register_method`, see :mod:`torque_core.utils.plugins`.
"""

from functools import partial
from types import MappingProxyType

from torque_core.baselines import PEERS, rewire_at_random
from torque_core.baselines.pro_gnn import MOST_NODES
from torque_core.methods.method import (
    METHODS,
    Context,
    Method,
    Options,
    Space,
    find_method,
    methods_for,
    register_method,
    rewiring_options,
)
from torque_core.rewiring.rewire import rewire, rewire_without_labels
from torque_core.rewiring.transform import TorqueRewire

__all__ = [
    "METHODS",
    "TRAINING_SPACE",
    "Context",
    "Method",
    "Options",
    "Space",
    "find_method",
    "methods_for",
    "register_method",
    "rewiring_options",
]

TRAINING_SPACE: Space = MappingProxyType(
    {
        "learning_rate": (0.01, 0.005, 0.02, 0.05),
        "weight_decay": (5e-4, 0.0, 5e-5, 5e-3),
        "dropout": (0.5, 0.2, 0.7),
    }
)
"""Search space of the training hyper-parameters. As in every space, the first value of each is the default."""

_LEVERS_AND_FORCES: Space = {"lever": ("structural", "feature", "combined"), "force": ("dirichlet", "unit", "cosine")}
_FRACTIONS = ("fixed:0.25", "fixed:0.5", "fixed:0.75", "fixed:0.9", "fixed:1.0")
_CUT: Space = {"cut": ("gap", "none", "otsu", "mixture", *_FRACTIONS)}
_RELATIONAL: Options = {"relations": ("kept", "pruned")}
# lever and force as one option: few enough combinations to try, that of the cosine ablation among them
_RELATIONAL_FORMS: Space = {
    "form": ("structural:dirichlet", "combined:dirichlet", "combined:unit", "neighbourhood:unit", "unit:cosine")
}
_RELATIONAL_CUT: Space = {"cut": ("gap", "fixed:0.5", "fixed:0.25", "fixed:0.75", "fixed:1.0")}
# every edge is kept, and again weighted by its torque
_WEIGHTED: Options = {"cut": "none", "additions": 0.0}
_WEIGHT_RELATION: Options = {"relations": ("kept", "torque")}
_ADDITIONS: Space = {"additions": (0.25, 0.0, 1.0, 2.0)}

_SLOW_FROM = 5_000  # nodes

register_method(
    "plain",
    Method(
        title="GNN on the original graph",
        description="Prunes and adds nothing: the baseline of the others.",
        kind="backbone",
        tunes_training=True,
        contexts=("compare", "train", "robustness", "attack"),
    ),
)
register_method(
    "mlp",
    Method(
        title="MLP",
        description="A multilayer perceptron: classifies each node by its own features and ignores the edges.",
        kind="backbone",
        training={"backbone": "mlp"},
        tunes_training=True,
        contexts=("train", "robustness", "attack"),
    ),
)
for _key, _title, _paper in (
    ("sage", "GraphSAGE", "GraphSAGE (Hamilton et al., 2017)"),
    ("gat", "GAT", "Graph attention network (Veličković et al., 2018)"),
    ("gprgnn", "GPR-GNN", "Generalised PageRank GNN (Chien et al., 2021)"),
):
    register_method(
        _key,
        Method(
            title=_title,
            description=f"{_paper} on the original graph.",
            kind="backbone",
            training={"backbone": _key},
            tunes_training=True,
        ),
    )
register_method(
    "dir_gnn",
    Method(
        title="Dir-GNN",
        description="Rossi et al., 2023: a GCN with separate weights for both directions of the edges.",
        kind="backbone",
        training={"backbone": "dir_gcn", "directions": ("back", "forth")},
        tunes_training=True,
    ),
)

for _key, _title, _description in (
    (
        "gnnguard",
        "GNNGuard",
        "Zhang and Zitnik, 2020: a GNN that weights messages by the similarity of their ends, in every layer.",
    ),
    (
        "gcn_svd",
        "GCN-SVD",
        "Entezari et al., 2020: a GCN on the approximation of rank 10 of the adjacency matrix.",
    ),
    (
        "soft_median",
        "Soft median",
        "Geisler et al., 2021: a GCN that down-weights messages far from the median of their neighbourhood.",
    ),
    (
        "soft_medoid",
        "Soft medoid",
        "Geisler et al., 2020: a GCN that down-weights messages far from the others of their neighbourhood.",
    ),
):
    register_method(
        _key,
        Method(
            title=_title,
            description=f"{_description} It uses the original graph.",
            kind="backbone",
            training={"backbone": _key},
            tunes_training=True,
            contexts=("train", "robustness"),
        ),
    )

register_method(
    "torque",
    Method(
        title="Torque",
        description="Prunes edges of high torque and adds edges of low torque.",
        kind="rewiring",
        rewiring={},
        space={**_LEVERS_AND_FORCES, **_CUT, **_ADDITIONS},
        contexts=("compare", "train", "attack", "bench"),
        on_gpu=True,
    ),
)
register_method(
    "torque_default",
    Method(
        title="Torque (former default)",
        description="Torque with the force dirichlet and the cut gap, without labels, as the default was up to version "
        "0.1; nothing is tuned.",
        kind="rewiring",
        rewiring={"force": "dirichlet", "cut": "gap"},
        contexts=("robustness",),
        on_gpu=True,
    ),
)
register_method(
    "torque_bounded",
    Method(
        title="Torque (default settings, without screening)",
        description="Torque with the default lever, force, cut and additions, whose features are propagated over all "
        "edges alike; nothing is tuned.",
        kind="rewiring",
        rewiring={"force": "energy", "cut": "bounded_gap"},
        contexts=("robustness",),
        on_gpu=True,
    ),
)
register_method(
    "torque_screened",
    Method(
        title="Torque (default settings)",
        description="Torque with the default lever, force, cut and additions; edges are screened by features, training "
        "labels are used, and nothing is tuned.",
        kind="rewiring",
        rewiring={"force": "energy", "cut": "bounded_gap", "screen": True},
        contexts=("robustness",),
        on_gpu=True,
    ),
)
register_method(
    "torque_unlabelled",
    Method(
        title="Torque (default settings, without labels)",
        description="Torque with the default lever, force, cut and additions, which sees no label; nothing is tuned.",
        kind="rewiring",
        rewiring={"force": "energy", "cut": "bounded_gap", "screen": True},
        rewirer=rewire_without_labels,
        contexts=("robustness",),
        on_gpu=True,
    ),
)
register_method(
    "torque_auto",
    Method(
        title="Torque, automatic choice of lever and force",
        description="Torque whose lever and force are chosen for the graph, without its labels.",
        kind="rewiring",
        rewiring={"lever": "auto", "force": "auto"},
        contexts=("robustness",),
        on_gpu=True,
    ),
)
register_method(
    "torque_relational",
    Method(
        title="Torque, pruned edges as a separate relation",
        description="Torque; the model also receives the pruned edges, as a second relation with its own weights.",
        kind="rewiring",
        rewiring={},
        training=_RELATIONAL,
        space={**_RELATIONAL_FORMS, **_RELATIONAL_CUT, **_ADDITIONS},
        contexts=("train",),
        on_gpu=True,
    ),
)
register_method(
    "ablation_random",
    Method(
        title="Ablation: random",
        description="Prunes and adds as many edges as torque does, chosen uniformly at random.",
        kind="control",
        rewiring={},
        rewirer=rewire_at_random,
        options_of="torque",
        contexts=("compare", "train", "robustness"),
        on_gpu=True,
    ),
)
register_method(
    "torque_default_relational",
    Method(
        title="Torque (former default), pruned edges as a separate relation",
        description="Torque with the former default settings; the model also receives the pruned edges, as a second "
        "relation.",
        kind="rewiring",
        rewiring={},
        training=_RELATIONAL,
        contexts=("robustness",),
        on_gpu=True,
    ),
)
register_method(
    "ablation_random_relational",
    Method(
        title="Ablation: random, pruned edges as a separate relation",
        description="Prunes and adds as many edges as torque, at random; the model also receives the pruned edges.",
        kind="control",
        rewiring={},
        rewirer=rewire_at_random,
        training=_RELATIONAL,
        options_of="torque_relational",
        contexts=("train",),
        on_gpu=True,
    ),
)
register_method(
    "ablation_cosine_relational",
    Method(
        title="Ablation: cosine, pruned edges as a separate relation",
        description="The cosine distance of the features replaces torque; the model also receives the pruned edges.",
        kind="control",
        rewiring={"lever": "unit", "force": "cosine"},
        training=_RELATIONAL,
        space={**_RELATIONAL_CUT, **_ADDITIONS},
        on_gpu=True,
    ),
)
for _key, _title, _description, _rewiring, _rewirer in (
    ("torque_weights", "Torque as a relation", "their torque", {}, rewire),
    (
        "ablation_random_weights",
        "Ablation: random numbers as a relation",
        "the torque of another edge, at random",
        {},
        partial(rewire_at_random, random_torque=True),
    ),
    (
        "ablation_cosine_weights",
        "Ablation: cosine as a relation",
        "the cosine distance of their ends",
        {"lever": "unit", "force": "cosine"},
        rewire,
    ),
):
    register_method(
        _key,
        Method(
            title=_title,
            description=f"Keeps every edge; the model also receives the edges weighted by {_description}, as a second "
            "relation with a gate.",
            kind="rewiring" if _key == "torque_weights" else "control",
            rewiring={**_WEIGHTED, **_rewiring},
            rewirer=_rewirer,
            training=_WEIGHT_RELATION,
            on_gpu=True,
        ),
    )
register_method(
    "ablation_cosine",
    Method(
        title="Ablation: cosine",
        description="The cosine distance of the features replaces torque; cut and additions are the same.",
        kind="control",
        rewiring={"lever": "unit", "force": "cosine"},
        space={**_CUT, **_ADDITIONS},
        contexts=("train", "robustness"),
        on_gpu=True,
    ),
)
register_method(
    "ablation_fixed",
    Method(
        title="Ablation: fixed ratio",
        description="Prunes a fixed fraction of the edges, those of highest torque, in place of the torque gap.",
        kind="control",
        rewiring={"cut": "fixed"},
        space={"fraction": (0.25, 0.5, 0.75, 0.9, 1.0), **_ADDITIONS},
        contexts=("train", "robustness"),
        on_gpu=True,
    ),
)
register_method(
    "ablation_one_graph",
    Method(
        title="Ablation: one graph for all layers",
        description="Rewires by torque once, before training; all layers of the model share that graph.",
        kind="control",
        transform=partial(TorqueRewire, layers=1, force="dirichlet", cut="gap", screen=False),
        contexts=("train",),
        on_gpu=True,
    ),
)

register_method(
    "gdc",
    Method(
        title="GDC",
        description="Graph diffusion convolution (Gasteiger et al., 2019): replaces the edges of each node by the "
        "largest entries of a personalised PageRank. The new edges have weights and directions.",
        kind="peer",
        transform=PEERS["gdc"],
        space={"alpha": (0.15, 0.05, 0.1, 0.3), "k": (64, 16, 32, 128)},
        contexts=("compare", "train", "robustness", "bench"),
        slow_from=_SLOW_FROM,
        most_nodes=200_000,
    ),
)
register_method(
    "jaccard",
    Method(
        title="GCN-Jaccard",
        description="Wu et al., 2019: prunes the edges between nodes without a common feature.",
        kind="peer",
        transform=PEERS["jaccard"],
        space={"threshold": (0.0, 0.01, 0.02, 0.05, 0.1)},
        contexts=("compare", "train", "robustness", "attack", "bench"),
    ),
)
register_method(
    "cosine",
    Method(
        title="Cosine similarity",
        description="Prunes the edges between the least similar nodes and joins each node to the most similar ones, by "
        "the cosine similarity of their features.",
        kind="peer",
        transform=PEERS["cosine"],
        space={"fraction": (0.25, 0.0, 0.5, 0.75, 0.9, 1.0), "neighbours": (1, 0, 3, 5, 10)},
        contexts=("compare", "train", "robustness"),
    ),
)
register_method(
    "fosr",
    Method(
        title="FoSR",
        description="First-order spectral rewiring (Karhadkar et al., 2023): adds the edges that increase the spectral "
        "gap most.",
        kind="peer",
        transform=PEERS["fosr"],
        space={"iterations": (50, 5, 10, 20, 100, 200)},
        contexts=("compare", "train", "bench"),
        most_nodes=200_000,
    ),
)
register_method(
    "sdrf",
    Method(
        title="SDRF",
        description="Stochastic discrete Ricci flow (Topping et al., 2022): adds edges around the edges of most "
        "negative curvature.",
        kind="peer",
        transform=PEERS["sdrf"],
        space={"iterations": (100, 10, 30), "temperature": (50.0, 200.0), "removal_bound": (None, 0.5, 1.0)},
        contexts=("compare", "train", "bench"),
        slow_from=_SLOW_FROM,
        most_nodes=50_000,
    ),
)
register_method(
    "borf",
    Method(
        title="BORF",
        description="Batch Ollivier-Ricci flow (Nguyen et al., 2023): adds edges around the edges of lowest curvature "
        "and prunes the edges of highest curvature.",
        kind="peer",
        transform=PEERS["borf"],
        space={"batches": (1, 2, 3), "add": (20, 10, 30), "remove": (0, 10, 20)},
        contexts=("compare", "train", "bench"),
        slow_from=_SLOW_FROM,
        most_nodes=50_000,
    ),
)
register_method(
    "delaunay",
    Method(
        title="Delaunay",
        description="Attali et al., 2024: replaces the edges by the Delaunay triangulation of the features, reduced to "
        "two dimensions, here by a principal component analysis and in the paper by UMAP.",
        kind="peer",
        transform=PEERS["delaunay"],
        contexts=("compare", "train", "robustness", "bench"),
    ),
)
register_method(
    "dhgr",
    Method(
        title="DHGR",
        description="Deep heterophily graph rewiring (Bi et al., 2022): learns the similarity of neighbourhoods from "
        "their features and training labels, joins similar nodes and prunes the edges between dissimilar ones.",
        kind="peer",
        transform=PEERS["dhgr"],
        uses_labels=True,
        space={"neighbours": (8, 2, 4, 16), "growth": (0.5, 0.7, 0.9), "pruning": (0.0, None, 0.3)},
        contexts=("compare", "train", "robustness", "bench"),
        slow_from=1_000,
        most_nodes=50_000,
    ),
)
register_method(
    "jdr",
    Method(
        title="JDR",
        description="Joint denoising and rewiring (Linkerhägner et al., 2025): aligns the leading eigenvectors of the "
        "graph with the leading singular vectors of the features, and changes both. The new edges have weights and "
        "directions, which are not drawn.",
        kind="peer",
        transform=PEERS["jdr"],
        space={
            "components": (64, 16, 32),
            "rate_edges": (0.3, 0.1, 0.5),
            "rate_features": (0.2, 0.05, 0.5),
            "mixing": (0.3, 0.1, 0.7),
            "order": ("magnitude", "value"),
        },
        contexts=("compare", "train", "robustness", "bench"),
        slow_from=1_000,
        most_nodes=20_000,
    ),
)
register_method(
    "pro_gnn",
    Method(
        title="Pro-GNN",
        description="Jin et al., 2020: learns a sparse graph of low rank together with a GCN, from training labels. "
        "The time is cubic in the number of nodes. The new edges have weights.",
        kind="peer",
        transform=PEERS["pro_gnn"],
        uses_labels=True,
        space={"low_rank": (1.5, 0.1, 10.0), "sparsity": (5e-4, 5e-3, 5e-2), "smoothness": (0.0, 0.01, 0.1)},
        contexts=("compare", "train", "robustness"),
        slow_from=500,
        most_nodes=MOST_NODES,
    ),
)
for _key, _title, _description in (
    ("triangles", "Triangles", "in fewest triangles"),
    (
        "neighbourhood_jaccard",
        "Jaccard similarity of neighbourhoods",
        "whose ends have the smallest fraction of neighbours in common (Satuluri et al., 2011)",
    ),
    (
        "local_similarity",
        "Local similarity",
        "that both ends rank low by the similarity of neighbourhoods (Satuluri et al., 2011)",
    ),
    ("local_degree", "Local degree", "that both ends rank low by the degree of the neighbour (Hamann et al., 2016)"),
    ("chance_triangles", "Chance-corrected triangles", "in fewest triangles, compared with a random graph"),
    (
        "structural_similarity",
        "Structural similarity (SCAN)",
        "of lowest structural similarity (Xu et al., 2007)",
    ),
):
    register_method(
        _key,
        Method(
            title=_title,
            description=f"Prunes the edges {_description}; computed by NetworKit from the structure alone.",
            kind="peer",
            transform=PEERS[_key],
            space={"fraction": (0.25, 0.1, 0.5, 0.75, 0.9)},
            contexts=("compare", "train", "robustness", "bench"),
        ),
    )
