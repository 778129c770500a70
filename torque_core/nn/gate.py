"""A gate for every layer that learns which torque is too much."""

import math
from dataclasses import replace

import torch
from torch import Tensor, nn

from torque_core.graph.pairs import pairs_to_edge_index
from torque_core.rewiring.record import LayerRewiring, Rewiring

__all__ = ["TorqueGate"]

_LOWEST = 1e-6  # of torques: zero has no logarithm
_NARROWEST = 0.1  # of the slopes' widths in log torque


class TorqueGate(nn.Module):
    """Keep each edge and each proposed link of layer :math:`l` with a probability that falls with its torque.

    .. math::
        p_{ij} = \\sigma \\Big( \\frac{\\theta_l - \\log \\tau_{ij}}{s_l} \\Big)

    with a threshold :math:`\\theta_l` and a width :math:`s_l` for the edges of each layer, and others for its
    additions. In training every edge is drawn afresh, kept or not (Gumbel-softmax for two outcomes: logistic noise of
    scale :math:`s_l` against the threshold); gradients are those of the sigmoid (straight-through; Bengio et al.,
    arXiv 1308.3432; Jang et al., ICLR 2017). In evaluation what is likelier kept than not is kept. The paper learns by
    Bernoulli sampling which links to take; this form of it is this project's choice.

    The thresholds start where the rewiring cut, between the highest torque that stays and the lowest that goes, or
    above the highest torque if it cut nothing; the widths at half a standard deviation of the log torques, which is a
    tenth at least.

    Args:
        rewiring: The judged edges, their torques and the proposed links.

    Example:
        >>> from torque_core import load, rewire
        >>> from torque_core.rewiring.spec import RewireSpec
        >>> gate = TorqueGate(rewire(load("karate").data, RewireSpec(cut="bernoulli")))
        >>> edge_indices, edge_weights = gate()
        >>> edge_indices[0].shape, edge_weights[0].shape
        (torch.Size([2, 156]), torch.Size([156]))
    """

    def __init__(self, rewiring: Rewiring) -> None:
        super().__init__()
        starts = [[_start(part, bar) for part, bar in _parts(layer)] for layer in rewiring.layers]
        self.threshold = nn.Parameter(torch.tensor([[start[0] for start in row] for row in starts]))
        """:math:`\\theta`, of the edges and of the additions of each layer, (L, 2)."""
        self.log_width = nn.Parameter(torch.tensor([[start[1] for start in row] for row in starts]).log())
        """:math:`\\log s`, (L, 2)."""
        self.look_at(rewiring)

    def look_at(self, rewiring: Rewiring) -> None:
        """Gate the edges of another rewiring, with the thresholds learned so far."""
        self.rewiring = rewiring

    def forward(self) -> tuple[list[Tensor], list[Tensor]]:
        """Edges and weights for each layer of :class:`~torque_core.nn.TorqueGNN`.

        Returns:
            Each layer's ``edge_index``, judged edges and proposals in both directions, :math:`(2, M)`, and their
            weights, :math:`(M,)`: 1 if kept, 0 if not, times the weight of the edge if it has one.
        """
        edge_indices, edge_weights = [], []
        for index, layer in enumerate(self.rewiring.layers):
            pairs = torch.cat([layer.pairs, layer.added], dim=1)
            kept = torch.cat([self._keep(index, part, torque) for part, (torque, _) in enumerate(_parts(layer))])
            weight = kept.expand(2, -1)
            if layer.direction_weight is not None:
                weight = weight * torch.cat(
                    [layer.direction_weight, layer.usual_weight.expand(2, layer.added.size(1))], dim=1
                )
            edge_indices.append(pairs_to_edge_index(pairs))
            edge_weights.append(weight.flatten())
        return edge_indices, edge_weights

    def _keep(self, layer: int, part: int, torque: Tensor) -> Tensor:
        """1 for each link that is kept, 0 for the others; in training with a gradient, (P,)."""
        distance = self._distance(layer, part, torque)
        if not self.training:
            return (distance >= 0).to(distance.dtype)
        uniform = torch.rand_like(distance).clamp(1e-6, 1 - 1e-6)
        soft = (distance + uniform.logit()).sigmoid()
        hard = (soft >= 0.5).to(soft.dtype)
        return hard + (soft - soft.detach())

    def _distance(self, layer: int, part: int, torque: Tensor) -> Tensor:
        """How far below the threshold each link is, in widths, (P,)."""
        width = self.log_width[layer, part].exp()
        return (self.threshold[layer, part] - torque.clamp(min=_LOWEST).log()) / width

    @torch.no_grad()
    def record(self) -> Rewiring:
        """The rewiring that the thresholds stand for by now: what is kept in evaluation."""
        layers = []
        for index, layer in enumerate(self.rewiring.layers):
            gone, kept = (self._distance(index, part, torque) for part, (torque, _) in enumerate(_parts(layer)))
            pruned, kept = layer.torque.value[gone < 0], kept >= 0
            cut = layer.recut(float(pruned.min()) if len(pruned) else math.inf, "Learned in training.")
            layers.append(replace(cut, added=layer.added[:, kept], added_torque=layer.added_torque[kept]))
        return replace(self.rewiring, layers=tuple(layers))


def _parts(layer: LayerRewiring) -> tuple[tuple[Tensor, float], tuple[Tensor, float]]:
    """Torques of the judged edges and of the proposals, each with the bar they start at."""
    return (layer.torque.value, layer.cut.threshold), (layer.added_torque.value, torch.inf)


def _start(torque: Tensor, bar: float) -> tuple[float, float]:
    """Threshold in log torque, and width."""
    logs = torque.clamp(min=_LOWEST).log()
    width = max(float(logs.std()) / 2, _NARROWEST) if len(logs) > 1 else _NARROWEST
    stay, go = logs[torque < bar], logs[torque >= bar]
    if not len(go):
        return (float(stay.max()) if len(stay) else 0.0) + 2 * width, width
    # between two torques, so that rounding cannot move an edge across
    return (float(stay.max() + go.min()) / 2 if len(stay) else float(go.min()) - 2 * width), width
