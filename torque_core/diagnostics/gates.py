"""What a trained model takes from each relation, by layer and class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from torque_core.graph.labels import class_labels
from torque_core.nn.layer_graphs import Graph
from torque_core.nn.torque_gnn import TorqueGNN
from torque_core.utils.display import ShortRepr
from torque_core.utils.evaluating import evaluating

__all__ = ["RelationGates", "relation_gates"]


@dataclass(frozen=True, repr=False)
class RelationGates(ShortRepr):
    """Gates and contributions of the relations of a model.

    Attributes:
        relations: Names of the relations: ``kept``, then those of ``TorqueGNN.further_relations.convs``, where a second
            direction follows after ``_``.
        gate: Mean gate of each relation in each layer over the nodes of each class, :math:`(R, L, C)`. The gate of the
            first relation is 1.
        contribution: Mean fraction of the messages that comes from each relation, in [0, 1], :math:`(R, L, C)`; its sum
            over the relations is 1, except where no message arrives.
    """

    relations: tuple[str, ...]
    gate: Tensor
    contribution: Tensor


def relation_gates(
    model: TorqueGNN,
    x: Tensor,
    y: Tensor,
    edge_index: Tensor | Sequence[Tensor],
    edge_weight: Tensor | Sequence[Tensor | None] | None = None,
    *,
    relations: Mapping[str, Sequence[Graph]] | None = None,
) -> RelationGates | None:
    """Measure what a model takes from each relation, by layer and class.

    The layer :math:`l` of the model sums the terms :math:`g_{r,l,v} \\, m_{r,l,v}` over its relations. The contribution
    of a relation to the nodes of a class :math:`\\mathcal{V}_c` is

    .. math::
        \\frac{1}{|\\mathcal{V}_c|} \\sum_{v \\in \\mathcal{V}_c}
        \\frac{|g_{r,l,v}| \\, \\lVert m_{r,l,v} \\rVert}{\\sum_s |g_{s,l,v}| \\, \\lVert m_{s,l,v} \\rVert}.

    A gate alone does not tell how large the messages are that it lets through. The message of the first relation
    includes what its convolution adds of the node itself, and its bias; the terms of ``separate`` and ``residual`` are
    left out. The measure is this project's choice. The model is evaluated in evaluation mode and restored afterwards.

    Args:
        model: The model.
        x: Features, :math:`(|\\mathcal{V}|, F)`.
        y: Labels, -1 where unknown, :math:`(|\\mathcal{V}|,)`; they group the nodes and have no other effect.
        edge_index: See :class:`~torque_core.nn.TorqueGNN`, also for ``edge_weight`` and ``relations``.

    Returns:
        The means; NaN for a class without nodes. None if the model has only one relation.

    Raises:
        BadConfig: If the graphs do not fit the model.

    Example:
        Before training the gate of the pruned edges is closed.

        >>> from torque_core import load, rewire
        >>> from torque_core.nn import relation_graphs
        >>> data = load("karate").data
        >>> model = TorqueGNN(data.num_features, 8, 2, 4, relations=("kept", "pruned"))
        >>> graphs = relation_graphs(rewire(data), ("kept", "pruned"))
        >>> edges, weights = zip(*graphs.pop("kept"))
        >>> gates = relation_gates(model, data.x, data.y, list(edges), list(weights), relations=graphs)
        >>> gates.relations, gates.gate.shape, gates.contribution[:, 0, 0]
        (('kept', 'pruned'), torch.Size([2, 2, 4]), tensor([1., 0.]))
    """
    further = model.further_relations
    names = ("kept", *further.convs)
    if len(names) == 1:
        return None
    y = class_labels(y)
    known = y >= 0
    means: list[tuple[Tensor, Tensor]] = []

    def record(_: object, arguments: tuple[Any, ...]) -> None:
        out, layer, z, graphs, edge_attr, _generator = arguments
        gate = torch.ones(len(names), len(y), dtype=out.dtype, device=out.device)
        size = torch.zeros_like(gate)
        size[0] = out.norm(dim=1)
        for row, name in enumerate(further.convs, start=1):
            gate[row] = further.gate(name, layer, z).flatten()
            message = further.message(name, layer, z, graphs, edge_attr, None)
            if message is not None:
                size[row] = message.norm(dim=1) * gate[row].abs()
        fraction = size / size.sum(dim=0).clamp(min=torch.finfo(size.dtype).tiny)
        means.append((_class_means(gate[:, known], y[known]), _class_means(fraction[:, known], y[known])))

    hook = further.register_forward_pre_hook(record)
    try:
        with evaluating(model), torch.no_grad():
            model(x, edge_index, edge_weight, relations=relations)
    finally:
        hook.remove()
    gates, contributions = (torch.stack(part, dim=1).cpu() for part in zip(*means, strict=True))
    return RelationGates(names, gates, contributions)


def _class_means(values: Tensor, y: Tensor) -> Tensor:
    """Mean over the nodes of each class, (R, C), of values of each relation and node, (R, N)."""
    classes = int(y.max()) + 1 if len(y) else 0
    total = values.new_zeros(len(values), classes).index_add_(1, y, values)
    return total / torch.bincount(y, minlength=classes)
