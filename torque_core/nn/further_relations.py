"""The messages of the relations beside the first, each with convolutions and gates of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch_geometric.nn.inits import reset

from torque_core.errors import BadConfig
from torque_core.nn.backbones import Backbone, NodewiseLinear, convolve, make_conv
from torque_core.nn.layer_graphs import Graph
from torque_core.nn.relations import check_relations, directed_relations
from torque_core.nn.shared_weights import RELATION_WEIGHTS, share_weights
from torque_core.nn.sparse_features import FeatureMap

__all__ = ["GATES", "FurtherRelations"]

GATES = ("layer", "node")
"""What the gate of a relation depends on."""


class FurtherRelations(nn.Module):
    """The terms :math:`g_{r,l} \\, \\mathrm{conv}_{r,l}(Z, A_{r,l})` of :class:`~torque_core.nn.TorqueGNN`.

    Args:
        backbone: The backbone of the model.
        widths: Width of the input and of the output of each layer.
        first: The convolutions of the first relation, whose weights may be shared.
        relations: See :class:`~torque_core.nn.TorqueGNN`, also for ``directions``, ``gate`` and ``weights``.
        averages_heads: Whether the last layer averages attention heads.
        **options: Further arguments of the backbone.

    Raises:
        BadConfig: If a value is out of range.
    """

    def __init__(
        self,
        backbone: str | Backbone,
        widths: Sequence[tuple[int, int]],
        first: nn.ModuleList,
        *,
        relations: Sequence[str],
        directions: Sequence[str],
        gate: str,
        weights: str,
        averages_heads: bool,
        **options: Any,
    ) -> None:
        super().__init__()
        check_relations(relations, directions)
        for name, value, known in (("gate", gate, GATES), ("relation_weights", weights, RELATION_WEIGHTS)):
            if value not in known:
                raise BadConfig(f"{name} must be one of {', '.join(known)}; got {value!r}")
        self.convs = nn.ModuleDict()
        """Convolutions of the layers by relation, with the direction after ``_`` if it is not the first one."""
        for relation, direction in directed_relations(relations, directions)[1:]:
            convs = nn.ModuleList()
            for layer, width in enumerate(widths):
                if relation == "self":
                    convs.append(NodewiseLinear(*width, bias=False))
                    continue
                is_output = averages_heads and layer == len(widths) - 1
                conv = make_conv(
                    backbone, *width, include_self=False, is_output=is_output, direction=direction, **options
                )
                convs.append(conv)
                share_weights(convs[layer], first[layer], weights)
            self.convs[relation if direction == directions[0] else f"{relation}_{direction}"] = convs
        self.gates = nn.ParameterDict({name: torch.empty(len(widths)) for name in self.convs})
        self.gate_maps = nn.ModuleDict(
            {name: nn.ModuleList(FeatureMap(width, 1) for width, _ in widths) for name in self.convs if gate == "node"}
        )
        self._set_gates()

    def reset_parameters(self) -> None:
        """Initialise all parameters again."""
        for child in (*self.convs.values(), *self.gate_maps.values()):
            reset(child)
        self._set_gates()

    def _set_gates(self) -> None:
        """Set the gate of the kept edges' second direction to 1, and those of other relations to 0."""
        for name, gate in self.gates.items():
            nn.init.constant_(gate, float(name.startswith("kept")))

    def forward(
        self,
        out: Tensor,
        layer: int,
        z: Tensor,
        graphs: Mapping[str, Graph],
        edge_attr: Tensor | None,
        generator: torch.Generator | None,
    ) -> Tensor:
        """Add the messages of a layer to ``out``, :math:`(|\\mathcal{V}|, F')`.

        Args:
            out: Output of the convolution of the first relation, :math:`(|\\mathcal{V}|, F')`.
            layer: Index of the layer.
            z: Its input, :math:`(|\\mathcal{V}|, F)`.
            graphs: Graphs of the layer by relation, ``kept`` among them; a missing one has no edges.
            edge_attr: Edge features of ``kept``.
            generator: Generator of the dropout masks, for convolutions that take it.
        """
        for name in self.convs:
            message = self.message(name, layer, z, graphs, edge_attr, generator)
            if message is not None:
                out = out + self.gate(name, layer, z) * message
        return out

    def message(
        self,
        name: str,
        layer: int,
        z: Tensor,
        graphs: Mapping[str, Graph],
        edge_attr: Tensor | None,
        generator: torch.Generator | None,
    ) -> Tensor | None:
        """The messages of a relation in a layer before its gate, :math:`(|\\mathcal{V}|, F')`; None without edges."""
        relation, conv = name.partition("_")[0], self.convs[name][layer]  # type: ignore[index]  # a ModuleList
        if relation == "self":
            message: Tensor = conv(z, graphs["kept"][0])
            return message
        if relation in graphs and graphs[relation][0].size(1):
            return convolve(conv, z, graphs[relation], edge_attr if relation == "kept" else None, generator)
        return None

    def gate(self, name: str, layer: int, z: Tensor) -> Tensor:
        """The gate of a relation in a layer: a number, or one for each node, :math:`(|\\mathcal{V}|, 1)`."""
        gate = self.gates[name][layer]
        if not self.gate_maps:
            return gate
        return 2 * gate * self.gate_maps[name][layer](z).sigmoid()  # type: ignore[index]
