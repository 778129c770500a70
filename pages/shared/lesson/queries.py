"""Queries of the lesson: the chosen edge, the neighbours of a node, and its receptive field."""

import torch

from pages.shared.core.view import View
from pages.shared.state.selection import selection
from torque_core.diagnostics import ReceptiveField, receptive_field

__all__ = ["chosen_edge", "neighbours", "ranked_edges", "receptive_fields"]


def ranked_edges(view: View) -> list[tuple[int, int]]:
    """The edges of the layer, sorted by decreasing torque."""
    order = view.layer.torque.value.argsort(descending=True, stable=True)
    return [(i, j) for i, j in view.layer.pairs[:, order].T.tolist()]


def chosen_edge(view: View) -> tuple[tuple[int, int], int]:
    """The first selected edge, or else the edge with the highest torque, and its column in the layer's pairs."""
    columns = {(i, j): column for column, (i, j) in enumerate(view.layer.pairs.T.tolist())}
    edge = next((edge for edge in selection().edges if edge in columns), None) or ranked_edges(view)[0]
    return edge, columns[edge]


def neighbours(view: View, node: int) -> torch.Tensor:
    """The neighbours of a node in the noisy graph."""
    return receptive_field(node, [view.layer.pairs], view.rewiring.num_nodes).ring(1)


def receptive_fields(view: View, node: int) -> tuple[ReceptiveField, ReceptiveField]:
    """The receptive field of a node through the layers up to the one shown, before and after rewiring."""
    layers, size = view.layers, view.rewiring.num_nodes
    before = receptive_field(node, [layers[0].pairs] * len(layers), size)
    return before, receptive_field(node, [layer.rewired for layer in layers], size)
