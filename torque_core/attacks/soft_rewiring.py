"""Differentiable relaxation of rewiring, so that gradient-based attacks can account for the pruning."""

import math

import torch
from torch import Tensor, nn

from torque_core.errors import BadConfig, BadGraph
from torque_core.graph.pairs import pairs_to_edge_index, positions_among, undirected_pairs
from torque_core.graph.propagation import centred_unit
from torque_core.rewiring.record import LayerRewiring, Rewiring
from torque_core.rewiring.screening import feature_distance
from torque_core.scoring.forces import FORCES
from torque_core.scoring.layer_scorer import LayerScorer
from torque_core.scoring.levers import LEVERS

__all__ = ["SoftTorque"]

_MIN_TORQUE = 1e-6  # the logarithm of 0 is infinite


class SoftTorque(nn.Module):
    """A rewired model as a differentiable function of edge weights: pruned edges get a weight near 0.

    Hard pruning is a step function of the torque, whose gradient is zero. Here each edge of weight :math:`w_{ij}` has,
    in layer :math:`l`, the weight

    .. math::
        w^l_{ij} = w_{ij} \\, t_l(\\tau^l_{ij}) \\,
            \\sigma \\Big( \\frac{\\log \\theta_l - \\log \\tau^l_{ij}}{T} \\Big)

    where :math:`\\tau^l` is the torque on the weighted graph of layer :math:`l - 1`, :math:`t_l` the
    :class:`~torque_core.rewiring.edge_confidence.EdgeConfidence` of the cut, if it has one, and :math:`\\theta_l`
    between the highest torque that the hard rewiring kept and the lowest that it pruned. Thresholds, edge confidence,
    screening (:func:`~torque_core.rewiring.screening.screen_by_features`) and added edges are constants of that
    rewiring; :meth:`set_rewiring` replaces it. As :math:`T \\to 0`, with weights 0 and 1, this converges to the hard
    pipeline. A defence must be tested by attacks whose gradients its masks do not hide (Mujkanovic et al., NeurIPS
    2022, arXiv 2301.13694); this relaxation is this project's.

    Args:
        model: Model called like :class:`~torque_core.nn.TorqueGNN`; its backbone must support edge weights.
        rewiring: Hard rewiring of the graph, or of a similar one, which must be undirected and unweighted.
        temperature: Temperature :math:`T`, in log torque.
        known: Labels of the training nodes that the rewiring used, -1 for the other nodes,
            :math:`(|\\mathcal{V}|,)`, for the force ``energy``; None if it used none.

    Raises:
        BadConfig: If the lever or force of the rewiring is not differentiable with respect to the edges.
        BadGraph: If the rewired graph is directed or weighted.

    Example:
        >>> from torque_core import load, rewire
        >>> from torque_core.nn import TorqueGNN
        >>> from torque_core.scoring import known_labels
        >>> data = load("karate").data
        >>> model = TorqueGNN(data.num_features, 8, num_layers=2, out_channels=4)
        >>> soft = SoftTorque(model, rewire(data), known=known_labels(data))
        >>> weight = torch.ones(data.num_edges, requires_grad=True)
        >>> soft(data.x, data.edge_index, weight).sum().backward()
        >>> weight.grad.shape
        torch.Size([156])
    """

    def __init__(
        self, model: nn.Module, rewiring: Rewiring, *, temperature: float = 0.1, known: Tensor | None = None
    ) -> None:
        super().__init__()
        for registry, name in ((LEVERS, rewiring.spec.lever), (FORCES, rewiring.spec.force)):
            if not registry.properties(name).differentiable:
                raise BadConfig(
                    f"{registry.kind} {name!r} has no gradient with respect to the edges; choose one of "
                    f"{', '.join(registry.with_property('differentiable'))}"
                )
        if not temperature > 0:
            raise BadConfig(f"temperature must be greater than 0, got {temperature}")
        self.model = model
        self.temperature = temperature
        self.known = known
        self.set_rewiring(rewiring)

    def set_rewiring(self, rewiring: Rewiring) -> None:
        """Use the thresholds, edge confidence and added edges of another hard rewiring."""
        if rewiring.layers[0].direction_weight is not None:
            raise BadGraph("the rewired graph has directions or edge weights; make it undirected without weights")
        self.rewiring = rewiring
        self._log_thresholds = [_log_threshold(layer) for layer in rewiring.layers]

    def forward(self, x: Tensor, edge_index: Tensor, edge_weight: Tensor | None = None) -> Tensor:
        """Class scores (logits), :math:`(|\\mathcal{V}|, C)`.

        Args:
            x: Features, dense, :math:`(|\\mathcal{V}|, F)`.
            edge_index: Edges in both directions, :math:`(2, M)`.
            edge_weight: Edge weights in [0, 1], :math:`(M,)`; None for 1 everywhere. The weight of an edge is the mean
                of its two directions.
        """
        graph, weight, added = self._graph(edge_index, edge_weight, len(x), x.dtype)
        spec, features = self.rewiring.spec, centred_unit(x)
        current, weights = weight, []  # each (E,)
        for index, log_threshold in enumerate(self._log_thresholds):
            scorer = LayerScorer(
                features,
                graph,
                current,
                layer=index,
                lever=spec.lever,
                force=spec.force,
                product=spec.product,
                known=self.known,
                confidence=self._feature_confidence(features, graph, index),
            )
            torque = scorer(graph).value
            keep = ((log_threshold - torque.clamp(min=_MIN_TORQUE).log()) / self.temperature).sigmoid()
            edge_confidence = self.rewiring.layers[index].cut.edge_confidence
            if edge_confidence is not None and spec.weight_by_confidence:
                keep = keep * edge_confidence(torque)
            kept = keep * (current if spec.hierarchy == "nested" else weight)
            current = kept + added[index] * (1 - kept)
            weights.append(current.repeat(2))
        return self.model(x, [pairs_to_edge_index(graph)] * len(weights), weights)

    def _feature_confidence(self, features: Tensor, graph: Tensor, index: int) -> Tensor | None:
        """Confidence of the edges of a layer, estimated from features by the curve of the hard rewiring, (E,)."""
        curve = self.rewiring.layers[index].screening
        return None if curve is None else curve(feature_distance(features, graph))

    def _graph(
        self, edge_index: Tensor, edge_weight: Tensor | None, num_nodes: int, dtype: torch.dtype
    ) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Pairs that are an edge in some layer, (2, E), their input weights, (E,), and the added weights per layer."""
        layers = self.rewiring.layers
        graph = undirected_pairs(torch.cat([edge_index, *(layer.added for layer in layers)], dim=1), num_nodes)
        if edge_weight is None:
            edge_weight = torch.ones_like(edge_index[0], dtype=dtype)
        no_loop = edge_index[0] != edge_index[1]
        position = positions_among(edge_index[:, no_loop].sort(dim=0).values, graph, num_nodes)
        zeros = torch.zeros_like(graph[0], dtype=dtype)
        total = zeros.index_add(0, position, edge_weight[no_loop].to(dtype))
        directions = zeros.index_add(0, position, torch.ones_like(position, dtype=dtype)).clamp(min=1)
        added = [
            zeros.index_fill(0, positions_among(layer.added, graph, num_nodes), float(layer.usual_weight))
            for layer in layers
        ]
        return graph, total / directions, added


def _log_threshold(layer: LayerRewiring) -> float:
    """Threshold in log torque, midway between two torques, so that rounding moves no edge across it."""
    logs = layer.torque.value.clamp(min=_MIN_TORQUE).log()
    if not bool(layer.pruned_mask.any()):
        return math.inf
    if bool(layer.pruned_mask.all()):
        return -math.inf
    return float(logs[~layer.pruned_mask].max() + logs[layer.pruned_mask].min()) / 2
