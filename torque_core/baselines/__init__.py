"""Rewiring peers, written from their papers, as PyG transforms; and as many edges at random, the control.

>>> from torque_core import load
>>> from torque_core.baselines import PEERS
>>> PEERS["fosr"](iterations=10)(load("karate").data).num_edges
176
"""

from torque_core.baselines.borf import BORF
from torque_core.baselines.cosine import CosineRewire
from torque_core.baselines.fosr import FoSR
from torque_core.baselines.gdc import Diffusion
from torque_core.baselines.jaccard import JaccardPrune
from torque_core.baselines.peer import PEERS, Peer
from torque_core.baselines.sdrf import SDRF
from torque_core.rewiring.random_control import rewire_at_random

__all__ = ["BORF", "PEERS", "SDRF", "CosineRewire", "Diffusion", "FoSR", "JaccardPrune", "Peer", "rewire_at_random"]
