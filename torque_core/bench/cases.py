"""The benchmark's cases: torque, a lower bound for any score of edges, NetworKit, and the peers of the catalog."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch_geometric.data import Data
from torch_geometric.transforms import GDC, BaseTransform

from torque_core.graph.pairs import undirected_pairs
from torque_core.methods.catalog import methods_for
from torque_core.rewiring.cuts import CUTS, CutInputs
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.scorer_factory import LayerScorerFactory
from torque_core.rewiring.spec import RewireSpec
from torque_core.scoring.null_model import null_model_pairs
from torque_core.utils.optional import require

__all__ = ["CASES", "Case", "cases_of_catalog"]


@dataclass(frozen=True)
class Case:
    """A computation to be timed.

    Attributes:
        title: Its row in the table.
        run: The computation; its argument is a graph that also has its undirected edges as ``pairs``.
        most_nodes: Largest number of nodes it is run on; beyond, it would take hours or arrays of
            :math:`|\\mathcal{V}|^2`. None if there is no limit.
        on_gpu: Whether it runs on CUDA.
    """

    title: str
    run: Callable[[Data], object]
    most_nodes: int | None = None
    on_gpu: bool = False


def _gather(data: Data) -> object:
    """Dot product of the features of both ends of every undirected edge: a lower bound for any score of features."""
    i, j = data["pairs"]
    return (data["x"].index_select(0, i) * data["x"].index_select(0, j)).sum(dim=1)


def _labelled(data: Data) -> Data:
    """The graph with every tenth node as a training node: the default settings use their labels."""
    train_mask = torch.arange(len(data["x"]), device=data["x"].device) % 10 == 0
    return Data(x=data["x"], edge_index=data["edge_index"], y=data["y"], train_mask=train_mask)


@torch.no_grad()
def _score_and_cut(data: Data) -> object:
    """Score and cut as the default settings do, with the training labels, without checks and records."""
    spec, pairs = RewireSpec(), undirected_pairs(data["edge_index"], len(data["x"]))
    scorers = LayerScorerFactory(_labelled(data))
    scorer = scorers.of_layer(0, (pairs, None), spec, screening=scorers.screen(pairs, spec))
    uniform = CUTS.properties(spec.cut).uniform_null
    null = null_model_pairs(pairs, len(data["x"]), torch.Generator().manual_seed(spec.seed), uniform=uniform)
    inputs = CutInputs(
        scorer(pairs).value,
        scorer(null.pairs).value,
        null.weight,
        uniform_weight=null.uniform_weight,
        classes=None if scorer.known is None else scorer.known[pairs],
    )
    return CUTS[spec.cut](inputs)


def _rewire_without_additions(data: Data) -> object:
    return rewire(_labelled(data), RewireSpec(layers=1, additions=0.0))


def _rewire(data: Data) -> object:
    return rewire(_labelled(data), RewireSpec(layers=1))


def _rewire_by_default(data: Data) -> object:
    return rewire(_labelled(data))


def _networkit_scores(data: Data) -> object:
    """Triangles and Jaccard similarity of every edge, the graph built from arrays first."""
    networkit = require("networkit", extra="baselines")
    graph = networkit.GraphFromCoo(tuple(data["pairs"].numpy()), n=len(data["x"]), directed=False)
    graph.indexEdges()
    triangles = networkit.sparsification.TriangleEdgeScore(graph)
    triangles.run()
    jaccard = networkit.sparsification.JaccardSimilarityAttributizer(graph, triangles.scores())
    return triangles.scores(), jaccard.getAttribute()


def _transformed(transform: BaseTransform) -> Callable[[Data], object]:
    return lambda data: transform(Data(x=data["x"], edge_index=data["edge_index"]))


def _gdc(exact: bool) -> BaseTransform:
    # the settings in PyG's documentation; an approximation can be sparsified by threshold only
    sparsify = {"method": "topk", "k": 64, "dim": 0} if exact else {"method": "threshold", "avg_degree": 64}
    diffuse = {"method": "ppr", "alpha": 0.15} if exact else {"method": "ppr", "alpha": 0.15, "eps": 1e-4}
    return GDC(diffusion_kwargs=diffuse, sparsification_kwargs=sparsify, exact=exact)


_DETAILS = {
    "jaccard": "GCN-Jaccard, prunes only",
    "fosr": "FoSR, 50 edges (our port)",
    "sdrf": "SDRF, 100 edges (our port)",
    "borf": "BORF, 3 batches (our port)",
}
"""Titles that name what the defaults of a peer do."""


def cases_of_catalog() -> dict[str, Case]:
    """Return a case for each method of the catalog that is offered in the benchmark and rewires by a transform."""
    cases = {}
    for key, method in methods_for("bench").items():
        if key == "gdc":  # PyG's own transform in both forms; our port chooses one by the number of nodes
            cases[key] = Case("GDC exact (PyG)", _transformed(_gdc(exact=True)), most_nodes=5_000)
            approximate = _transformed(_gdc(exact=False))
            cases["gdc_approximate"] = Case("GDC approximate (PyG)", approximate, method.most_nodes)
        elif method.transform is not None:
            title, run = _DETAILS.get(key, method.title), _transformed(method.transform())
            cases[key] = Case(title, run, method.most_nodes, method.on_gpu)
    return cases


CASES = {
    "gather": Case("one gather-and-reduce pass", _gather, on_gpu=True),
    "score": Case("torque: score and cut", _score_and_cut, on_gpu=True),
    "call": Case("torque: the call `rewire(data, layers=1, additions=0)`", _rewire_without_additions, on_gpu=True),
    "rewire": Case("torque: score, cut and add", _rewire, on_gpu=True),
    "default": Case("torque: the call `rewire(data)`, two layers", _rewire_by_default, on_gpu=True),
    "networkit": Case("NetworKit: build the graph, triangles, Jaccard", _networkit_scores),
    **cases_of_catalog(),
}
"""All cases by key."""
