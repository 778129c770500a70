"""Torque-driven hierarchical rewiring of graphs for graph neural networks, PyTorch-Geometric-native.

>>> from torque_core import Noise, add_noise, load, rewire
>>> noisy = add_noise(load("karate").data, Noise("insert", 0.5))
>>> rewiring = rewire(noisy.data)
>>> [len(graph) for graph in rewiring.edge_indices]  # an edge_index for each layer
[2, 2]
"""

import os

# Before torch is loaded: its threads wait for each other some ten microseconds before they give up the processor.
# By default they wait for milliseconds, which on a machine with other work slows everything down tenfold and more.
os.environ.setdefault("GOMP_SPINCOUNT", "10000")

from torque_core.datasets import DATASETS, BlockModel, DatasetSpec, load
from torque_core.errors import BadConfig, BadGraph, DatasetUnavailable, TorqueError
from torque_core.graph.noise import Noise, NoisyGraph, add_noise
from torque_core.io.rewiring_file import load_rewiring, save_rewiring
from torque_core.rewiring.additions import ADDITIONS
from torque_core.rewiring.cuts import CUTS
from torque_core.rewiring.record import LayerRewiring, Rewiring
from torque_core.rewiring.rewire import rewire
from torque_core.rewiring.spec import RewireSpec
from torque_core.rewiring.transform import TorqueRewire
from torque_core.scoring.class_probabilities import ClassProbabilities
from torque_core.scoring.forces import FORCES
from torque_core.scoring.levers import LEVERS
from torque_core.training.loop import TrainSpec, train

__version__ = "0.1.0"

__all__ = [
    "ADDITIONS",
    "CUTS",
    "DATASETS",
    "FORCES",
    "LEVERS",
    "BadConfig",
    "BadGraph",
    "BlockModel",
    "ClassProbabilities",
    "DatasetSpec",
    "DatasetUnavailable",
    "LayerRewiring",
    "Noise",
    "NoisyGraph",
    "RewireSpec",
    "Rewiring",
    "TorqueError",
    "TorqueRewire",
    "TrainSpec",
    "add_noise",
    "load",
    "load_rewiring",
    "rewire",
    "save_rewiring",
    "train",
]
