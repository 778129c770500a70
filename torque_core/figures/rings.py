"""Concentric layout of a receptive field: the node in the centre, surrounded by one ring per message step."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from torque_core.diagnostics.receptive_field import ReceptiveField
from torque_core.figures.sampling import evenly_spaced

__all__ = ["Ring", "RingLayout", "ring_layout", "ring_positions"]

_STEP = 0.2  # minimum distance between two rings
_GROWTH = 0.3  # the same, as a fraction of the inner radius
_SPACING = 0.05  # minimum arc length per node
_TOP = math.pi / 2  # angle of the first node of a ring
_OVERFLOW = math.pi / 3  # angle of the arc that stands for omitted nodes


@dataclass(frozen=True)
class Ring:
    """A ring of a receptive field.

    Attributes:
        radius: Its radius.
        omitted: Number of its nodes that have no position, as there are too many.
        start: Angle at which the arc begins that stands for them, counterclockwise from the right.
        end: Angle at which it ends.
    """

    radius: float
    omitted: int = 0
    start: float = 0.0
    end: float = 0.0


@dataclass(frozen=True)
class RingLayout:
    """Positions of nodes on rings.

    Attributes:
        position: NaN for nodes without a position, :math:`(|\\mathcal{V}|, 2)`.
        rings: The rings, the innermost first, without the centre.
    """

    position: np.ndarray
    rings: tuple[Ring, ...]

    @property
    def nodes(self) -> Tensor:
        """The nodes that have a position, ascending."""
        return torch.from_numpy(np.isfinite(self.position[:, 0]).nonzero()[0])


def ring_layout(*fields: ReceptiveField, y: Tensor | None = None, most: int | None = None) -> RingLayout:
    """Place the nodes of several receptive fields of one node, such as before and after rewiring, as a radial tree.

    A node lies on the ring of its smallest number of message steps in any of the fields, so it has the same position in
    each figure. The nodes of a ring are evenly spaced: those that send to the same node of an inner ring are together,
    and among them those of the same class; each ring is turned so that they lie as close to it as possible.

    Args:
        fields: Receptive fields of the same node.
        y: Labels, :math:`(|\\mathcal{V}|,)`; by default nodes are ordered by index only.
        most: Largest number of nodes on a ring; of more, evenly spaced ones have a position. By default all have one.

    Example:
        >>> from torque_core.diagnostics import receptive_field
        >>> layout = ring_layout(receptive_field(0, [torch.tensor([[0, 0, 0], [1, 2, 3]])], 4), most=2)
        >>> layout.nodes, layout.rings[0].omitted
        (tensor([0, 1, 3]), 1)
    """
    hops = torch.stack([field.hops for field in fields])
    nearest = torch.where(hops < 0, torch.iinfo(torch.long).max, hops).min(dim=0).values
    inside = (hops >= 0).any(dim=0)
    labels = np.zeros(hops.size(1)) if y is None else y.numpy()
    position, angle = np.full((hops.size(1), 2), np.nan), np.zeros(hops.size(1))  # angles from the top
    radius, rings = 0.0, []
    for hop in torch.unique(nearest[inside]).tolist():
        ring = (inside & (nearest == hop)).nonzero().flatten().numpy()
        parent = _parent_angle(fields, nearest, hop, angle)[ring]
        ring, parent = (values[np.lexsort((ring, labels[ring], parent))] for values in (ring, parent))
        count = len(ring) if most is None else min(len(ring), most)
        crowded = count < len(ring)
        circle = 2 * math.pi - (_OVERFLOW if crowded else 0)
        drawn = evenly_spaced(len(ring), count)
        angle[ring] = circle * np.arange(len(ring)) / len(ring)
        turn = float(np.angle(np.exp(1j * (parent - angle[ring])).mean())) if hop > 1 else 0.0
        angle[ring] += turn
        if hop:  # wide enough for its nodes and outside the previous ring
            radius = max(radius + max(_STEP, _GROWTH * radius), count * _SPACING / circle)
            end = _TOP + turn + 2 * math.pi
            rings.append(Ring(radius, len(ring) - count, end - _OVERFLOW, end) if crowded else Ring(radius))
        at, towards = ring[drawn], _TOP + angle[ring[drawn]]
        position[at] = np.column_stack([radius * np.cos(towards), radius * np.sin(towards)]).round(12) + 0.0
    return RingLayout(position, tuple(rings))


def ring_positions(*fields: ReceptiveField, y: Tensor | None = None) -> np.ndarray:
    """Return the positions of :func:`ring_layout` for all nodes of the fields.

    Returns:
        :math:`(|\\mathcal{V}|, 2)`; NaN for nodes outside all of the fields.

    Example:
        >>> from torque_core.diagnostics import receptive_field
        >>> ring_positions(receptive_field(0, [torch.tensor([[0], [1]])], 3)).tolist()
        [[0.0, 0.0], [0.0, 0.2], [nan, nan]]
    """
    return ring_layout(*fields, y=y).position


def _parent_angle(fields: tuple[ReceptiveField, ...], nearest: Tensor, hop: int, angle: np.ndarray) -> np.ndarray:
    """Smallest angle of the nodes of inner rings to which each node of a ring sends, :math:`(|\\mathcal{V}|,)`."""
    smallest = np.full(len(angle), np.inf)
    for field in fields if hop else ():
        if hop > len(field.messages):
            continue
        target, source = field.messages[hop - 1]
        grows = (nearest[source] == hop) & (field.hops[target] == hop - 1)
        np.minimum.at(smallest, source[grows].numpy(), angle[target[grows].numpy()] % (2 * math.pi))
    return np.where(np.isfinite(smallest), smallest, 0.0)
