"""Torque-driven hierarchical rewiring of graphs for graph neural networks, PyTorch-Geometric-native.

>>> from torque_core import Noise, add_noise, load, rewire
>>> noisy = add_noise(load("karate").data, Noise("insert", 0.5))
>>> rewiring = rewire(noisy.data)
>>> [len(graph) for graph in rewiring.edge_indices]  # an edge_index for each layer
[2, 2]

Importing the package is cheap: each public name, and each subpackage, is imported when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from torque_core.utils.deferred_import import defer_import

if TYPE_CHECKING:
    from torque_core.attacks.noise import Noise, NoisyGraph, add_noise
    from torque_core.datasets import DATASETS, BlockModel, DatasetSpec, load
    from torque_core.errors import BadConfig, BadGraph, DatasetUnavailable, TorqueError
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
    from torque_core.training import TrainSpec, train

__version__ = "0.2.0"

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

_MODULES = {
    "attacks.noise": ("Noise", "NoisyGraph", "add_noise"),  # with the attacks as kinds
    "datasets": ("DATASETS", "BlockModel", "DatasetSpec", "load"),
    "errors": ("BadConfig", "BadGraph", "DatasetUnavailable", "TorqueError"),
    "io.rewiring_file": ("load_rewiring", "save_rewiring"),
    "rewiring.additions": ("ADDITIONS",),
    "rewiring.cuts": ("CUTS",),
    "rewiring.record": ("LayerRewiring", "Rewiring"),
    "rewiring.rewire": ("rewire",),
    "rewiring.spec": ("RewireSpec",),
    "rewiring.transform": ("TorqueRewire",),
    "scoring.class_probabilities": ("ClassProbabilities",),
    "scoring.forces": ("FORCES",),
    "scoring.levers": ("LEVERS",),
    "training": ("TrainSpec", "train"),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}
_SUBPACKAGES = (
    "attacks",
    "baselines",
    "datasets",
    "diagnostics",
    "errors",
    "experiments",
    "figures",
    "graph",
    "io",
    "methods",
    "nn",
    "out_of_core",
    "rewiring",
    "scoring",
    "training",
    "utils",
)

# PyG imports the compiler to recognise compiled models, which is a third of the time that its own import takes
defer_import("torch._dynamo")

if not TYPE_CHECKING:  # a type checker reads the imports above, and reports a name that does not exist

    def __getattr__(name: str) -> object:
        """Import a public name, or a subpackage, at its first use (PEP 562)."""
        if name in _MODULE_OF:
            value = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
        elif name in _SUBPACKAGES:
            value = import_module(f"{__name__}.{name}")
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = value  # the next access does not come here
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, *_SUBPACKAGES})
