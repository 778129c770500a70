"""A widget for Jupyter and marimo: the network of a layer, with the cut as a slider and a selection."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from torque_core.errors import BadConfig
from torque_core.figures.layout import node_layout
from torque_core.figures.network import network_data
from torque_core.figures.network_edges import layer_edges
from torque_core.figures.network_page import network_script, network_style
from torque_core.figures.rewiring import THEMES, injected_mask
from torque_core.rewiring.record import LayerRewiring, Rewiring
from torque_core.utils.optional import require

require("anywidget", extra="notebook")

import anywidget  # noqa: E402 - the check above must precede it
import traitlets  # noqa: E402

__all__ = ["MAX_NODES", "RewiringWidget"]

MAX_NODES = 5_000
"""Largest number of nodes that the widget draws."""


class RewiringWidget(anywidget.AnyWidget):
    """The interactive network of one layer of a rewiring, in Jupyter, VS Code, Colab or marimo.

    A slider moves the cut; edges are recoloured while it is dragged, and ``threshold`` has its value once it is
    released. A click selects a node or an edge, and Shift and drag those in a box, as in the app. All attributes can be
    set and observed, see `traitlets <https://traitlets.readthedocs.io>`_::

        widget = RewiringWidget(rewire(data), y=data.y)
        widget                        # in the last line of a cell: shows it
        widget.selected_nodes         # in a later cell, after a click
        widget.layer_rewiring.edge_index

    Args:
        rewiring: The rewiring.
        nodes: Nodes to draw, at most :data:`MAX_NODES`; by default all.
        injected: Edges that noise inserted, which are marked with a diamond, :math:`(2, I)`.
        y: Labels, which determine colour and shape of the nodes, :math:`(|\\mathcal{V}|,)`; -1 where unknown.
        names: Names of the nodes; by default their indices.
        classes: Names of the classes; by default their indices.
        position: Node positions, :math:`(|\\mathcal{V}|, 2)`; by default
            :func:`~torque_core.figures.layout.node_layout` of the graph that the first layer received.
        height: Height of the network in pixels.
        **state: Initial values of the attributes below.

    Attributes:
        layer: Index of the layer, from 0. If it changes, the threshold is that of the new layer.
        threshold: Edges of at least this torque are pruned; None to prune none.
        selected_nodes: Selected nodes.
        selected_edges: Selected edges as pairs of nodes.
        theme: ``light`` or ``dark``.

    Raises:
        BadConfig: If there are more than :data:`MAX_NODES` nodes.
        traitlets.TraitError: If an attribute gets a value out of range.

    Example:
        >>> from torque_core import load, rewire
        >>> widget = RewiringWidget(rewire(load("karate").data, cut="fixed", fraction=0.1))
        >>> widget.threshold = None
        >>> widget.layer_rewiring.pruned.size(1)
        0
    """

    _esm = network_script("widget")
    _css = network_style()

    layer = traitlets.Int(0).tag(sync=True)
    threshold = traitlets.Float(None, allow_none=True).tag(sync=True)
    selected_nodes = traitlets.List(traitlets.Int()).tag(sync=True)
    selected_edges = traitlets.List(traitlets.Tuple(traitlets.Int(), traitlets.Int())).tag(sync=True)
    theme = traitlets.Enum(tuple(THEMES), "light").tag(sync=True)
    _cut = traitlets.Float(None, allow_none=True).tag(sync=True)
    _layers = traitlets.Int(1).tag(sync=True)
    _height = traitlets.Int().tag(sync=True)
    _network = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        rewiring: Rewiring,
        *,
        nodes: Sequence[int] | None = None,
        injected: Tensor | None = None,
        y: Tensor | None = None,
        names: Sequence[str] | None = None,
        classes: Sequence[str] | None = None,
        position: np.ndarray | None = None,
        height: int = 480,
        **state: Any,
    ) -> None:
        drawn = torch.arange(rewiring.num_nodes) if nodes is None else torch.as_tensor(nodes, dtype=torch.long)
        if len(drawn) > MAX_NODES:
            raise BadConfig(
                f"a widget draws at most {MAX_NODES:,} nodes, got {len(drawn):,}; choose some with nodes=[...], "
                "or draw the whole graph with rewiring.plot()"
            )
        self._rewiring = rewiring.to("cpu")
        self._nodes, self._injected, self._names, self._classes = drawn, injected, names, classes
        self._y = torch.full((rewiring.num_nodes,), -1) if y is None else y.cpu()
        self._position = position if position is not None else node_layout(rewiring.layers[0].pairs, rewiring.num_nodes)
        super().__init__(_layers=len(rewiring.layers), _height=height, layer=state.pop("layer", 0))
        self._show_layer()
        for name, value in state.items():
            setattr(self, name, value)

    @property
    def layer_rewiring(self) -> LayerRewiring:
        """Record of the layer as it is cut now; the original record if the cut was not moved."""
        record = self._rewiring.layers[self.layer]
        if self.threshold == self._cut:
            return record
        return record.recut(math.inf if self.threshold is None else self.threshold)

    @traitlets.validate("layer")
    def _check_layer(self, proposal: Any) -> int:
        count = len(self._rewiring.layers)
        if proposal.value not in range(count):
            raise traitlets.TraitError(f"layer must be in 0 to {count - 1}, got {proposal.value!r}")
        return int(proposal.value)

    @traitlets.validate("threshold")
    def _check_threshold(self, proposal: Any) -> float | None:
        return None if proposal.value is None else _finite(proposal.value)

    @traitlets.observe("layer")
    def _show_layer(self, change: object = None) -> None:
        with self.hold_sync():  # one message, so that no edges are drawn with the cut of others
            self._cut = self.threshold = _finite(self._rewiring.layers[self.layer].cut.threshold)
            self._draw()

    @traitlets.observe("theme")
    def _draw(self, change: object = None) -> None:
        record = self._rewiring.layers[self.layer]
        injected = injected_mask(record.pairs, self._injected, self._rewiring.num_nodes)
        self._network = network_data(
            self._nodes,
            layer_edges(record, injected, self._nodes),
            self._position,
            self._y,
            THEMES[self.theme],
            names=self._names,
            classes=self._classes,
        )


def _finite(threshold: float) -> float | None:
    """The threshold as JSON has it: None if it is infinite."""
    return threshold if math.isfinite(threshold) else None
