"""Concentric layout of a receptive field: the node in the centre, surrounded by one ring per message step."""

import math

import numpy as np
import torch

from torque_core.diagnostics.receptive_field import ReceptiveField

__all__ = ["ring_positions"]

_STEP = 0.2  # minimum distance between two rings
_SPACING = 0.05  # minimum arc length per node


def ring_positions(*fields: ReceptiveField) -> np.ndarray:
    """Compute node positions shared by several receptive fields of one node, such as before and after rewiring.

    A node lies on the ring of its smallest number of message steps in any of the fields, so it has the same position in
    each figure. The nodes of a ring are evenly spaced in the order of their indices.

    Args:
        fields: Receptive fields of the same node.

    Returns:
        :math:`(|\\mathcal{V}|, 2)`; NaN for nodes outside all of the fields.

    Example:
        >>> from torque_core.diagnostics import receptive_field
        >>> ring_positions(receptive_field(0, [torch.tensor([[0], [1]])], 3)).tolist()
        [[0.0, 0.0], [0.0, 0.2], [nan, nan]]
    """
    hops = torch.stack([field.hops for field in fields])
    nearest = torch.where(hops < 0, torch.iinfo(torch.long).max, hops).min(dim=0).values
    inside = (hops >= 0).any(dim=0)
    position = np.full((hops.size(1), 2), np.nan)
    radius = 0.0
    for hop in torch.unique(nearest[inside]).tolist():
        ring = (inside & (nearest == hop)).nonzero().flatten().numpy()
        angle = math.pi / 2 + 2 * math.pi * np.arange(len(ring)) / len(ring)
        if hop:  # wide enough for its nodes and outside the previous ring
            radius = max(radius + _STEP, len(ring) * _SPACING / (2 * math.pi))
        position[ring] = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)]).round(12) + 0.0
    return position
