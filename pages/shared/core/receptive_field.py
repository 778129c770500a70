"""Queries about the receptive field of a node: its nodes, the nodes to draw, and the edges that changed it."""

import numpy as np
import pandas as pd
import torch

from pages.shared.core.view import View
from torque_core.diagnostics import ReceptiveField, receptive_field
from torque_core.diagnostics.fates import FATES
from torque_core.figures import receptive_field_edges, ring_layout, ring_positions
from torque_core.figures.rings import RingLayout
from torque_core.graph.pairs import undirected_pairs
from torque_core.io.tables import edge_table

__all__ = [
    "changed_edges",
    "edges_of_node",
    "neighbourhood",
    "receptive_fields",
    "rings_to_draw",
    "same_class_fraction",
]

_MAX_ON_RING = 150  # nodes
_MAX_LISTED = 500  # edges of each fate


def receptive_fields(view: View, node: int) -> tuple[ReceptiveField, ReceptiveField]:
    """Return the receptive fields of a node through the layers up to the one shown, before and after rewiring."""
    size = view.rewiring.num_nodes
    noisy = undirected_pairs(view.noisy.data.edge_index, size)
    before = receptive_field(node, [noisy] * len(view.layers), size)
    return before, receptive_field(node, [layer.rewired for layer in view.layers], size)


def neighbourhood(view: View, node: int, *, most: int) -> tuple[torch.Tensor, np.ndarray, str]:
    """Return a node with its neighbours before or after rewiring, their positions, and a note on omitted ones."""
    edges = torch.cat([view.layer.pairs, view.layer.added], dim=1)
    near = receptive_field(node, [edges], view.rewiring.num_nodes)
    drawn = torch.cat([torch.tensor([node]), near.ring(1)[:most]])
    omitted = len(near.nodes) - len(drawn)
    note = f" {omitted:,} more nodes are not drawn." if omitted else ""
    return drawn, ring_positions(near, y=view.dataset.data.y), note


def rings_to_draw(view: View, before: ReceptiveField, after: ReceptiveField) -> tuple[RingLayout, str]:
    """Return the layout of both fields, with a part of the nodes if a ring has too many, and a note in that case."""
    layout = ring_layout(before, after, y=view.dataset.data.y, most=_MAX_ON_RING)
    omitted = sum(ring.omitted for ring in layout.rings)
    if not omitted:
        return layout, ""
    count = len(layout.nodes)
    return layout, (
        f" {count:,} of {count + omitted:,} nodes are drawn; an arc counts those of its ring that are not. All numbers "
        "refer to all nodes."
    )


def same_class_fraction(field: ReceptiveField, y: torch.Tensor) -> float | None:
    """Return the fraction of the other nodes in the field that have the class of the node; None without labels."""
    others = field.nodes[field.nodes != field.node]
    others = others[y[others] >= 0]
    if not len(others) or int(y[field.node]) < 0:
        return None
    return float((y[others] == y[field.node]).float().mean())


def changed_edges(view: View, before: ReceptiveField, after: ReceptiveField) -> pd.DataFrame:
    """Return a table of the edges that carried messages to the node and are pruned, or are added and do so now."""
    factors = list(view.layer.torque.factors)
    rows = []
    for field, fate in ((before, "pruned"), (after, "added")):
        edges = receptive_field_edges(field, view.layers, view.noisy)
        edges = edges[edges.fate == FATES.index(fate)]
        steps = field.hops[edges.pairs].max(dim=0).values
        for column in range(min(len(edges), _MAX_LISTED)):
            i, j = edges.pairs[:, column].tolist()
            near, far = (i, j) if field.hops[i] < field.hops[j] else (j, i)
            numbers = [float(factor[column]) for factor in edges.torque.factors.values()]
            torque = float(edges.torque.value[column])
            product = f"{' × '.join(f'{number:.3f}' for number in numbers)} = {torque:.3f}"
            rows.append({
                "fate": fate, "step": int(steps[column]), "edge": f"{view.node_name(far)} → {view.node_name(near)}",
                "injected": "yes" if bool(edges.injected[column]) else "no",
                " × ".join(factors) + " = torque": "pruned in an earlier layer" if torque != torque else product,
                "torque": torque,
            })  # fmt: skip
    injected = ["injected"] if view.has_injected else []
    columns = ["fate", "step", "edge", *injected, " × ".join(factors) + " = torque", "torque"]
    return pd.DataFrame(rows, columns=columns).sort_values(["fate", "step", "torque"], ascending=[False, True, False])


def edges_of_node(view: View, node: int) -> pd.DataFrame:
    """Return a table of the node's edges in the layer shown, with the factors of the torque and the fate."""
    table = edge_table(view.layer, view.injected, view.dataset.data.y, view.dataset.names, view.dataset.class_names)
    table = table[(table["source"] == node) | (table["target"] == node)]
    far = table["source"].where(table["source"] != node, table["target"])
    table = table.assign(neighbour=[view.node_name(other) for other in far])
    table["class"] = table["source class"].where(table["source"] != node, table["target class"])
    injected = ["injected"] if view.has_injected else []
    columns = ["neighbour", "class", "fate", *injected, *view.layer.torque.factors, "torque"]
    return table[columns].sort_values("torque", ascending=False)
