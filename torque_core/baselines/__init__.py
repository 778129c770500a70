"""Rewiring methods from the literature, implemented from their papers, as PyG transforms; and a random control.

>>> from torque_core import load
>>> from torque_core.baselines import PEERS
>>> PEERS["fosr"](iterations=10)(load("karate").data).num_edges
176
"""

from torque_core.baselines.borf import BORF
from torque_core.baselines.cosine import CosineRewire
from torque_core.baselines.delaunay import DelaunayRewire
from torque_core.baselines.dhgr import DHGR
from torque_core.baselines.fosr import FoSR
from torque_core.baselines.gdc import GDC
from torque_core.baselines.jaccard import GCNJaccard
from torque_core.baselines.jdr import JDR
from torque_core.baselines.peer import PEERS, Peer, RewiredGraph
from torque_core.baselines.pro_gnn import ProGNN
from torque_core.baselines.sdrf import SDRF
from torque_core.baselines.sparsifiers import (
    ChanceTriangles,
    LocalDegree,
    LocalSimilarity,
    NeighbourhoodJaccard,
    Sparsifier,
    StructuralSimilarity,
    Triangles,
)
from torque_core.rewiring.random_control import rewire_at_random

__all__ = [
    "BORF",
    "DHGR",
    "GDC",
    "JDR",
    "PEERS",
    "SDRF",
    "ChanceTriangles",
    "CosineRewire",
    "DelaunayRewire",
    "FoSR",
    "GCNJaccard",
    "LocalDegree",
    "LocalSimilarity",
    "NeighbourhoodJaccard",
    "Peer",
    "ProGNN",
    "RewiredGraph",
    "Sparsifier",
    "StructuralSimilarity",
    "Triangles",
    "rewire_at_random",
]
