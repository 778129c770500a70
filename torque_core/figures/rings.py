"""One node's receptive field as rings: the node in the middle, who is heard after one message step around it, ..."""

import math

import numpy as np
import torch

from torque_core.diagnostics.receptive_field import ReceptiveField

__all__ = ["ring_positions"]

_STEP = 0.2  # between two rings
_ROOM = 0.05  # along a ring, for each node


def ring_positions(*fields: ReceptiveField) -> np.ndarray:
    """Positions that serve several receptive fields of one node, such as before and after rewiring.

    A node stands on the ring of the fewest steps that it has in any of the fields, so it does not move from one
    picture to the other. Nodes of a ring are spread evenly, in the order of their numbers.

    Returns:
        :math:`(|\\mathcal{V}|, 2)`; NaN where a node is heard in none of the fields.

    Example:
        >>> from torque_core.diagnostics import receptive_field
        >>> ring_positions(receptive_field(0, [torch.tensor([[0], [1]])], 3)).tolist()
        [[0.0, 0.0], [0.0, 0.2], [nan, nan]]
    """
    hops = torch.stack([field.hops for field in fields])
    nearest = torch.where(hops < 0, torch.iinfo(torch.long).max, hops).min(dim=0).values
    heard = (hops >= 0).any(dim=0)
    position = np.full((hops.size(1), 2), np.nan)
    radius = 0.0
    for hop in torch.unique(nearest[heard]).tolist():
        ring = (heard & (nearest == hop)).nonzero().flatten().numpy()
        angle = math.pi / 2 + 2 * math.pi * np.arange(len(ring)) / len(ring)
        if hop:  # wide enough for its nodes, and clear of the ring inside
            radius = max(radius + _STEP, len(ring) * _ROOM / (2 * math.pi))
        position[ring] = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]).round(12) + 0.0
    return position
