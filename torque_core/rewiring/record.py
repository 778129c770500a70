"""The record of a rewiring: what happened to the graph in each layer."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch_geometric.data import Data

from torque_core.graph.pairs import directed_edges
from torque_core.rewiring.cuts import Cut
from torque_core.rewiring.edge_fields import Fill, carry_edge_fields
from torque_core.rewiring.graph_change import GraphChange
from torque_core.rewiring.screening import Screening
from torque_core.rewiring.spec import RewireSpec
from torque_core.scoring.torque import Torque
from torque_core.utils.display import html_table
from torque_core.utils.optional import require

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import plotly.graph_objects as go

__all__ = ["LayerRewiring", "Rewiring"]


_MAX_LAYERS = 3  # in the text of a rewiring


@dataclass(frozen=True, kw_only=True, repr=False)
class LayerRewiring(GraphChange):
    """The change of the graph in one layer, with the torques that caused it. A directed graph keeps its directions.

    Attributes:
        torque: Torques of ``pairs``.
        added_torque: Torques of ``added``.
        cut: The threshold of the torque, with the reason for it.
        direction_weight: Weights of ``pairs`` before the change, from :math:`i` to :math:`j` and back; 0 for a
            direction in which there is no edge, :math:`(2, |\\mathcal{E}|)`. None if all edges go both ways and have
            no weights.
        edge_confidence: Confidence of each edge, in (0, 1], :math:`(|\\mathcal{E}|,)`. The weights of kept edges are
            multiplied by it; None for no such factor.
        screening: Confidence of the edges that the layer received, estimated from features alone, with which features
            were propagated, see :func:`~torque_core.rewiring.screening.screen_by_features`; None if they were
            propagated over all edges alike.
    """

    torque: Torque
    added_torque: Torque
    cut: Cut
    direction_weight: Tensor | None = None
    edge_confidence: Tensor | None = None
    screening: Screening | None = None

    def __repr__(self) -> str:
        return f"{super().__repr__()}\n  threshold={self.cut.threshold:.4g}: {' '.join(self.cut.reason.split())}"

    def to(self, device: torch.device | str) -> LayerRewiring:
        """The same record with every tensor on ``device``, except for the curves of the cut."""
        return replace(
            self,
            pairs=self.pairs.to(device),
            torque=self.torque.to(device),
            pruned_mask=self.pruned_mask.to(device),
            added=self.added.to(device),
            added_torque=self.added_torque.to(device),
            direction_weight=None if self.direction_weight is None else self.direction_weight.to(device),
            edge_confidence=None if self.edge_confidence is None else self.edge_confidence.to(device),
        )

    def recut(
        self, threshold: float, reason: str = "A threshold chosen by hand.", *, additions: float | None = None
    ) -> LayerRewiring:
        """The same layer with the edges of torque ``threshold`` or more pruned and without edge confidence.

        Args:
            threshold: The threshold; infinity to prune nothing.
            reason: The reason for it, one sentence.
            additions: Largest number of added edges, as a fraction of the pruned edges: those of lowest torque stay.
                By default all added edges stay. No further edges are added.
        """
        pruned_mask = self.torque.value >= threshold
        stay = torch.arange(self.added.size(1), device=self.added.device)
        if additions is not None:
            most = round(additions * int(pruned_mask.sum()))
            stay = self.added_torque.value.argsort(stable=True)[:most].sort().values
        return replace(
            self,
            pruned_mask=pruned_mask,
            added=self.added[:, stay],
            added_torque=self.added_torque[stay],
            cut=Cut(threshold, reason),
            edge_confidence=None,
        )

    @cached_property
    def _weight_if_kept(self) -> Tensor | None:
        """Weight of each edge in both directions if it is kept, (2, E)."""
        if self.edge_confidence is None:
            return self.direction_weight
        return (
            self.edge_confidence.expand(2, -1)
            if self.direction_weight is None
            else self.direction_weight * self.edge_confidence
        )

    @cached_property
    def weight(self) -> Tensor | None:
        """Weights after the change, of ``pairs`` and then of ``added``, in both directions; None if all are 1.

        An added edge has the median weight of the kept edges, in both directions. See :attr:`GraphChange.weight`.
        """
        if self._weight_if_kept is None:
            return None
        old = torch.where(self.pruned_mask, 0, self._weight_if_kept)
        return torch.cat([old, self.usual_weight.expand(2, self.added.size(1))], dim=1)

    @cached_property
    def usual_weight(self) -> Tensor:
        """Median weight of a direction of a kept edge; 1 without weights, or if no edge is kept."""
        if self._weight_if_kept is None:
            return torch.ones((), device=self.pairs.device)
        kept = self._weight_if_kept[:, ~self.pruned_mask]
        kept = kept[kept > 0]
        return kept.median() if len(kept) else kept.new_tensor(1.0)

    @cached_property
    def directions(self) -> Tensor | None:
        """Mask of the directions that ``pairs`` and then ``added`` have, first from :math:`i` to :math:`j`, then back.

        Pruned edges have the directions from before, added edges both. Bool, :math:`(2, |\\mathcal{E}| + A)`; None if
        all edges go both ways.
        """
        if self.direction_weight is None or bool((self.direction_weight > 0).all()):
            return None
        added = torch.ones_like(self.added, dtype=torch.bool)
        return torch.cat([self.direction_weight > 0, added], dim=1)

    @cached_property
    def pruned_directed(self) -> tuple[Tensor, Tensor | None]:
        """The pruned edges as PyG's ``edge_index``, :math:`(2, M)`, and their weights before; None if all are 1."""
        weight = self.direction_weight
        return directed_edges(self.pruned, None if weight is None else weight[:, self.pruned_mask])


@dataclass(frozen=True, repr=False)
class Rewiring:
    """The rewired graph of each layer, with the torques and the spec that led to it.

    :func:`~torque_core.io.rewiring_file.save_rewiring` writes it to a file.

    Attributes:
        layers: One record per layer.
        num_nodes: :math:`|\\mathcal{V}|`.
        spec: The spec of the rewiring, with lever and force named.

    Example:
        >>> from torque_core import load, rewire
        >>> rewire(load("karate").data, cut="fixed", fraction=0.1)
        Rewiring(num_nodes=34, layers=2, lever='structural', force='energy', cut='fixed')
          layer 0: 8 of 78 edges pruned, 2 added; layer 1: 8 of 78 edges pruned, 2 added
    """

    layers: tuple[LayerRewiring, ...]
    num_nodes: int
    spec: RewireSpec

    def __repr__(self) -> str:
        layers = [
            f"layer {index}: {layer.pruned.size(1)} of {layer.pairs.size(1)} edges pruned, {layer.added.size(1)} added"
            for index, layer in enumerate(self.layers[:_MAX_LAYERS])
        ]
        if len(self.layers) > _MAX_LAYERS:
            layers.append("...")
        return f"{self._title}\n  {'; '.join(layers)}"

    def _repr_html_(self) -> str:
        return html_table(self._title, [{"layer": index, **row} for index, row in enumerate(self._rows)])

    @property
    def _title(self) -> str:
        rules = ", ".join(f"{name}={getattr(self.spec, name)!r}" for name in ("lever", "force", "cut"))
        return f"Rewiring(num_nodes={self.num_nodes}, layers={len(self.layers)}, {rules})"

    @property
    def _rows(self) -> list[dict[str, object]]:
        return [
            {
                "edges": layer.pairs.size(1),
                "kept": layer.kept.size(1),
                "pruned": layer.pruned.size(1),
                "added": layer.added.size(1),
                "threshold": layer.cut.threshold,
                "null_fraction": layer.cut.gap.null_fraction if layer.cut.gap else math.nan,
                "reason": layer.cut.reason,
            }
            for layer in self.layers
        ]

    def summary(self) -> pd.DataFrame:
        """Return a table with one row per layer.

        Returns:
            The index ``layer``, from 0, and the columns ``edges`` (undirected edges that the layer scored), ``kept``,
            ``pruned``, ``added``, ``threshold`` (infinite if nothing is pruned), ``null_fraction`` (estimated fraction
            of random edges; missing unless the cut rule is based on the torque gap) and ``reason``.

        Raises:
            MissingDependency: If pandas is not installed.

        Example:
            >>> from torque_core import load, rewire
            >>> table = rewire(load("karate").data, cut="fixed", fraction=0.1).summary()
            >>> table[["edges", "kept", "pruned", "added"]].loc[0].tolist()
            [78, 70, 8, 2]
        """
        pd = require("pandas", extra="figures")
        return pd.DataFrame(self._rows).rename_axis("layer")

    def plot(
        self,
        layer: int = 0,
        *,
        injected: Tensor | None = None,
        y: Tensor | None = None,
        names: Sequence[str] | None = None,
        classes: Sequence[str] | None = None,
        position: np.ndarray | None = None,
        theme: str = "light",
    ) -> go.Figure:
        """Draw the graph of a layer; see :func:`~torque_core.figures.rewiring.plot_rewiring` for the arguments.

        Raises:
            MissingDependency: If a package of the extra ``figures`` is not installed.
        """
        figures = import_module("torque_core.figures")  # at the first use: the core does not need its dependencies
        return figures.plot_rewiring(
            self, layer, injected=injected, y=y, names=names, classes=classes, position=position, theme=theme
        )

    def to(self, device: torch.device | str) -> Rewiring:
        """The same record with every tensor on ``device``."""
        return replace(self, layers=tuple(layer.to(device) for layer in self.layers))

    def graph_before(self, layer: int) -> tuple[Tensor, Tensor | None]:
        """The graph that a layer received, on which its torques were computed: the pairs and their weights.

        Args:
            layer: Index of the layer, from 0.

        Returns:
            Pairs, :math:`(2, |\\mathcal{E}|)`, and their weights in both directions, of the same shape; None if all
            are 1.
        """
        if not layer:
            return self.layers[0].pairs, self.layers[0].direction_weight
        return self.layers[layer - 1].rewired, self.layers[layer - 1].rewired_weight

    @property
    def edge_indices(self) -> list[Tensor]:
        """The graph of each layer as ``edge_index``, for :class:`~torque_core.nn.TorqueGNN`."""
        return [layer.edge_index for layer in self.layers]

    @property
    def edge_weights(self) -> list[Tensor | None]:
        """The edge weights of each layer; None for a layer whose weights are all 1."""
        return [layer.edge_weight for layer in self.layers]

    @property
    def pruned_graphs(self) -> list[tuple[Tensor, Tensor | None]]:
        """The pruned edges of each layer and their weights, for a model with a separate relation for pruned edges."""
        return [layer.pruned_directed for layer in self.layers]

    def to_data(self, data: Data, layer: int = 0, *, fill: Fill = 0) -> Data:
        """A copy of ``data`` with the edges of a layer, counted from 0, and weights if either has them.

        Other edge-level fields follow their edges; added edges get ``fill``, see
        :func:`~torque_core.rewiring.edge_fields.carry_edge_fields`.

        Raises:
            BadGraph: If a field cannot follow its edges.
        """
        graph = self.layers[layer]
        copied = copy.copy(data)
        copied._store.__dict__.pop("_cached_attr", None)  # PyG remembers which fields are edge-level
        for key, value in carry_edge_fields(data, graph.edge_index, fill=fill).items():
            copied[key] = value
        copied.edge_index = graph.edge_index
        # PyG batches graphs only if all of them have weights, so weights of 1 are kept
        weighted = data.get("edge_weight") is not None and graph.edge_weight is None
        copied.edge_weight = torch.ones_like(graph.edge_index[0]).float() if weighted else graph.edge_weight
        return copied
