"""Learned torque thresholds for pruning and adding edges."""

import math
from dataclasses import replace

import torch
from torch import Tensor, nn

from torque_core.graph.pairs import pairs_to_edge_index
from torque_core.rewiring.record import LayerRewiring, Rewiring

__all__ = ["TorqueGate"]

_MIN_TORQUE = 1e-6  # the logarithm of 0 is infinite
_MIN_WIDTH = 0.1  # in log torque


class TorqueGate(nn.Module):
    """Keep each edge and each candidate edge of layer :math:`l` with a probability that decreases with its torque.

    .. math::
        p_{ij} = \\sigma \\Big( \\frac{\\theta_l - \\log \\tau_{ij}}{s_l} \\Big)

    with a threshold :math:`\\theta_l` and a width :math:`s_l` for the edges of each layer, and separate ones for its
    candidate edges. In training mode each edge is sampled at every call (Gumbel-softmax with two outcomes: logistic
    noise of scale :math:`s_l` against the threshold), with the gradients of the sigmoid (straight-through estimator;
    Bengio et al., arXiv 1308.3432; Jang et al., ICLR 2017). In evaluation mode edges with a probability of at least 1/2
    are kept. The paper learns the added edges by Bernoulli sampling; this form of it is this project's choice.

    The thresholds are initialised between the highest torque that the rewiring kept and the lowest that it pruned, or
    above the highest torque if it pruned nothing; the widths to half the standard deviation of the log torques, at
    least 0.1.

    Args:
        rewiring: Scored edges, their torques and the candidate edges.

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
        starts = [[_start(torque, threshold) for torque, threshold in _parts(layer)] for layer in rewiring.layers]
        self.threshold = nn.Parameter(torch.tensor([[start[0] for start in row] for row in starts]))
        """Thresholds :math:`\\theta` of the edges and the candidate edges of each layer, (L, 2)."""
        self.log_width = nn.Parameter(torch.tensor([[start[1] for start in row] for row in starts]).log())
        """Logarithms of the widths :math:`s`, (L, 2)."""
        self.set_rewiring(rewiring)

    def set_rewiring(self, rewiring: Rewiring) -> None:
        """Apply the thresholds learned so far to the edges of another rewiring."""
        self.rewiring = rewiring

    def forward(self, *, generator: torch.Generator | None = None) -> tuple[list[Tensor], list[Tensor]]:
        """Edges and edge weights for each layer of :class:`~torque_core.nn.TorqueGNN`.

        Args:
            generator: Generator of the samples in training mode, on the device of the torques; None for torch's global
                one.

        Returns:
            ``edge_index`` of each layer, with scored and candidate edges in both directions, :math:`(2, M)`, and their
            weights, :math:`(M,)`: 1 if kept, else 0, times the weight of the edge in a weighted graph.
        """
        edge_indices, edge_weights = [], []
        for index, layer in enumerate(self.rewiring.layers):
            pairs = torch.cat([layer.pairs, layer.added], dim=1)
            kept = torch.cat(
                [self._keep(index, part, torque, generator) for part, (torque, _) in enumerate(_parts(layer))]
            )
            weight = kept.expand(2, -1)
            if layer.direction_weight is not None:
                weight = weight * torch.cat(
                    [layer.direction_weight, layer.usual_weight.expand(2, layer.added.size(1))], dim=1
                )
            edge_indices.append(pairs_to_edge_index(pairs))
            edge_weights.append(weight.flatten())
        return edge_indices, edge_weights

    def _keep(self, layer: int, part: int, torque: Tensor, generator: torch.Generator | None) -> Tensor:
        """1 for each edge that is kept, 0 for the others, with a gradient in training mode, (P,)."""
        distance = self._distance(layer, part, torque)
        if not self.training:
            return (distance >= 0).to(distance.dtype)
        uniform = torch.empty_like(distance).uniform_(generator=generator).clamp(1e-6, 1 - 1e-6)
        soft = (distance + uniform.logit()).sigmoid()
        hard = (soft >= 0.5).to(soft.dtype)
        return hard + (soft - soft.detach())

    def _distance(self, layer: int, part: int, torque: Tensor) -> Tensor:
        """Distance of each log torque below the threshold, in units of the width, (P,)."""
        width = self.log_width[layer, part].exp()
        return (self.threshold[layer, part] - torque.clamp(min=_MIN_TORQUE).log()) / width

    @torch.no_grad()
    def record(self) -> Rewiring:
        """Return the rewiring at the current thresholds, as applied in evaluation mode."""
        layers = []
        for index, layer in enumerate(self.rewiring.layers):
            edges, candidates = (self._distance(index, part, torque) for part, (torque, _) in enumerate(_parts(layer)))
            pruned, added = layer.torque.value[edges < 0], candidates >= 0
            cut = layer.recut(float(pruned.min()) if len(pruned) else math.inf, "Learned in training.")
            layers.append(replace(cut, added=layer.added[:, added], added_torque=layer.added_torque[added]))
        return replace(self.rewiring, layers=tuple(layers))


def _parts(layer: LayerRewiring) -> tuple[tuple[Tensor, float], tuple[Tensor, float]]:
    """Torques of the scored edges and of the candidate edges, each with the initial threshold."""
    return (layer.torque.value, layer.cut.threshold), (layer.added_torque.value, torch.inf)


def _start(torque: Tensor, threshold: float) -> tuple[float, float]:
    """Initial threshold in log torque, and initial width."""
    logs = torque.clamp(min=_MIN_TORQUE).log()
    width = max(float(logs.std()) / 2, _MIN_WIDTH) if len(logs) > 1 else _MIN_WIDTH
    kept, pruned = logs[torque < threshold], logs[torque >= threshold]
    if not len(pruned):
        return (float(kept.max()) if len(kept) else 0.0) + 2 * width, width
    # midway between two torques, so that rounding cannot move an edge across
    return (float(kept.max() + pruned.min()) / 2 if len(kept) else float(pruned.min()) - 2 * width), width
