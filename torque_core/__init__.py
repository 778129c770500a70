"""Torque-driven hierarchical rewiring of graphs for graph neural networks, PyTorch-Geometric-native.

>>> from torque_core import Noise, add_noise, load, rewire
>>> noisy = add_noise(load("karate").data, Noise("insert", 0.5))
>>> rewiring = rewire(noisy.data)
>>> [graph.shape for graph in rewiring.edge_indices]  # one graph for each layer
[torch.Size([2, 186]), torch.Size([2, 216])]
"""

from torque_core.datasets import DATASETS, BlockModel, DatasetSpec, load
from torque_core.errors import BadConfig, BadGraph, DatasetUnavailable, TorqueError
from torque_core.noise import Noise, NoisyGraph, add_noise
from torque_core.rewire import LayerRewiring, RewireSpec, Rewiring, rewire
from torque_core.train import TrainSpec, train

__version__ = "0.1.0"

__all__ = [
    "DATASETS",
    "BadConfig",
    "BadGraph",
    "BlockModel",
    "DatasetSpec",
    "DatasetUnavailable",
    "LayerRewiring",
    "Noise",
    "NoisyGraph",
    "RewireSpec",
    "Rewiring",
    "TorqueError",
    "TrainSpec",
    "add_noise",
    "load",
    "rewire",
    "train",
]
