"""Working files of a rewiring, with the names of its arrays."""

from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from torque_core.graph.pairs import mean_direction_weight
from torque_core.out_of_core.array_files import ArrayFiles
from torque_core.out_of_core.plan import StorePlan
from torque_core.rewiring.edge_confidence import EdgeConfidence

__all__ = ["Graph", "Workspace"]

Graph = tuple[Tensor, Tensor | None]
"""Pairs of a tile by their places in the two blocks, int32, :math:`(2, P)`, and weights, :math:`(2, P)` or None."""


class Workspace:
    """The arrays of a rewiring in files: of blocks of nodes, and of tiles, the pairs between two blocks.

    The tile of the blocks :math:`I \\le J` holds the pairs :math:`(i, j)`, :math:`i < j`, with :math:`i` in :math:`I`
    and :math:`j` in :math:`J`, sorted. The graph of layer 0 is the input; the graph of layer :math:`l` is that which
    layer :math:`l` receives.

    Args:
        folder: Folder with the file ``manifest.json``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = ArrayFiles(folder / "work")

    @property
    def manifest(self) -> Path:
        """File of the plan."""
        return self.folder / "manifest.json"

    @cached_property
    def plan(self) -> StorePlan:
        """The plan in the manifest."""
        return StorePlan.from_json(self.manifest.read_text(encoding="utf-8"), self.manifest)

    def later_blocks(self, block: int) -> range:
        """Blocks :math:`J \\ge I`."""
        return range(block, self.plan.blocks)

    def graph(self, layer: int, i: int, j: int) -> Graph:
        """The graph that a layer receives, in one tile; without weights if all weights are 1."""
        name = f"{layer}/graph/{i}-{j}"
        return self.files.load(f"{name}-pairs"), self._optional(f"{name}-weight")

    def save_graph(self, layer: int, i: int, j: int, graph: Graph) -> None:
        """Write a tile of the graph that a layer receives; pairs of any integer type."""
        pairs, weight = graph
        if weight is not None:  # first, as a tile exists if its pairs do
            self.files.save(f"{layer}/graph/{i}-{j}-weight", weight)
        self.files.save(f"{layer}/graph/{i}-{j}-pairs", pairs.int())

    def scored_graph(self, layer: int) -> int:
        """The layer that receives the graph whose pairs a layer scores: the first, or the layer itself."""
        return layer if self.plan.spec.hierarchy == "nested" else 0

    def scored(self, layer: int, i: int, j: int) -> Graph:
        """The pairs of a tile that a layer scores."""
        return self.graph(self.scored_graph(layer), i, j)

    def has_weights(self, layer: int) -> bool:
        """True if a tile of the scored pairs has weights, so that the result has columns for them."""
        return bool(self.files.names(f"{self.scored_graph(layer)}/graph/*-weight"))

    def weight_of_scored(self, layer: int, i: int, j: int) -> Tensor:
        """Weight of each scored pair of a tile in the graph of the layer, 0 if it is no edge there, (P,)."""
        in_graph = self.propagation_weight(layer, i, j)
        if self.scored_graph(layer) == layer:
            return in_graph
        pairs, kept = self.scored(layer, i, j)[0], self.graph(layer, i, j)[0]
        weight = torch.zeros(pairs.size(1))
        weight[torch.searchsorted(self._keys(pairs), self._keys(kept))] = in_graph
        return weight

    def propagation_weight(self, layer: int, i: int, j: int) -> Tensor:
        """Weight in propagation of each pair of the graph of a layer in a tile, (P,)."""
        pairs, direction_weight = self.graph(layer, i, j)
        weight, screening = mean_direction_weight(direction_weight), self.confidence(f"{layer}/screening")
        if screening is not None:
            confidence = screening(self.files.load(f"{layer}/distance/{i}-{j}"))
            weight = confidence if weight is None else weight * confidence
        return torch.ones(pairs.size(1)) if weight is None else weight

    def confidence(self, name: str) -> EdgeConfidence | None:
        """The curve of this name; None if there is none."""
        values = self._optional(f"{name}/values")
        return None if values is None else EdgeConfidence(self.files.load(f"{name}/torques"), values)

    def save_confidence(self, name: str, curve: EdgeConfidence) -> None:
        """Write a curve under this name."""
        self.files.save(f"{name}/torques", curve.torques)  # first, as a curve exists if its values do
        self.files.save(f"{name}/values", curve.values)

    def _keys(self, pairs: Tensor) -> Tensor:
        return pairs[0].long() * self.plan.rows + pairs[1]

    def _optional(self, name: str) -> Tensor | None:
        return self.files.load(name) if name in self.files else None
