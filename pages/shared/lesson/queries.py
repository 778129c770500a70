"""What a step of the lesson looks at, asked of the core: an edge, a node's neighbours, its receptive field."""

import torch

from pages.shared.core.view import View
from pages.shared.state.selection import selection
from torque_core.diagnostics import ReceptiveField, receptive_field

__all__ = ["chosen_edge", "fields", "neighbours", "ranked_edges"]


def ranked_edges(view: View) -> list[tuple[int, int]]:
    """The edges that the layer judged, those of highest torque first."""
    order = view.layer.torque.value.argsort(descending=True, stable=True)
    return [(i, j) for i, j in view.layer.pairs[:, order].T.tolist()]


def chosen_edge(view: View) -> tuple[tuple[int, int], int]:
    """The edge that is selected, the first if there are several, else that of highest torque; and its column."""
    columns = {(i, j): column for column, (i, j) in enumerate(view.layer.pairs.T.tolist())}
    edge = next((edge for edge in selection().edges if edge in columns), None) or ranked_edges(view)[0]
    return edge, columns[edge]


def neighbours(view: View, node: int) -> torch.Tensor:
    """The nodes that a node listens to in the noisy graph."""
    return receptive_field(node, [view.layer.pairs], view.rewiring.num_nodes).ring(1)


def fields(view: View, node: int) -> tuple[ReceptiveField, ReceptiveField]:
    """Whom a node hears through all layers: over the noisy graph, and over the layers' own."""
    layers, size = view.rewiring.layers, view.rewiring.num_nodes
    before = receptive_field(node, [layers[0].pairs] * len(layers), size)
    return before, receptive_field(node, [layer.rewired for layer in layers], size)
