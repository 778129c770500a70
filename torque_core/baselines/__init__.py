"""Rewiring methods from the literature, implemented from their papers, as PyG transforms; and a random control.

>>> from torque_core import load
>>> from torque_core.baselines import PEERS
>>> PEERS["fosr"](iterations=10)(load("karate").data).num_edges
176
"""

from torque_core.baselines.borf import BORF
from torque_core.baselines.cosine import CosineRewire
from torque_core.baselines.fosr import FoSR
from torque_core.baselines.gdc import GDC
from torque_core.baselines.jaccard import GCNJaccard
from torque_core.baselines.peer import PEERS, Peer
from torque_core.baselines.sdrf import SDRF
from torque_core.rewiring.random_control import rewire_at_random

__all__ = ["BORF", "GDC", "PEERS", "SDRF", "CosineRewire", "FoSR", "GCNJaccard", "Peer", "rewire_at_random"]
