"""Named settings of trainings from the literature, to measure rewiring against strong plain models."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from torque_core.training.spec import TrainSpec

__all__ = ["PRESETS", "Preset"]


@dataclass(frozen=True)
class Preset:
    """Settings of a training and the number of layers.

    Attributes:
        title: Title, at most a few words.
        training: How to train.
        layers: Number of layers of the model.
        source: What the settings follow.
    """

    title: str
    training: TrainSpec
    layers: int
    source: str


_LUO = "Luo et al., Classic GNNs are Strong Baselines (NeurIPS 2024, arXiv 2406.08993)"
_DEEP = TrainSpec(
    epochs=500, patience=100, learning_rate=0.003, weight_decay=0.0, dropout=0.2, residual=True, norm="layer"
)

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        "default": Preset(
            "Two layers", TrainSpec(epochs=200, patience=60), 2, "Kipf and Welling, 2017, with early stopping"
        ),
        "deep": Preset(
            "Five layers, residual", _DEEP, 5, f"{_LUO}: residual connections, layer norm, dropout, five layers"
        ),
        "deeper": Preset(
            "Twelve layers, residual",
            TrainSpec(
                epochs=1000,
                patience=200,
                learning_rate=0.01,
                weight_decay=0.0,
                dropout=0.2,
                residual=True,
                separate=True,
                norm="batch",
            ),
            12,
            f"{_LUO}: as for Minesweeper, with batch norm and twelve layers",
        ),
        "dir_gnn": Preset(
            "Dir-GNN, five layers",
            TrainSpec(
                epochs=600,
                patience=100,
                learning_rate=0.005,
                weight_decay=0.0,
                dropout=0.0,
                hidden=128,
                backbone="dir_gcn",
                directions=("back",),
                norm="unit",
                jk="max",
            ),
            5,
            "Rossi et al., Dir-GNN (LoG 2023, arXiv 2305.10498): as for Chameleon; for directed graphs",
        ),
    }
)
"""Settings by name. They are starting points: what suits a graph has to be chosen on its validation nodes.

Example:
    >>> preset = PRESETS["deep"]
    >>> preset.layers, preset.training.residual, preset.training.norm
    (5, True, 'layer')
"""
