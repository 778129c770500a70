"""What the bench times: torque, its yardstick and its peers; each is done when its answer is there."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch_geometric.data import Data
from torch_geometric.transforms import GDC

from torque_core.baselines import PEERS
from torque_core.graph.pairs import undirected_pairs
from torque_core.graph.propagation import Propagation, centred_unit
from torque_core.rewiring.cuts import CUTS, CutInputs
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec
from torque_core.scoring.null_model import null_model_pairs
from torque_core.scoring.pair_features import PairFeatures
from torque_core.scoring.torque import torque

__all__ = ["METHODS", "Method"]


@dataclass(frozen=True)
class Method:
    """Something to be timed.

    Attributes:
        title: What it is, for the table.
        run: Does it.
        most_nodes: Beyond so many nodes it would take N x N numbers or hours, and is not tried.
        on_gpu: Whether it runs on CUDA.
    """

    title: str
    run: Callable[[Data], object]
    most_nodes: int | None = None
    on_gpu: bool = False


def _gather(data: Data) -> object:
    """Both ends of every undirected edge gathered, multiplied and summed: what any score of features must do."""
    i, j = data["pairs"]
    return (data["x"].index_select(0, i) * data["x"].index_select(0, j)).sum(dim=1)


@torch.no_grad()
def _score_and_cut(data: Data) -> object:
    pairs = undirected_pairs(data["edge_index"], len(data["x"]))
    propagation = Propagation(centred_unit(data["x"]), pairs)
    chance = null_model_pairs(pairs, propagation.num_nodes, torch.Generator().manual_seed(0))
    judged, by_chance = torque(PairFeatures(propagation, pairs)), torque(PairFeatures(propagation, chance.pairs))
    return CUTS["gap"](CutInputs(judged.value, by_chance.value, chance.weight))


def _rewire(data: Data) -> object:
    return rewire(data, RewireSpec(layers=1))


def _peer(name: str, **options: int) -> Callable[[Data], object]:
    return lambda data: PEERS[name](**options)(Data(x=data["x"], edge_index=data["edge_index"]))


def _gdc(exact: bool) -> Callable[[Data], object]:
    # the settings that PyG's documentation gives; an approximation can be asked for by threshold only
    sparsify = {"method": "topk", "k": 64, "dim": 0} if exact else {"method": "threshold", "avg_degree": 64}
    diffuse = {"method": "ppr", "alpha": 0.15} if exact else {"method": "ppr", "alpha": 0.15, "eps": 1e-4}
    transform = GDC(diffusion_kwargs=diffuse, sparsification_kwargs=sparsify, exact=exact)
    return lambda data: transform(Data(x=data["x"], edge_index=data["edge_index"]))


METHODS = {
    "gather": Method("one gather-and-reduce pass", _gather, on_gpu=True),
    "score": Method("torque: score and cut", _score_and_cut, on_gpu=True),
    "rewire": Method("torque: score, cut and add", _rewire, on_gpu=True),
    "jaccard": Method("GCN-Jaccard, prunes only", _peer("jaccard")),
    "gdc": Method("GDC exact (PyG)", _gdc(exact=True), most_nodes=5_000),
    "gdc_approximate": Method("GDC approximate (PyG)", _gdc(exact=False), most_nodes=200_000),
    "fosr": Method("FoSR, 50 edges (our port)", _peer("fosr", iterations=50), most_nodes=200_000),
    "sdrf": Method("SDRF, 100 edges (our port)", _peer("sdrf", iterations=100), most_nodes=50_000),
    "borf": Method("BORF, 3 batches (our port)", _peer("borf", batches=3), most_nodes=50_000),
}
"""Everything that is timed, by name."""
